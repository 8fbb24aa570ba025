// Help for narrow terminals: sentences are folded at blanks, not by the terminal within words.

/**
 * Folds the paragraphs that have a line which is too long; commands and tables, which begin with blanks, stay as they are.
 *
 * @param width characters of a line; null where nothing is folded
 */
export function folded(text: string, width: number | null): string {
  if (width === null) return text
  const paragraphs: string[][] = []
  let isProse = false
  for (const line of text.split('\n')) {
    const isMore = isProse && /^\S/.test(line)
    isProse = /^\S/.test(line)
    if (isMore) paragraphs[paragraphs.length - 1].push(line)
    else paragraphs.push([line])
  }
  return paragraphs
    .flatMap((lines) =>
      /^\S/.test(lines[0]) && lines.some((line) => line.length > width)
        ? filled(lines.join(' '), width)
        : lines,
    )
    .join('\n')
}

function filled(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    if (last >= 0 && lines[last].length + 1 + word.length <= width) lines[last] += ` ${word}`
    else lines.push(word)
  }
  return lines
}
