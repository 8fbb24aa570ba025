// What is written after an answer: the lists that people look at. What fails is lost, and said once until it works again.

/** Writes that no request waits for. */
export class LaterWrites {
  readonly #onFailing: (list: string, error: Error) => void
  readonly #writes = new Set<Promise<void>>()
  /** The lists that can't be written. */
  readonly #failing = new Set<string>()

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
        if (!this.#failing.has(list)) this.#onFailing(list, error)
        this.#failing.add(list)
      },
    )
    this.#writes.add(writing)
    void writing.finally(() => this.#writes.delete(writing))
  }

  /** Waits for all that have begun. */
  async ended(): Promise<void> {
    await Promise.all(this.#writes)
  }
}
