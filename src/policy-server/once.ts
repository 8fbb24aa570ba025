// Answers that are given once: Postfix asks for each recipient of a message, with the same `instance`, and all of them
// get what the first one got.

import { Lately } from './lately.ts'

/** Milliseconds for which the recipients of a message may be asked for. */
const KEPT_MS = 600_000

/** Messages that are remembered; the oldest go. */
const MAX = 10_000

/** What is remembered of an answer, or the answer that is still on its way. */
interface Remembered<Answer, Kept> {
  readonly since: number
  kept: Kept | Promise<Answer>
}

/** An answer: the first for its message, or what is remembered of it. */
export type Given<Answer, Kept> =
  | { readonly first: Promise<Answer>; readonly again: null }
  | { readonly first: null; readonly again: Kept | Promise<Kept> }

/** Remembers answers by message. */
export class Once<Answer, Kept> {
  readonly #answers = new Lately<string, Remembered<Answer, Kept>>(MAX)
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
      const { kept } = known
      return { first: null, again: kept instanceof Promise ? kept.then(this.#summary) : kept }
    }
    const first = ask()
    const entry: Remembered<Answer, Kept> = { since: now, kept: first }
    this.#answers.set(key, entry)
    const forget = (): void => {
      if (this.#answers.get(key) === entry) this.#answers.delete(key)
    }
    first.then((answer) => {
      if (this.#isKept(answer)) entry.kept = this.#summary(answer)
      else forget()
    }, forget)
    return { first, again: null }
  }

  /** Forgets all: what was answered may not be true any more. */
  clear(): void {
    this.#answers.clear()
  }
}
