// Answers that are given once: Postfix asks for each recipient of a message, with the same `instance`, and all of them
// get what the first one got.

/** Milliseconds for which the recipients of a message may be asked for. */
const KEPT_MS = 600_000

/** Messages that are remembered; the oldest go. */
const MAX = 10_000

/** Remembers answers by message. */
export class Once<Answer> {
  readonly #answers = new Map<string, { readonly answer: Promise<Answer>; readonly since: number }>()

  /** How many are remembered. */
  get size(): number {
    return this.#answers.size
  }

  /**
   * The answer to a message: that of the first request, which may still be on its way, or what `ask` gives.
   *
   * @param key of the message
   * @param isKept whether an answer counts for the recipients that follow
   */
  get(
    key: string,
    now: number,
    ask: () => Promise<Answer>,
    isKept: (answer: Answer) => boolean,
  ): { readonly answer: Promise<Answer>; readonly isFirst: boolean } {
    const known = this.#answers.get(key)
    if (known !== undefined && Math.abs(now - known.since) < KEPT_MS) {
      return { answer: known.answer, isFirst: false }
    }
    const answer = ask()
    const entry = { answer, since: now }
    this.#answers.delete(key)
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size < MAX) break
      this.#answers.delete(oldest)
    }
    this.#answers.set(key, entry)
    const forget = (): void => {
      if (this.#answers.get(key) === entry) this.#answers.delete(key)
    }
    answer.then((given) => {
      if (!isKept(given)) forget()
    }, forget)
    return { answer, isFirst: true }
  }

  /** Forgets all: what was answered may not be true any more. */
  clear(): void {
    this.#answers.clear()
  }
}
