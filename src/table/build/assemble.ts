// Lays the parts of a table out in one buffer, as src/table/layout.ts draws it.

import { headerOf } from '../header.ts'
import { HEADER, HEADER_WORDS, RECORD_SHIFT } from '../layout.ts'
import type { Steps } from '../steps.ts'
import { fineIndex, highBitsIndex } from './step-index.ts'

/** The parts of a table. */
export interface Sections {
  readonly v4: Steps
  readonly v6: Steps
  readonly asNumbers: Uint32Array
  readonly asRecords: Uint32Array
  readonly records: Uint32Array
  readonly strings: Uint8Array
  readonly metadata: Uint8Array
}

/** Offsets have 32 bits. */
const MAX_OCTETS = 2 ** 32 - 1

/** One buffer with a header and all sections. */
export function assemble(sections: Sections): SharedArrayBuffer {
  const { v4, v6, asNumbers, asRecords, records, strings, metadata } = sections
  const v6Index = fineIndex(v6)
  const lowSteps = stepsWithLowWords(v6)
  const header = headerOf({
    v4Count: v4.count,
    v6Count: v6.count,
    v6SlotCount: v6Index.slots.length,
    v6LowCount: lowSteps.length,
    asCount: asNumbers.length,
    recordCount: records.length >> RECORD_SHIFT,
    stringsLength: strings.length,
    metadataLength: metadata.length,
  })

  if (header[HEADER.byteLength] > MAX_OCTETS) throw new RangeError('it would have more than 4 GB')
  const buffer = new SharedArrayBuffer(header[HEADER.byteLength])
  const wordsAt = (section: number, length: number): Uint32Array =>
    new Uint32Array(buffer, header[section], length)
  const putWords = (section: number, words: Uint32Array): void => wordsAt(section, words.length).set(words)
  new Uint32Array(buffer, 0, HEADER_WORDS).set(header)
  putWords(HEADER.v4Index, highBitsIndex(v4))
  putWords(HEADER.v4Starts, v4.starts)
  putWords(HEADER.v4Entries, v4.values)
  putWords(HEADER.v6Groups, v6Index.groups)
  putWords(HEADER.v6Slots, v6Index.slots)
  splitStarts(v6, wordsAt(HEADER.v6Starts, v6.count * 2))
  putWords(HEADER.v6LowSteps, lowSteps)
  splitLowWords(v6, lowSteps, wordsAt(HEADER.v6LowWords, lowSteps.length * 2))
  putWords(HEADER.v6Entries, v6.values)
  putWords(HEADER.asNumbers, asNumbers)
  putWords(HEADER.asRecords, asRecords)
  putWords(HEADER.records, records)
  new Uint8Array(buffer, header[HEADER.strings], strings.length).set(strings)
  new Uint8Array(buffer, header[HEADER.metadata], metadata.length).set(metadata)
  return buffer
}

/** The numbers of the IPv6 steps whose third or fourth word isn't zero. */
function stepsWithLowWords({ count, starts }: Steps): Uint32Array {
  const found: number[] = []
  for (let step = 0; step < count; step++) {
    if ((starts[step * 4 + 2] | starts[step * 4 + 3]) !== 0) found.push(step)
  }
  return Uint32Array.from(found)
}

/** The first two words of IPv6 starts as two arrays behind each other. */
function splitStarts({ count, starts }: Steps, words: Uint32Array): void {
  for (let step = 0; step < count; step++) {
    words[step] = starts[step * 4]
    words[count + step] = starts[step * 4 + 1]
  }
}

/** The last two words of the starts of some steps as two arrays behind each other. */
function splitLowWords({ starts }: Steps, steps: Uint32Array, words: Uint32Array): void {
  for (let i = 0; i < steps.length; i++) {
    words[i] = starts[steps[i] * 4 + 2]
    words[steps.length + i] = starts[steps[i] * 4 + 3]
  }
}
