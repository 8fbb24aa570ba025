// Publishes the networks of a country or an AS over HTTP, one a line, as maps of rspamd and most else read them:
//
//     /cidr/DE.txt   /cidr/AS15169.txt

import { cidrLinesOf } from '../export/cidr-list.ts'
import { headOf } from '../export/head.ts'
import { COLUMN, MAX_ASN } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import type { PublishedText } from './publish.ts'

/** What such a file is called. */
const NAME = /^(?:(?<country>[A-Z]{2})|AS(?<asn>[1-9]\d{0,9}))\.txt$/

/** The countries that tables tell of. */
const countries = new WeakMap<Table, ReadonlySet<string>>()

/** The list of this name; null where the table knows no such country or AS. */
export function cidrListOf(table: Table, name: string): PublishedText | null {
  const { country, asn } = NAME.exec(name)?.groups ?? {}
  const isThere = country === undefined ? isKnownAs(table, Number(asn)) : countriesOf(table).has(country)
  if (!isThere) return null
  const request = {
    table,
    families: [4, 6],
    what: [],
    countries: country === undefined ? [] : [country],
    asns: country === undefined ? [Number(asn)] : [],
    head: headOf(table.metadata()),
  } as const
  return {
    name: name.replace('.txt', ''),
    type: 'text/plain; charset=utf-8',
    linesOf: () => cidrLinesOf(request),
  }
}

/** Digits that are missing are no number. */
function isKnownAs(table: Table, asn: number): boolean {
  return asn <= MAX_ASN && table.findAs(asn) !== 0
}

function countriesOf(table: Table): ReadonlySet<string> {
  let found = countries.get(table)
  if (found === undefined) {
    const all = new Set<string>()
    for (let record = 1; record < table.recordCount; record++) all.add(table.text(record, COLUMN.country))
    found = all
    countries.set(table, found)
  }
  return found
}
