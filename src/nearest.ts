// The known word that a mistyped one was probably meant to be.

/** More slips than these are another word, however long it is. */
const MAX_SLIPS = 3

/** Of a word and its other forms, as `country` and `countries` are, so many letters are the same at the beginning. */
const STEM = 5

/** The nearest of `known` by edit distance, if it is near enough to be a slip of the finger, or another form of the word. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let min = Math.min(MAX_SLIPS, Math.max(2, Math.floor(word.length / 3))) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < min) {
      best = candidate
      min = distance
    }
  }
  const stem = word.slice(0, STEM).toLowerCase()
  return best ?? (stem.length < STEM ? undefined : known.find((it) => it.toLowerCase().startsWith(stem)))
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
}
