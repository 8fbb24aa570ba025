// Lays the parts of a table out in one buffer, as src/table/layout.ts draws it.

import { headerOf } from '../header.ts'
import type { IntervalMap } from '../interval-map.ts'
import { HEADER, HEADER_WORDS, RECORD_SHIFT } from '../layout.ts'
import { fineIndex, highBitsIndex } from './interval-index.ts'

/** The parts of a table. */
export interface Sections {
  readonly v4: IntervalMap
  readonly v6: IntervalMap
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
  const lowIntervals = stepsWithLowWords(v6)
  const header = headerOf({
    v4Count: v4.count,
    v6Count: v6.count,
    v6SlotCount: v6Index.slots.length,
    v6LowCount: lowIntervals.length,
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
  putWords(HEADER.v6LowIntervals, lowIntervals)
  splitLowWords(v6, lowIntervals, wordsAt(HEADER.v6LowWords, lowIntervals.length * 2))
  putWords(HEADER.v6Entries, v6.values)
  putWords(HEADER.asNumbers, asNumbers)
  putWords(HEADER.asRecords, asRecords)
  putWords(HEADER.records, records)
  new Uint8Array(buffer, header[HEADER.strings], strings.length).set(strings)
  new Uint8Array(buffer, header[HEADER.metadata], metadata.length).set(metadata)
  return buffer
}

/** The numbers of the IPv6 intervals whose third or fourth word isn't zero. */
function stepsWithLowWords({ count, starts }: IntervalMap): Uint32Array {
  const found: number[] = []
  for (let interval = 0; interval < count; interval++) {
    if ((starts[interval * 4 + 2] | starts[interval * 4 + 3]) !== 0) found.push(interval)
  }
  return Uint32Array.from(found)
}

/** The first two words of IPv6 starts as two arrays, one after the other. */
function splitStarts({ count, starts }: IntervalMap, words: Uint32Array): void {
  for (let interval = 0; interval < count; interval++) {
    words[interval] = starts[interval * 4]
    words[count + interval] = starts[interval * 4 + 1]
  }
}

/** The last two words of the starts of some intervals as two arrays, one after the other. */
function splitLowWords({ starts }: IntervalMap, intervals: Uint32Array, words: Uint32Array): void {
  for (let i = 0; i < intervals.length; i++) {
    words[i] = starts[intervals[i] * 4 + 2]
    words[intervals.length + i] = starts[intervals[i] * 4 + 3]
  }
}
