// The rows of CSV files as ip-location-db has them: ranges that say the same are one row.

import { networkText } from '../table/address-text.ts'
import { COLUMN } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import type { Selects } from './request.ts'
import { spansOf, Values } from './spans.ts'

/** What a file tells: `start,end,asn,name` or `start,end,country`. */
export type CsvKind = 'asn' | 'country'

/** Every row of a file, in ascending order of addresses. */
export function* csvRowsOf(
  table: Table,
  kind: CsvKind,
  family: 4 | 6,
  selects: Selects = () => true,
): Generator<string[], void, undefined> {
  const values = new Values(table, selects, (record) => {
    const key = table.text(record, COLUMN[kind])
    if (key === '') return null
    return [key, kind === 'asn' ? [key, table.text(record, COLUMN.name)] : [key]]
  })
  for (const { start, end, value } of spansOf(table, family, values.of)) {
    yield [networkText(start), networkText(end), ...values.value(value)]
  }
}
