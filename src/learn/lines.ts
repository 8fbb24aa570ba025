// Lines of a stream of octets, in pieces as they come: what is read of a log of any size takes the memory of one piece.

/** A line that is longer is none: only its beginning is kept, and it is told as the empty text that no format knows. */
export const MAX_LINE = 64 << 10

/** What stands for a line that is too long. */
export const TOO_LONG = '\0'

/** The lines of each piece of a stream. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let isTooLong = false
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (isTooLong && lines.length > 0) {
      lines[0] = TOO_LONG
      isTooLong = false
    }
    if (isTooLong || rest.length > MAX_LINE) {
      isTooLong = true
      rest = ''
    }
    if (lines.length > 0) yield lines.map(asLine)
  }
  rest += decoder.decode()
  if (isTooLong) yield [TOO_LONG]
  else if (rest !== '') yield [asLine(rest)]
}

function asLine(line: string): string {
  if (line.length > MAX_LINE) return TOO_LONG
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
