// How old data is.

import { counted } from '../../counted.ts'
import { minuteOf } from '../../minute.ts'
import type { SourceSummary, TableMetadata } from '../../table/metadata.ts'
import { isAhead } from './date.ts'

const DAY_MS = 86_400_000

/** Whole days since the time of a source; null where it doesn't tell, or where the clock has not reached it. */
export function ageInDays({ date }: Pick<SourceSummary, 'date'>, now: number): number | null {
  return date === null || isAhead(date, now)
    ? null
    : Math.max(0, Math.floor((now - Date.parse(date)) / DAY_MS))
}

/**
 * The time of the data as a whole, which is that of ASes and countries: neither an override of today nor a new city file
 * makes old ones look new, and neither does a file without a row. Where there are none of these, the time of the newest
 * source; null where no source tells.
 */
export function dateOfData(sources: readonly SourceSummary[]): string | null {
  const full = sources.filter(({ rows }) => rows > 0)
  const isOf = (...kinds: string[]) => full.filter(({ what }) => kinds.includes(what))
  return newestDate(isOf('asn', 'country')) ?? newestDate(full)
}

/** When data is of, for people. What a table says in `date` is where no source tells the time at which it was compiled. */
export function dateTold({ sources }: Pick<TableMetadata, 'sources'>): string {
  const date = dateOfData(sources)
  return date === null ? 'an unknown date' : minuteOf(date)
}

/** The newest date of sources; null where none tells. */
export function newestDate(sources: readonly Pick<SourceSummary, 'date'>[]): string | null {
  const dates = sources.flatMap(({ date }) => (date === null ? [] : [date]))
  return dates.sort().at(-1) ?? null
}

/** The sources that are older than they should be; an administrator's overrides are never. */
export function staleSources({ sources }: TableMetadata, maxAge: number, now: number): SourceSummary[] {
  return sources.filter((source) => now > staleAfter(source, maxAge))
}

/** The time, in milliseconds since 1970, after which the first of the sources is older than it should be. */
export function firstStaleAfter({ sources }: TableMetadata, maxAge: number): number {
  return Math.min(...sources.map((source) => staleAfter(source, maxAge)))
}

function staleAfter({ what, date }: SourceSummary, maxAge: number): number {
  return what === 'override' || date === null ? Number.POSITIVE_INFINITY : Date.parse(date) + maxAge
}

/** From which age on data is too old, as it is set and in milliseconds. */
export interface MaxAge {
  readonly text: string
  readonly milliseconds: number
}

/**
 * A line that warns of old data; null where it is young enough.
 *
 * @param command what fetches new data
 */
export function ageWarning(
  metadata: TableMetadata,
  maxAge: MaxAge,
  now: number,
  command = 'asnzone update',
): string | null {
  const dates = staleSources(metadata, maxAge.milliseconds, now).flatMap(({ date }) => date ?? [])
  const [date] = dates.sort()
  if (date === undefined) return null
  const days = ageInDays({ date }, now)
  return `data of ${date.slice(0, 10)} is ${counted(days ?? 0, 'day')} old, more than max-age ${maxAge.text}; ${command} fetches new data`
}
