// Takes verdicts from a stream: reads them, and has them learned in batches, each of them at most a second after it came.

import type { Learner } from './learner.ts'
import { linesOf } from './lines.ts'
import type { Reader, ReaderOptions } from './readers/reader.ts'
import { Seen } from './seen.ts'
import type { Reading } from './verdict.ts'

/** Verdicts that are learned at once. */
const BATCH = 20_000

/** Milliseconds after which those that came are learned, however few. */
const WAIT_MS = 1000

/** The most octets of a message; what stands behind them says nothing of where it came from. */
const MAX_WHOLE = 1 << 20

/**
 * Reads a stream to its end and learns what it holds.
 *
 * @param options asked anew for each piece, since time passes
 * @returns what it had to do with the format
 * @throws {Error} of the stream; {AsnzoneError} when what was learned can't be written.
 */
export async function learnFrom(
  stream: AsyncIterable<Buffer>,
  reader: Reader,
  options: () => ReaderOptions,
  learner: Learner,
): Promise<Seen> {
  const seen = new Seen(reader)
  let waiting: Reading[] = []
  let failure: unknown = null
  const learn = (): void => {
    const batch = waiting
    waiting = []
    learner.learn(batch)
  }
  const learnWaiting = (): void => {
    try {
      learn()
    } catch {
      // The disk is full, say, which is not what ended it.
    }
  }
  // A log that is followed may bring nothing for hours after a line.
  const timer = setInterval(() => {
    try {
      learn()
    } catch (error) {
      failure ??= error
    }
  }, WAIT_MS)
  try {
    for await (const lines of reader.reads === 'lines' ? linesOf(stream) : wholeOf(stream)) {
      if (failure !== null) throw failure
      const current = options()
      for (const line of lines) {
        const reading = reader.read(line, current)
        seen.note(line, reading, current.now)
        if (reading !== null && waiting.push(reading) >= BATCH) learn()
      }
    }
    if (failure !== null) throw failure
    learn()
    return seen
  } catch (error) {
    // What came before the stream failed is as good as ever; why it failed is told.
    if (failure === null) learnWaiting()
    throw error
  } finally {
    clearInterval(timer)
  }
}

/** All of a stream as one text, as far as it is looked at. */
async function* wholeOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  const pieces: Buffer[] = []
  let octets = 0
  for await (const piece of stream) {
    if (octets >= MAX_WHOLE) continue
    pieces.push(piece)
    octets += piece.length
  }
  yield [Buffer.concat(pieces).subarray(0, MAX_WHOLE).toString()]
}
