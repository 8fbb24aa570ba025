// Logins that failed, by account. They are kept in memory and nowhere else: who guesses passwords chooses the names, and
// must neither fill a disk nor change what is known of an account.

/** Milliseconds after which a failure is forgotten, unless another one follows. */
const KEPT_MS = 3_600_000

/** Accounts that are remembered; those whose last failure is the oldest go. */
const MAX = 10_000

/** The failures of an account. Times are milliseconds since 1970. */
export interface FailedLogins {
  readonly count: number
  readonly first: number
  readonly last: number
}

/** Remembers failures. */
export class Failures {
  readonly #of = new Map<string, FailedLogins>()

  /** How many accounts are remembered. */
  get size(): number {
    return this.#of.size
  }

  /** A login failed. */
  add(user: string, now: number): void {
    const before = this.of(user, now)
    // The order of the map is that of the last failures.
    this.#of.delete(user)
    for (const oldest of this.#of.keys()) {
      if (this.#of.size < MAX) break
      this.#of.delete(oldest)
    }
    this.#of.set(user, { count: (before?.count ?? 0) + 1, first: before?.first ?? now, last: now })
  }

  /** The failures of an account; null for none of late. */
  of(user: string, now: number): FailedLogins | null {
    const known = this.#of.get(user)
    return known === undefined || now - known.last >= KEPT_MS ? null : known
  }

  /** Forgets an account; tells whether there was anything. */
  forget(user: string): boolean {
    return this.#of.delete(user)
  }
}
