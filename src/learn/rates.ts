// How much spam a score finds, for each share of ham that it may hit: points of its ROC curve.

/** What `detectionRates` tells. */
export interface Rates {
  /** The share of spam, from 0 to 1, that is found with no more ham than each share that was asked for. */
  readonly found: readonly number[]
  /** The area under the curve: 0.5 for a score that says nothing, 1 for one that is always right. */
  readonly area: number
}

/**
 * Judges scores.
 *
 * @param scores the higher, the more like spam
 * @param isSpam 1 for spam, 0 for ham, of each score
 * @param allowed shares of ham in per cent
 */
export function detectionRates(scores: Float32Array, isSpam: Uint8Array, allowed: readonly number[]): Rates {
  const order = Uint32Array.from(scores, (_, at) => at).sort((a, b) => scores[b] - scores[a])
  const spam = isSpam.reduce((sum, one) => sum + one, 0)
  const ham = scores.length - spam
  const found = allowed.map(() => 0)
  if (spam === 0 || ham === 0) return { found, area: 0.5 }
  let [spamSoFar, hamSoFar, area] = [0, 0, 0]
  for (let at = 0; at < order.length; ) {
    // Those of one score are found together: a threshold doesn't part them.
    const score = scores[order[at]]
    const [spamBefore, hamBefore] = [spamSoFar, hamSoFar]
    for (; at < order.length && scores[order[at]] === score; at++) {
      if (isSpam[order[at]] === 1) spamSoFar++
      else hamSoFar++
    }
    area += (hamSoFar - hamBefore) * (spamBefore + spamSoFar) * 0.5
    allowed.forEach((percent, which) => {
      if (hamSoFar <= (percent / 100) * ham) found[which] = spamSoFar / spam
    })
  }
  return { found, area: area / (spam * ham) }
}
