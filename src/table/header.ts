// The header of a table: where each section begins follows from how much there is of everything.

import { FORMAT_VERSION, HEADER, HEADER_WORDS, INDEX_LENGTH, MAGIC, RECORD_WORDS } from './layout.ts'

/** How much there is in a table. */
export interface TableCounts {
  readonly v4Count: number
  readonly v6Count: number
  readonly v6SlotCount: number
  readonly v6LowCount: number
  readonly asCount: number
  readonly recordCount: number
  /** Octets. */
  readonly stringsLength: number
  readonly metadataLength: number
}

/** What the header says of itself, whether it is true or not. */
export function countsOf(header: Uint32Array): TableCounts {
  return {
    v4Count: header[HEADER.v4Count],
    v6Count: header[HEADER.v6Count],
    v6SlotCount: header[HEADER.v6SlotCount],
    v6LowCount: header[HEADER.v6LowCount],
    asCount: header[HEADER.asCount],
    recordCount: header[HEADER.recordCount],
    stringsLength: header[HEADER.stringsLength],
    metadataLength: header[HEADER.metadataLength],
  }
}

/** The words of the header; as numbers, so that those of a table that is far too large are seen to be. */
export function headerOf(counts: TableCounts): Float64Array {
  const { v4Count, v6Count, v6SlotCount, v6LowCount, asCount, recordCount } = counts
  const header = new Float64Array(HEADER_WORDS)
  let byteLength = HEADER_WORDS * 4
  const place = (section: number, octets: number): void => {
    header[section] = byteLength
    byteLength = Math.ceil((byteLength + octets) / 8) * 8
  }
  header[HEADER.magic] = MAGIC
  header[HEADER.formatVersion] = FORMAT_VERSION
  header[HEADER.v4Count] = v4Count
  place(HEADER.v4Index, INDEX_LENGTH * 4)
  place(HEADER.v4Starts, v4Count * 4)
  place(HEADER.v4Entries, v4Count * 4)
  header[HEADER.v6Count] = v6Count
  place(HEADER.v6Groups, (INDEX_LENGTH - 1) * 4)
  header[HEADER.v6SlotCount] = v6SlotCount
  place(HEADER.v6Slots, v6SlotCount * 4)
  place(HEADER.v6Starts, v6Count * 8)
  header[HEADER.v6LowCount] = v6LowCount
  place(HEADER.v6LowIntervals, v6LowCount * 4)
  place(HEADER.v6LowWords, v6LowCount * 8)
  place(HEADER.v6Entries, v6Count * 4)
  header[HEADER.asCount] = asCount
  place(HEADER.asNumbers, asCount * 4)
  place(HEADER.asRecords, asCount * 4)
  header[HEADER.recordCount] = recordCount
  place(HEADER.records, recordCount * RECORD_WORDS * 4)
  place(HEADER.strings, counts.stringsLength)
  header[HEADER.stringsLength] = counts.stringsLength
  place(HEADER.metadata, counts.metadataLength)
  header[HEADER.metadataLength] = counts.metadataLength
  header[HEADER.byteLength] = byteLength
  return header
}
