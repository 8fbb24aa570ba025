// The ASes that most was learned of, as /api/learned tells them.

import type { LearnedSource } from '../learn/read-state.ts'
import type { ToldAs } from '../learn/told-ases.ts'
import type { Table } from '../table/table.ts'

/** ASes that are told. */
const MAX_ASES = 50

/** Milliseconds for which a list will do for others who ask: to read it takes a few hundred where much was learned. */
const KEPT_MS = 10_000

/** What was learned of ASes; a hint how anything is where nothing is. */
export type LearnedList =
  | { readonly enabled: false; readonly hint: string }
  | {
      readonly enabled: true
      /** The farthest from all mail first. */
      readonly ases: readonly ToldAs[]
      /** How many more are told. */
      readonly more: number
    }

/** Tells what was learned of ASes. */
export class LearnedAses {
  readonly #source: () => LearnedSource | null
  readonly #table: () => Table
  readonly #now: () => number
  #kept: { readonly at: number; readonly source: LearnedSource; readonly list: LearnedList } | null = null

  /**
   * @param source null where nothing is learned
   * @param now the clock, in milliseconds since 1970
   */
  constructor(source: () => LearnedSource | null, table: () => Table, now: () => number = Date.now) {
    this.#source = source
    this.#table = table
    this.#now = now
  }

  /**
   * What is told now. SQLite is loaded when somebody asks, and something is learned.
   *
   * @throws {Error} when the state can't be read.
   */
  async describe(): Promise<LearnedList> {
    const source = this.#source()
    if (source === null)
      return { enabled: false, hint: "nothing is learned: 'learn: {}' in the config does so" }
    const { toldAses } = await import('../learn/told-ases.ts')
    const now = this.#now()
    if (this.#kept !== null && this.#kept.source === source && now - this.#kept.at < KEPT_MS) {
      return this.#kept.list
    }
    const told = toldAses(source, this.#table(), now / 1000)
    const list = {
      enabled: true,
      ases: told.slice(0, MAX_ASES),
      more: Math.max(0, told.length - MAX_ASES),
    } as const
    this.#kept = { at: now, source, list }
    return list
  }
}
