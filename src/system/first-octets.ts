// Looks at how a stream begins before any of it goes on, because it may be something else than was expected.

/**
 * The octets of a stream as they are.
 *
 * @param count how many octets are enough; of a shorter stream all are looked at
 * @param look is given the first ones, or more; what it throws ends the stream
 * @throws {Error} of `look`, and of the stream.
 */
export async function* onceLookedAt(
  stream: AsyncIterable<Buffer>,
  count: number,
  look: (first: Buffer) => void,
): AsyncGenerator<Buffer, void, undefined> {
  let first: Buffer | null = Buffer.alloc(0)
  for await (const piece of stream) {
    if (first === null) {
      yield piece
      continue
    }
    first = Buffer.concat([first, piece])
    if (first.length < count) continue
    look(first)
    yield first
    first = null
  }
  if (first === null) return
  look(first)
  yield first
}
