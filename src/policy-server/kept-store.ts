// A store that may not be available: locked, damaged, on a full disk, on a host that can't be reached. Then each use fails at once,
// and once a second one tries again; one that comes back by itself is asked each time. Trouble is told when it begins and
// when it ends.
//
// What counts is whether decisions can be stored. One that is full, or a replica, still reads: trouble is over when
// something was written and nothing has failed for a second, and what fails while that can be done is no trouble.

import { AsnzoneError } from '../errors.ts'
import { Deadlines } from './deadlines.ts'
import type { Store } from './store.ts'

/** Milliseconds between two tries while it is not available. */
const RETRY_MS = 1000

/** Milliseconds without a failure after which it is back: one that is full fails now and then only. */
const QUIET_MS = 1000

/** What a use is for. */
export interface UseKind<Result> {
  /** Whether a request waits for it to be judged: then it is trouble when it fails. */
  readonly isJudgement: boolean
  /** Whether its result shows that decisions can be stored. */
  readonly isProof: (result: Result) => boolean
}

/** What no request waits for: lists, figures, what is removed. */
const ASIDE: UseKind<unknown> = { isJudgement: false, isProof: () => false }

/** Settings of a kept store. */
export interface KeptStoreOptions {
  /** Opens it. */
  readonly open: () => Promise<Store>
  /** Milliseconds that a use may take. */
  readonly timeout: () => number
  /** Told why it is not available when that begins, and when it is back, how many uses failed meanwhile. */
  readonly onTrouble: (reason: string | null, failures: number) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

/** Uses a store as long as it is there. */
export class KeptStore {
  readonly #options: KeptStoreOptions
  readonly #now: () => number
  readonly #deadlines = new Deadlines()
  #store: Store | null = null
  #opening: Promise<Store> | null = null
  #trouble: string | null = null
  #retry = 0
  /** When something failed last. */
  #failed = Number.NEGATIVE_INFINITY
  /** The write that shows whether decisions can be stored, while it is under way. */
  #proving: Promise<void> | null = null
  #isClosed = false
  #failures = 0
  /** Uses that failed since the start. */
  errors = 0

  constructor(options: KeptStoreOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Why it is not available; null while it is. */
  get trouble(): string | null {
    return this.#trouble
  }

  /**
   * Opens it. That it is not available is told, and no error: it is tried again.
   *
   * @throws {AsnzoneError} when it is nothing that this asnzone can use, ever.
   */
  async begin(): Promise<void> {
    try {
      await this.#open()
    } catch (error) {
      if (error instanceof AsnzoneError) throw error
      this.#fail(error as Error)
    }
  }

  /**
   * Does something with it.
   *
   * @param spent milliseconds of the time for it that are over already
   * @throws {AsnzoneError} `ASNZONE_POLICY` when it is not available, or takes too long, or is closed.
   */
  async use<Result>(
    work: (store: Store) => Promise<Result>,
    spent = 0,
    { isJudgement, isProof }: UseKind<Result> = ASIDE,
  ): Promise<Result> {
    if (this.#isClosed) throw this.#count('it is closed')
    if (this.#trouble !== null && this.#now() < this.#retry) throw this.#count(this.#trouble)
    try {
      const result = await this.#inTime(work, spent)
      if (this.#trouble !== null) {
        if (isProof(result)) this.#recover()
        else if (this.#isQuiet) {
          const proving = this.#prove()
          // Nobody waits for his judgement any longer than it takes.
          if (!isJudgement) await proving
        }
      }
      return result
    } catch (error) {
      if (isJudgement || this.#trouble !== null) this.#fail(error as Error)
      else await this.#prove()
      throw this.#count((error as Error).message)
    }
  }

  /** Opens it anew when it is used the next time. */
  reopen(): void {
    const store = this.#store
    this.#store = null
    store?.close().catch(() => {})
  }

  /**
   * Closes it for good. What still comes doesn't open it again: a thread that is ended while it is within libsql takes
   * the process with it.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#opening?.catch(() => {})
    await this.#store?.close()
    this.#store = null
  }

  /** What is in this thread can't be late: it has the thread until it is done. */
  #inTime<Result>(work: (store: Store) => Promise<Result>, spent: number): Promise<Result> {
    if (this.#store?.mendsItself === false) return work(this.#store)
    return this.#deadlines.within(Math.max(1, this.#options.timeout() - spent), this.#do(work))
  }

  async #do<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    return work(this.#store ?? (await this.#open()))
  }

  /** Opens it; those that ask meanwhile wait for the same. */
  #open(): Promise<Store> {
    this.#opening ??= this.#options
      .open()
      .then((store) => {
        this.#store = store
        return store
      })
      .finally(() => {
        this.#opening = null
      })
    return this.#opening
  }

  get #isQuiet(): boolean {
    return this.#now() - this.#failed >= QUIET_MS
  }

  /** Looks whether decisions can be stored, with a small write of its own. Never rejects. */
  #prove(): Promise<void> {
    this.#proving ??= this.#inTime((store) => store.prove(), 0)
      .then(
        () => this.#recover(),
        (error) => this.#fail(error),
      )
      .finally(() => {
        this.#proving = null
      })
    return this.#proving
  }

  #fail({ message }: Error): void {
    this.#failed = this.#now()
    if (this.#store?.mendsItself !== true) {
      this.reopen()
      this.#retry = this.#now() + RETRY_MS
    }
    if (this.#trouble === null) this.#options.onTrouble(message, 0)
    this.#trouble = message
  }

  #recover(): void {
    if (this.#trouble === null || !this.#isQuiet) return
    this.#options.onTrouble(null, this.#failures)
    this.#trouble = null
    this.#failures = 0
  }

  #count(reason: string): AsnzoneError {
    this.errors++
    if (this.#trouble !== null) this.#failures++
    // Where decisions can be stored, it is available: something else is wrong.
    const isAway = this.#trouble !== null || this.#isClosed
    const message = isAway ? `the store of the policy service is not available: ${reason}` : reason
    return new AsnzoneError('ASNZONE_POLICY', message)
  }
}
