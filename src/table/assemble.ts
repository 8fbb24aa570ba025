// Lays the parts of a table out in one buffer, as src/table/layout.ts draws it.

import { FORMAT_VERSION, HEADER, HEADER_WORDS, INDEX_LENGTH, MAGIC, RECORD_SHIFT } from './layout.ts'
import { fineIndex, highBitsIndex } from './step-index.ts'
import type { Steps } from './steps.ts'

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

/** One buffer with a header and all sections. */
export function assemble(sections: Sections): SharedArrayBuffer {
  const { v4, v6, asNumbers, asRecords, records, strings, metadata } = sections
  let byteLength = HEADER_WORDS * 4
  const place = (octets: number): number => {
    const offset = byteLength
    byteLength = (byteLength + octets + 7) & ~7
    return offset
  }
  const header = new Uint32Array(HEADER_WORDS)
  header[HEADER.magic] = MAGIC
  header[HEADER.formatVersion] = FORMAT_VERSION
  header[HEADER.v4Count] = v4.count
  header[HEADER.v4Index] = place(INDEX_LENGTH * 4)
  header[HEADER.v4Starts] = place(v4.count * 4)
  header[HEADER.v4Entries] = place(v4.count * 4)
  header[HEADER.v6Count] = v6.count
  const v6Index = fineIndex(v6)
  header[HEADER.v6Groups] = place(v6Index.groups.byteLength)
  header[HEADER.v6SlotCount] = v6Index.slots.length
  header[HEADER.v6Slots] = place(v6Index.slots.byteLength)
  header[HEADER.v6Starts] = place(v6.count * 8)
  const lowSteps = stepsWithLowWords(v6)
  header[HEADER.v6LowCount] = lowSteps.length
  header[HEADER.v6LowSteps] = place(lowSteps.byteLength)
  header[HEADER.v6LowWords] = place(lowSteps.length * 8)
  header[HEADER.v6Entries] = place(v6.count * 4)
  header[HEADER.asCount] = asNumbers.length
  header[HEADER.asNumbers] = place(asNumbers.byteLength)
  header[HEADER.asRecords] = place(asRecords.byteLength)
  header[HEADER.recordCount] = records.length >> RECORD_SHIFT
  header[HEADER.records] = place(records.byteLength)
  header[HEADER.strings] = place(strings.length)
  header[HEADER.stringsLength] = strings.length
  header[HEADER.metadata] = place(metadata.length)
  header[HEADER.metadataLength] = metadata.length
  header[HEADER.byteLength] = byteLength

  const buffer = new SharedArrayBuffer(byteLength)
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
