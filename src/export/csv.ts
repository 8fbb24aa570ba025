// CSV: as ip-location-db has it, a row a range; and a row a network, with a header or without.

import { networkText } from '../table/address-text.ts'
import { COLUMN } from '../table/layout.ts'
import { csvLine } from './csv-line.ts'
import { type CsvKind, csvRowsOf } from './ip-location-rows.ts'
import type { ExportRequest } from './request.ts'
import { networksOf, selectionOf, spansOf, Values } from './spans.ts'

/** `start,end,asn,name` or `start,end,country`, as `publish-csv` has it: without a header. */
export function* writeCsv(request: ExportRequest): Generator<string, void, undefined> {
  const selects = selectionOf(request)
  for (const family of request.families) {
    for (const row of csvRowsOf(request.table, request.what[0] as CsvKind, family, selects))
      yield csvLine(row)
  }
}

/** `cidr,asn,country,name` with a header, for whatever looks networks up. */
export function* writeCidrCsv(request: ExportRequest): Generator<string, void, undefined> {
  yield 'cidr,asn,country,name\n'
  yield* networkRows(request, true)
}

/** `cidr,asn,country` without a header, for a dictionary of the layout IP_TRIE: the key is one string. */
export function writeClickHouse(request: ExportRequest): Generator<string, void, undefined> {
  return networkRows(request, false)
}

function* networkRows(request: ExportRequest, withName: boolean): Generator<string, void, undefined> {
  const { table } = request
  const values = new Values(table, selectionOf(request), (record) => {
    const [asn, country] = [table.text(record, COLUMN.asn), table.text(record, COLUMN.country)]
    if (asn === '' && country === '') return null
    const name = withName ? [table.text(record, COLUMN.name)] : []
    // The column of ClickHouse is a number: no AS is 0.
    const line = csvLine([asn === '' && !withName ? '0' : asn, country, ...name])
    return [line, line]
  })
  for (const family of request.families) {
    for (const { start, end, value } of spansOf(table, family, values.of)) {
      const line = values.value(value)
      for (const network of networksOf(start, end)) {
        yield `${networkText(network.start)}/${network.length},${line}`
      }
    }
  }
}
