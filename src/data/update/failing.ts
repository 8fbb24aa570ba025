// What fails again and again: when it is tried next, and which of its failures are worth a line in the log.
//
// A source that is gone stays gone for days. It is asked less and less often, up to once in its own interval or in an
// hour, whichever is longer, and told of when it begins to fail, once a day while it does, and when it is well again.

import { minuteOf } from '../../minute.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** After a failure the next attempt comes sooner than the next day would. */
const FIRST_RETRY_MS = 600_000

/** Part of the wait that chance adds, so that a fleet does not ask all at once. */
const JITTER = 0.25

/** One thing that has failed since it was last well. */
interface Failure {
  readonly since: number
  times: number
  retryAt: number
  toldAt: number
}

/** The times when something that fails is tried again. */
export interface Retries {
  /** Milliseconds since 1970 before which it isn't tried; 0 when it doesn't fail. */
  retryAt(key: string): number
}

/** Nothing fails. */
export const NO_RETRIES: Retries = { retryAt: () => 0 }

/** Remembers what fails, by any key. */
export class Failing implements Retries {
  readonly #failures = new Map<string, Failure>()

  retryAt(key: string): number {
    return this.#failures.get(key)?.retryAt ?? 0
  }

  /**
   * Notes a failure, and puts the next attempt off.
   *
   * @param interval milliseconds after which it is tried where it is well
   * @param now milliseconds since 1970
   * @param chance a number from 0 to 1
   */
  failed(key: string, interval: number, now: number, chance: number): void {
    const failure = this.#failures.get(key) ?? { since: now, times: 0, retryAt: 0, toldAt: Number.NaN }
    const first = Math.min(interval, FIRST_RETRY_MS)
    const max = Math.max(interval, HOUR_MS)
    const wait = Math.min(first * 2 ** failure.times, max)
    failure.times++
    failure.retryAt = now + wait * (1 + JITTER * chance)
    this.#failures.set(key, failure)
  }

  /**
   * What is added to the reason of a failure that was noted before; null where nothing is told, because it was told
   * today.
   */
  toTell(key: string, now: number): string | null {
    const failure = this.#failures.get(key)
    // A clock that went back must not silence it for years.
    if (failure === undefined || (now >= failure.toldAt && now - failure.toldAt < DAY_MS)) return null
    const isFirst = Number.isNaN(failure.toldAt)
    failure.toldAt = now
    return isFirst ? '' : ` (${failure.times} attempts since ${sinceText(failure.since)})`
  }

  /** Forgets a failure; what it came to, null when there was none that was told of. */
  well(key: string): string | null {
    const failure = this.#failures.get(key)
    this.#failures.delete(key)
    if (failure === undefined || Number.isNaN(failure.toldAt)) return null
    const attempts = failure.times === 1 ? 'an attempt' : `${failure.times} attempts`
    return `after ${attempts} without success since ${sinceText(failure.since)}`
  }
}

const sinceText = (time: number): string => minuteOf(new Date(time).toISOString())
