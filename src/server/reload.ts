// Replaces the table in service: one replacement at a time, and never by one that could not be built.

import type { ErrorCode } from '../errors.ts'
import type { Table } from '../table/table.ts'

/** A table that is ready to be served. */
export interface Replacement {
  readonly table: Table
  /** Called when the table is in service; resolves when the memory that building took is free. */
  accept(): Promise<void>
  /** Called when it can't be put into service; resolves when the same is true. */
  refuse(): Promise<void>
}

/** Settings that were read on the way, by their names. */
export interface SettingNews {
  /** Those that have changed and are in force. */
  readonly changed: readonly string[]
  /** Those that have changed and wait for the next start. */
  readonly restart: readonly string[]
}

/**
 * Builds what is to replace what is in service; null when there is nothing new.
 *
 * @param tell takes note of settings that are in force, whatever becomes of the replacement
 */
export type Build<Built extends Replacement = Replacement> = (
  inService: Table,
  tell: (news: SettingNews) => void,
) => Promise<Built | null>

/** What became of one replacement. */
export interface ReloadOutcome extends SettingNews {
  /** When, in ISO 8601, UTC. */
  readonly at: string
  /** Who asked, such as `SIGHUP`. */
  readonly trigger: string
  readonly kind: 'replaced' | 'unchanged' | 'refused' | 'failed'
  /** Why the old table stays, in one line; null when it doesn't have to. */
  readonly reason: string | null
  /** Milliseconds to build and swap. */
  readonly milliseconds: number
}

/** A replacement that is going on. */
export interface ReloadInProgress {
  /** Who asked. */
  readonly trigger: string
  /** When it began, in ISO 8601, UTC. */
  readonly since: string
  /** Who has asked for the next ones, in this order. */
  readonly waiting: readonly string[]
}

/** What the reloader does besides building. */
export interface ReloaderOptions<Built extends Replacement = Replacement> {
  /** The table in service at the start. */
  readonly table: Table
  /** Answers from a replacement; resolves when nothing answers from what was before any more. */
  readonly swap: (replacement: Built) => Promise<void>
  readonly onOutcome: (outcome: ReloadOutcome) => void
  /** Told of a replacement that has to wait for its turn, and what for. */
  readonly onWait?: (trigger: string, current: ReloadInProgress) => void
  /** Gives memory that is free back to the system; called after each replacement. Never rejects. */
  readonly releaseMemory?: () => Promise<void>
}

/** The code of errors that say that a table is worse than the one in service. */
const REFUSED: ErrorCode = 'ASNZONE_REFUSED'

const NO_NEWS: SettingNews = { changed: [], restart: [] }

/** Owns the table in service. */
export class Reloader<Built extends Replacement = Replacement> {
  readonly #options: Omit<ReloaderOptions<Built>, 'table'>
  #table: Table
  #last: ReloadOutcome | null = null
  #current: Omit<ReloadInProgress, 'waiting'> | null = null
  /** How many replacements came to what. */
  readonly counts: Record<ReloadOutcome['kind'], number> = {
    replaced: 0,
    unchanged: 0,
    refused: 0,
    failed: 0,
  }
  /** Ends when the last replacement that was asked for has. */
  #queue: Promise<unknown> = Promise.resolve()
  /** Replacements that wait for their turn, by trigger: to ask twice for the same is to ask once. */
  readonly #waiting = new Map<string, Promise<ReloadOutcome>>()

  constructor({ table, ...options }: ReloaderOptions<Built>) {
    this.#options = options
    this.#table = table
  }

  /** The table in service. */
  get table(): Table {
    return this.#table
  }

  /** What became of the last replacement; null when there was none yet. */
  get last(): ReloadOutcome | null {
    return this.#last
  }

  /** The replacement that is going on; null when there is none. */
  get current(): ReloadInProgress | null {
    return this.#current === null ? null : { ...this.#current, waiting: [...this.#waiting.keys()] }
  }

  /**
   * Builds and swaps, after the replacements that were asked for before. Whatever goes wrong, the old table stays in service;
   * it rejects with nothing but what `onOutcome` throws.
   */
  reload(trigger: string, build: Build<Built>): Promise<ReloadOutcome> {
    const waiting = this.#waiting.get(trigger)
    const { current } = this
    if (current !== null) this.#options.onWait?.(trigger, current)
    if (waiting !== undefined) return waiting
    const turn = this.#queue.then(() => {
      this.#waiting.delete(trigger)
      return this.#replace(trigger, build)
    })
    this.#waiting.set(trigger, turn)
    // What one has died of is nothing that the next one would wait for.
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #replace(trigger: string, build: Build<Built>): Promise<ReloadOutcome> {
    const started = performance.now()
    let kind: ReloadOutcome['kind'] = 'unchanged'
    let reason: string | null = null
    let replacement: Built | null = null
    let news = NO_NEWS
    this.#current = { trigger, since: new Date().toISOString() }
    try {
      replacement = await build(this.#table, (told) => {
        news = told
      })
      if (replacement !== null) {
        await this.#options.swap(replacement)
        this.#table = replacement.table
        kind = 'replaced'
        await replacement.accept()
      }
    } catch (error) {
      if (kind === 'unchanged') kind = (error as { code?: unknown }).code === REFUSED ? 'refused' : 'failed'
      reason = (error as Error).message
      if (kind !== 'replaced') await replacement?.refuse().catch(() => {})
    }
    const at = new Date().toISOString()
    const milliseconds = Math.round(performance.now() - started)
    const outcome = { at, trigger, kind, reason, milliseconds, ...news }
    this.#last = outcome
    this.#current = null
    this.counts[kind]++
    this.#options.onOutcome(outcome)
    // Whatever became of it, one table is left over now: the old one, or one that was built and isn't served.
    await this.#options.releaseMemory?.()
    return outcome
  }
}
