// Verdicts for a replay: those that were kept, or those of a file, in the order of time.

import { readSender } from './address.ts'
import type { Sample } from './check.ts'
import { linesOf } from './lines.ts'
import type { Reader, ReaderOptions } from './readers/reader.ts'
import type { LearnState } from './state.ts'

/** The most verdicts that are replayed: the newest, some 200 MB. */
const MAX_SAMPLES = 1_000_000

/** Whether an address teaches nothing by the settings of today. */
type IsLeftOut = (words: ArrayLike<number>) => boolean

/** The newest verdicts that the state has kept. */
export function keptSamples(state: LearnState, isLeftOut: IsLeftOut): Sample[] {
  return state.kept(MAX_SAMPLES).flatMap(({ time, address, spam, weight }) => {
    const sender = readSender(address)
    return sender === null || isLeftOut(sender.words)
      ? []
      : [{ time, address, words: sender.words, spam, weight }]
  })
}

/**
 * The verdicts of a stream of lines, the last ones where there are too many.
 *
 * @throws {Error} of the stream
 */
export async function readSamples(
  stream: AsyncIterable<Buffer>,
  reader: Reader,
  options: ReaderOptions,
  isLeftOut: IsLeftOut,
): Promise<Sample[]> {
  let samples: Sample[] = []
  for await (const lines of linesOf(stream)) {
    for (const line of lines) {
      const reading = reader.read(line, options)
      if (reading === null || 'ignored' in reading) continue
      const { time, address, spam, weight } = reading
      const sender = readSender(address)
      if (sender === null || isLeftOut(sender.words)) continue
      samples.push({ time, address, words: sender.words, spam, weight })
    }
    if (samples.length > 2 * MAX_SAMPLES) samples = samples.slice(-MAX_SAMPLES)
  }
  return samples.slice(-MAX_SAMPLES).sort((a, b) => a.time - b.time)
}
