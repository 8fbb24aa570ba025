// What was counted by country and AS, as /api/stats tells it.

import type { QueryShare, StatsReader } from '../stats/database.ts'
import { intervalsOf, isInterval } from '../stats/intervals.ts'

/** ASes that are told of an interval; there may be tens of thousands. */
const MAX_ASES = 200

/** Milliseconds for which a description will do for others who ask, and how many are kept. */
const KEPT_MS = 2000
const MAX_KEPT = 16

/** What is counted in an interval. */
export interface IntervalStatistics {
  readonly enabled: true
  readonly interval: string
  /** Those that were counted in, with all their queries, the oldest first. */
  readonly intervals: Readonly<Record<'years' | 'months' | 'days', readonly IntervalQueries[]>>
  /** The most queries first; `--` where the country is not known. */
  readonly countries: readonly { readonly country: string; readonly queries: number }[]
  /** The most queries first; AS 0 where none is known. */
  readonly ases: readonly { readonly asn: number; readonly name: string; readonly queries: number }[]
  /** Whether there are ASes with fewer queries than those. */
  readonly hasMoreAses: boolean
}

/** All queries of an interval. */
export interface IntervalQueries {
  readonly interval: string
  readonly queries: number
}

/** Opens the statistics; null where nothing was written yet. */
export type OpenStatistics = () => Pick<
  StatsReader,
  'ases' | 'close' | 'countries' | 'intervals' | 'shareOf'
> | null

/** Tells what is counted. */
export class Statistics {
  readonly #open: OpenStatistics | null
  readonly #now: () => number
  readonly #kept = new Map<string, { readonly at: number; readonly told: IntervalStatistics }>()

  /**
   * @param open null when nothing is counted
   * @param now the clock, in milliseconds since 1970
   */
  constructor(open: OpenStatistics | null, now: () => number = Date.now) {
    this.#open = open
    this.#now = now
  }

  /**
   * What is counted in an interval; null for what is none.
   *
   * @param asked an interval, or `today`
   */
  describe(asked: string): IntervalStatistics | { readonly enabled: false } | null {
    const interval = asked === 'today' ? intervalsOf(new Date(this.#now()))[3] : asked
    if (!isInterval(interval)) return null
    if (this.#open === null) return { enabled: false }
    const kept = this.#kept.get(interval)
    if (kept !== undefined && this.#now() - kept.at < KEPT_MS) return kept.told
    const told = read(this.#open, interval)
    this.#kept.delete(interval)
    this.#kept.set(interval, { at: this.#now(), told })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break
      this.#kept.delete(oldest)
    }
    return told
  }

  /** How many queries were about an AS or a country, of all; null where nothing is counted. */
  shareOf(holder: { readonly asn: number } | { readonly country: string }): HolderQueries | null {
    const reader = this.#open?.() ?? null
    if (reader === null) return null
    try {
      const [total, , , today] = intervalsOf(new Date(this.#now()))
      return { total: reader.shareOf(holder, total), today: reader.shareOf(holder, today) }
    } finally {
      reader.close()
    }
  }
}

/** Queries about an AS or a country, and all that were counted. */
export interface HolderQueries {
  readonly total: QueryShare
  readonly today: QueryShare
}

function read(open: OpenStatistics, interval: string): IntervalStatistics {
  const reader = open()
  try {
    const countries = reader?.countries(interval) ?? []
    const ases = reader?.ases(interval, MAX_ASES + 1) ?? []
    const intervals = reader?.intervals() ?? []
    const ofLength = (length: number): IntervalQueries[] =>
      intervals.flatMap(({ interval: name, counter }) =>
        name !== 'total' && name.length === length ? [{ interval: name, queries: counter }] : [],
      )
    return {
      enabled: true,
      interval,
      intervals: { years: ofLength(4), months: ofLength(7), days: ofLength(10) },
      countries: countries.map(({ country, counter }) => ({ country, queries: counter })),
      ases: ases.slice(0, MAX_ASES).map(({ asn, name, counter }) => ({ asn, name, queries: counter })),
      hasMoreAses: ases.length > MAX_ASES,
    }
  } finally {
    reader?.close()
  }
}
