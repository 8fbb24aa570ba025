// Walks over all that a compiled table knows, in ascending order: for exports, not for answers.

import { HEADER, HEADER_WORDS } from './layout.ts'
import { recordOf, type Table } from './table.ts'
import { subtractOne, widthOf } from './words.ts'

/** A range of addresses of which the table knows the same; the arrays change with the next range. */
export interface TableRange {
  readonly start: Uint32Array
  /** The last address of the range. */
  readonly end: Uint32Array
  /** The number of the record, never 0. */
  readonly record: number
}

/** Every range of a family that something is known of. Neighbours may say the same. */
export function* rangesOf(table: Table, family: 4 | 6): Generator<TableRange, void, undefined> {
  const width = widthOf(family)
  const header = new Uint32Array(table.buffer, 0, HEADER_WORDS)
  const count = family === 4 ? table.v4Count : table.v6Count
  const starts = new Uint32Array(
    table.buffer,
    header[family === 4 ? HEADER.v4Starts : HEADER.v6Starts],
    count * width,
  )
  const entries = new Uint32Array(
    table.buffer,
    header[family === 4 ? HEADER.v4Entries : HEADER.v6Entries],
    count,
  )
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  for (let step = 0; step < count; step++) {
    const record = recordOf(entries[step])
    if (record === 0) continue
    // The words of IPv6 addresses lie in one array each, see src/table/layout.ts.
    for (let k = 0; k < width; k++) {
      start[k] = starts[k * count + step]
      end[k] = step + 1 < count ? starts[k * count + step + 1] : 0
    }
    subtractOne(end, 0, width)
    yield { start, end, record }
  }
}
