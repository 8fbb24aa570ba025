// Sums up what the threads counted by record into queries by country and by AS.

import { asnOf } from '../table/as-number.ts'
import { COLUMN, RECORD_SHIFT } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import type { RecordCounts } from './record-counts.ts'

/** What a country is called that isn't known. */
export const UNKNOWN_COUNTRY = '--'

/** Queries about the addresses of one AS; AS 0 stands for addresses of which no AS is known. */
export interface AsQueries {
  readonly asn: number
  readonly name: string
  queries: number
}

/** Queries since the last time. */
export interface Increments {
  /** By ISO 3166-1 alpha-2 code, or UNKNOWN_COUNTRY. */
  readonly countries: Map<string, number>
  readonly ases: Map<number, AsQueries>
}

/** No queries. */
export function noIncrements(): Increments {
  return { countries: new Map(), ases: new Map() }
}

/** A table that is answered from, and how often which record was asked for when it was looked at last. */
interface Watched {
  readonly table: Table
  readonly counts: Uint32Array
  readonly last: Uint32Array
}

/** Reads the counts of the tables that are answered from. */
export class Aggregator {
  #watched: Watched[] = []

  /** Watches another table, whose counts began at 0; the ones before are watched until `forgetOthers`. */
  watch(table: Table, { buffer }: RecordCounts): void {
    const counts = new Uint32Array(buffer)
    this.#watched.push({ table, counts, last: new Uint32Array(counts.length) })
  }

  /** Stops to watch all tables but the newest: nothing answers from them any more. Collect before. */
  forgetOthers(): void {
    this.#watched = this.#watched.slice(-1)
  }

  /** Adds what was counted since the last call. */
  collect(into: Increments): void {
    for (const watched of this.#watched) collectFrom(watched, into)
  }
}

function collectFrom({ table, counts, last }: Watched, into: Increments): void {
  const records = table.recordCount
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]
    // Modulo 2^32, as the counters are.
    const queries = (count - last[at]) >>> 0
    if (queries === 0) continue
    last[at] = count
    const record = at % records
    addCountry(into, countryOf(table, record), queries)
    addAs(into, table, record, queries)
  }
}

function addCountry({ countries }: Increments, country: string, queries: number): void {
  countries.set(country, (countries.get(country) ?? 0) + queries)
}

function addAs({ ases }: Increments, table: Table, record: number, queries: number): void {
  const asn = asnOf(table, record)
  const as = ases.get(asn)
  if (as !== undefined) as.queries += queries
  else ases.set(asn, { asn, name: asn === 0 ? '' : table.text(record, COLUMN.name), queries })
}

function countryOf({ records, strings }: Table, record: number): string {
  const offset = records[(record << RECORD_SHIFT) + COLUMN.country]
  return offset === 0 ? UNKNOWN_COUNTRY : String.fromCharCode(strings[offset + 1], strings[offset + 2])
}
