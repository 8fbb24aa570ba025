// The history of the policy service as CSV (RFC 4180), for a table of somebody who is asked what happened.

import { csvLine } from './csv-line.ts'

/** A refusal. */
export interface HistoryRow {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly user: string
  readonly address: string
  readonly country: string | null
  readonly asn: number | null
  readonly rule: string
  readonly action: string
  readonly source: string
  readonly host: string | null
}

/** The first line. */
export const HISTORY_HEADER = csvLine([
  'time',
  'user',
  'address',
  'country',
  'asn',
  'rule',
  'action',
  'source',
  'host',
])

/** What spreadsheets take for the beginning of a formula, in full width as well. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/

/** Rows as lines. Names come from strangers: none of them is a formula in a spreadsheet. */
export function historyLines(rows: readonly HistoryRow[]): string {
  return rows
    .map(({ time, user, address, country, asn, rule, action, source, host }) =>
      csvLine(
        [
          time,
          user,
          address,
          country ?? '',
          asn === null ? '' : String(asn),
          rule,
          action,
          source,
          host ?? '',
        ].map((text) => (FORMULA.test(text) ? `'${text}` : text)),
      ),
    )
    .join('')
}
