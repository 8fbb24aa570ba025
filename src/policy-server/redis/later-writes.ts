// What is written after an answer: the lists that people look at. What fails is lost, and said once until it works again,
// and no more than once a minute: a server that is nearly full takes some and not others.

/** Milliseconds between two lines about the same list. */
const QUIET_MS = 60_000

/** Writes that no request waits for. */
export class LaterWrites {
  readonly #onFailing: (list: string, error: Error) => void
  readonly #writes = new Set<Promise<void>>()
  /** The lists that can't be written. */
  readonly #failing = new Set<string>()
  /** When it was told of a list last. */
  readonly #told = new Map<string, number>()

  /** @param onFailing told of a list that can't be written, once until it can be again */
  constructor(onFailing: (list: string, error: Error) => void) {
    this.#onFailing = onFailing
  }

  /** Begins a write. */
  begin(list: string, write: () => Promise<void>): void {
    const writing = write().then(
      () => {
        this.#failing.delete(list)
      },
      (error: Error) => {
        if (!this.#failing.has(list)) this.#tell(list, error)
        this.#failing.add(list)
      },
    )
    this.#writes.add(writing)
    void writing.finally(() => this.#writes.delete(writing))
  }

  #tell(list: string, error: Error): void {
    const now = performance.now()
    if (now - (this.#told.get(list) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    this.#told.set(list, now)
    this.#onFailing(list, error)
  }

  /** Waits for all that have begun. */
  async ended(): Promise<void> {
    await Promise.all(this.#writes)
  }
}
