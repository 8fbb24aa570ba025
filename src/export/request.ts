// What is asked of an export, and what every format has to tell of itself.

import type { Table } from '../table/table.ts'
import type { Zone } from '../zones/zone.ts'

/** What an export can tell of an address. */
export const SUBJECTS = ['asn', 'country', 'city'] as const

/** One of them. */
export type ExportSubject = (typeof SUBJECTS)[number]

/** What is asked for. */
export interface ExportRequest {
  readonly table: Table
  readonly families: readonly (4 | 6)[]
  readonly what: readonly ExportSubject[]
  /** Only what is in these countries, upper case; all where there is none. */
  readonly countries: readonly string[]
  /** Only what these ASes announce; all where there is none. */
  readonly asns: readonly number[]
  /** What stands at the head as a comment, where a format has comments. */
  readonly head: string
}

/** What is asked for of a DNS zone. */
export interface ZoneRequest extends ExportRequest {
  readonly zone: Zone
  /** The most names of a zone file. */
  readonly maxNames: number
}

/** Whether a record is among what is asked for. */
export type Selects = (record: number) => boolean
