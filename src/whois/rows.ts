// Rows of whois answers, in the columns that Team Cymru's whois server has.

import type { Attributes } from '../table/attributes.ts'
import type { Shown } from './options.ts'

/** What a row is about. */
export type Subject =
  | { readonly kind: 'address'; readonly text: string; readonly family: 4 | 6 }
  | { readonly kind: 'as' }

/** What stands where nothing is known that should be. */
const UNKNOWN = 'NA'

type Facts = Pick<Attributes, 'asn' | 'name' | 'prefix' | 'country' | 'registry' | 'allocated'>

/** A column: its name, how wide it is, and what stands in it. */
type Column = readonly [head: string, width: number, cell: string]

/** Both lines, without their ends: the names of the columns, and what is known. */
export function rowOf(subject: Subject, shown: Shown, facts: Facts | null): { head: string; row: string } {
  const columns = columnsOf(subject, shown, facts)
  const line = (cell: (column: Column) => string): string =>
    columns
      .map((column, i) => (i + 1 < columns.length ? cell(column).padEnd(column[1]) : cell(column)))
      .join(' | ')
  return { head: line(([head]) => head), row: line(([, , cell]) => cell).trimEnd() }
}

function columnsOf(subject: Subject, shown: Shown, facts: Facts | null): Column[] {
  const isAs = subject.kind === 'as'
  // Of an AS that is not known, nothing is; of an address, its country may be.
  const missing = isAs && facts === null ? UNKNOWN : ''
  const columns: Column[] = []
  const add = (isShown: boolean, head: string, width: number, cell: string | null | undefined): void => {
    if (isShown) columns.push([head, width, cell ?? missing])
  }
  add(!isAs || shown.asn, 'AS', 7, facts?.asn?.toString() ?? UNKNOWN)
  if (!isAs) {
    add(true, 'IP', subject.family === 4 ? 16 : 40, subject.text)
    add(shown.prefix, 'BGP Prefix', 19, facts?.prefix ?? UNKNOWN)
  }
  add(shown.country, 'CC', 2, facts?.country)
  add(shown.registry, 'Registry', 8, facts?.registry)
  add(shown.allocated, 'Allocated', 10, facts?.allocated)
  add(shown.name, 'AS Name', 0, facts?.name ?? UNKNOWN)
  return columns
}
