// Which account a name belongs to: a directory knows, and what it said is remembered for a while. Names that are
// remembered serve on while it is not available.

import { AsnzoneError } from '../../errors.ts'
import { LdapPool } from './pool.ts'
import type { LdapSettings } from './settings.ts'

/** Names that are remembered, those that the directory doesn't know included. */
const MAX_NAMES = 10_000

/** What a directory tells of itself. */
export interface DirectoryHooks {
  /** Told why it is not available when that begins, and when it is back, how many questions failed meanwhile. */
  readonly onTrouble: (reason: string | null, failures: number) => void
  /** Told once of a name that belongs to several accounts. */
  readonly onWarning: (message: string) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

interface Remembered {
  /** Null for a name that it doesn't know. */
  readonly account: string | null
  readonly until: number
}

/** Knows accounts by their names. */
export class Directory {
  readonly #settings: LdapSettings
  readonly #hooks: DirectoryHooks
  readonly #now: () => number
  readonly #pool: LdapPool
  /** The one that was asked for last is the last. */
  readonly #names = new Map<string, Remembered>()
  readonly #asking = new Map<string, Promise<string | null>>()
  #isAway = false
  #failures = 0
  #hasWarned = false
  /** Questions that failed since the start. */
  errors = 0

  constructor(settings: LdapSettings, hooks: DirectoryHooks) {
    this.#settings = settings
    this.#hooks = hooks
    this.#now = hooks.now ?? (() => performance.now())
    this.#pool = new LdapPool(settings, this.#now)
  }

  /**
   * The account that a name belongs to, as the directory writes it; null when it knows none.
   *
   * @throws {AsnzoneError} `ASNZONE_POLICY` when the directory is not available and the name was never asked for.
   */
  async accountOf(name: string): Promise<string | null> {
    const known = this.#names.get(name)
    if (known !== undefined && this.#now() < known.until) return known.account
    try {
      return await (this.#asking.get(name) ?? this.#ask(name))
    } catch (error) {
      if (known !== undefined) return known.account
      throw new AsnzoneError('ASNZONE_POLICY', `the directory is not available: ${(error as Error).message}`)
    }
  }

  close(): void {
    this.#pool.close()
  }

  #ask(name: string): Promise<string | null> {
    const asking = this.#answer(name).finally(() => this.#asking.delete(name))
    this.#asking.set(name, asking)
    return asking
  }

  async #answer(name: string): Promise<string | null> {
    try {
      const values = await within(this.#settings.timeout, this.#pool.valuesOf(name))
      this.#recover()
      const [account = null, ...others] = [...new Set(values)].sort()
      if (others.length > 0) this.#warn(name, others.length + 1)
      this.#remember(name, account)
      return account
    } catch (error) {
      this.errors++
      this.#failures++
      if (!this.#isAway) this.#hooks.onTrouble((error as Error).message, 0)
      this.#isAway = true
      throw error
    }
  }

  #remember(name: string, account: string | null): void {
    this.#names.delete(name)
    this.#names.set(name, { account, until: this.#now() + this.#settings.cache })
    if (this.#names.size <= MAX_NAMES) return
    const [oldest] = this.#names.keys()
    this.#names.delete(oldest)
  }

  #recover(): void {
    if (this.#isAway) this.#hooks.onTrouble(null, this.#failures)
    this.#isAway = false
    this.#failures = 0
  }

  #warn(name: string, accounts: number): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#hooks.onWarning(
      `${name} belongs to ${accounts} accounts in the directory; the first in their order counts, here and for any other name`,
    )
  }
}

async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
