// The AS number of a record, for those who go through a hundred thousand of them and more.

import { COLUMN, RECORD_SHIFT } from './layout.ts'
import type { Table } from './table.ts'

/** The AS number of a record, read digit by digit: no text is made for it. 0 where it isn't known. */
export function asnOf({ records, strings }: Table, record: number): number {
  const offset = records[(record << RECORD_SHIFT) + COLUMN.asn]
  let asn = 0
  for (let digit = 1; digit <= strings[offset]; digit++) asn = asn * 10 + strings[offset + digit] - 0x30
  return asn
}
