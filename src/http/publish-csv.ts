// Publishes the table in service as CSV files over HTTP, the way Stalwart's Resource variant reads them:
//
//     /asn-ipv4.csv       /asn-ipv6.csv         start,end,asn,name
//     /country-ipv4.csv   /country-ipv6.csv     start,end,country
//
// No header, every line ended, quotes around names only.

import { csvLine } from '../export/csv-line.ts'
import { type CsvKind, csvRowsOf } from '../export/ip-location-rows.ts'
import type { Table } from '../table/table.ts'
import type { PublishedText } from './publish.ts'

/** The files, by their paths. */
export const CSV_FILES: ReadonlyMap<string, (table: Table) => PublishedText> = new Map(
  (['asn', 'country'] as const).flatMap((kind) =>
    ([4, 6] as const).map((family) => [`/${kind}-ipv${family}.csv`, textOf(kind, family)] as const),
  ),
)

function textOf(kind: CsvKind, family: 4 | 6): (table: Table) => PublishedText {
  return (table) => ({
    name: `${kind}${family}`,
    type: 'text/csv; charset=utf-8',
    linesOf: () => linesOf(csvRowsOf(table, kind, family)),
  })
}

function* linesOf(rows: Iterable<readonly string[]>): Generator<string, void, undefined> {
  for (const row of rows) yield csvLine(row)
}
