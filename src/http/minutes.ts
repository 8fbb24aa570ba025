// What became of the queries of each minute, for the last day: what the chart of outcomes is drawn from.

import { outcomeNames } from '../dns/outcome.ts'
import type { Second } from './live.ts'

/** Minutes that are remembered: a day. */
const REMEMBERED = 1440

const MINUTE_MS = 60_000

/** When a minute began, in milliseconds since 1970, and how often each outcome was met in it. */
export type Minute = readonly number[]

/** Adds seconds up. */
export class MinuteByMinute {
  readonly #minutes: number[][] = []

  /** Adds a second to its minute. */
  add({ at, outcomes }: Pick<Second, 'at' | 'outcomes'>): void {
    const begin = Math.floor(at / MINUTE_MS) * MINUTE_MS
    let minute = this.#minutes.at(-1)
    if (minute?.[0] !== begin) {
      minute = [begin, ...outcomeNames.map(() => 0)]
      this.#minutes.push(minute)
      if (this.#minutes.length > REMEMBERED) this.#minutes.shift()
    }
    for (const [i, name] of outcomeNames.entries()) minute[i + 1] += outcomes[name]
  }

  /** The minutes that queries were counted in, the oldest first; the last one is not over yet. */
  describe(): { readonly outcomes: readonly string[]; readonly minutes: readonly Minute[] } {
    return { outcomes: outcomeNames, minutes: this.#minutes }
  }
}
