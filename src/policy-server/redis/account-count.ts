// How many accounts there are: to count them is to walk through all keys, so that it is done once a minute.

import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for which a count holds. */
const COUNT_MS = 60_000

/** Counts accounts. */
export class AccountCount {
  readonly #count: () => Promise<number>
  readonly #patience: number
  #at = Number.NEGATIVE_INFINITY
  #users: number | null = null
  #counting: Promise<void> | null = null

  /** @param patience milliseconds that are waited for a count; where it takes longer, it comes with the next question */
  constructor(count: () => Promise<number>, patience: number) {
    this.#count = count
    this.#patience = patience
  }

  /** The last count; null until there is one. */
  async at(now: number): Promise<number | null> {
    if (now - this.#at >= COUNT_MS) {
      this.#counting ??= this.#count()
        .then((users) => {
          this.#at = now
          this.#users = users
        })
        .catch(() => {})
        .finally(() => {
          this.#counting = null
        })
      await Promise.race([this.#counting, sleep(this.#patience, undefined, { ref: false })])
    }
    return this.#users
  }
}
