// Answers that are given once: Postfix asks for each recipient of a message, with the same `instance`, and all of them
// get what the first one got.

import { Lately } from './lately.ts'

/** Milliseconds for which the recipients of a message may be asked for. */
const KEPT_MS = 600_000

/** Messages that are remembered; the oldest go. */
const MAX = 10_000

/** What is remembered of an answer; of one that is still on its way, what it will be. */
interface Remembered<Kept> {
  readonly since: number
  kept: Kept | Promise<Kept>
}

/** An answer: the first for its message, or what is remembered of it. */
export type Given<Answer, Kept> =
  | { readonly first: Promise<Answer>; readonly again: null }
  | { readonly first: null; readonly again: Kept | Promise<Kept> }

/** Remembers answers by message. */
export class Once<Answer, Kept> {
  readonly #answers = new Lately<string, Remembered<Kept>>(MAX)
  readonly #summary: (answer: Answer) => Kept
  readonly #isKept: (answer: Answer) => boolean

  /**
   * @param summary what is remembered of an answer: the less, the better
   * @param isKept whether an answer counts for the recipients that follow
   */
  constructor(summary: (answer: Answer) => Kept, isKept: (answer: Answer) => boolean) {
    this.#summary = summary
    this.#isKept = isKept
  }

  /** How many are remembered. */
  get size(): number {
    return this.#answers.size
  }

  /**
   * The answer to a message: that of the first request, which may still be on its way, or what `ask` gives.
   *
   * @param key of the message
   */
  get(key: string, now: number, ask: () => Promise<Answer>): Given<Answer, Kept> {
    const known = this.#answers.get(key)
    if (known !== undefined && Math.abs(now - known.since) < KEPT_MS) {
      return { first: null, again: known.kept }
    }
    const first = ask()
    const kept = first.then(this.#summary)
    const entry: Remembered<Kept> = { since: now, kept }
    this.#answers.set(key, entry)
    const forget = (): void => {
      if (this.#answers.get(key) === entry) this.#answers.delete(key)
    }
    first.then((answer) => {
      if (this.#isKept(answer)) entry.kept = this.#summary(answer)
      else forget()
    }, forget)
    // Who waits for it is told.
    kept.catch(() => {})
    return { first, again: null }
  }

  /** Forgets all: what was answered may not be true any more. */
  clear(): void {
    this.#answers.clear()
  }
}
