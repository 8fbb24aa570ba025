// What came over HTTP and waits to be learned: at most a second, and never more than fits. Nobody waits for it.

import type { LearnCounts } from '../learn/learner.ts'
import type { IgnoredReason, Reading } from '../learn/verdict.ts'

/** The most verdicts that wait. */
const MAX_WAITING = 20_000

/** Milliseconds that the first of them waits. */
const WAIT_MS = 1000

/** Learns a batch of one reporter, and tells what became of it. */
export type Learn = (readings: readonly Reading[]) => Promise<LearnCounts>

/** Why a verdict taught nothing: for what it is, or because there was no room, or the state can't be written. */
export type Untaught = IgnoredReason | 'dropped' | 'failed'

/** Waits, learns and counts. */
export class LearnQueue {
  /** By reporter. */
  readonly learned = new Map<string, { spam: number; ham: number }>()
  readonly ignored = new Map<Untaught, number>()
  readonly #learn: Learn
  readonly #onError: (error: Error) => void
  readonly #waiting = new Map<string, Reading[]>()
  #count = 0
  #hasFailed = false
  #isBusy = false

  /** @param onError told of the first of failures that follow each other */
  constructor(learn: Learn, onError: (error: Error) => void) {
    this.#learn = learn
    this.#onError = onError
  }

  /** Takes what a reporter has told. */
  add(reporter: string, readings: readonly Reading[]): void {
    const taken = readings.slice(0, MAX_WAITING - this.#count)
    this.#ignore('dropped', readings.length - taken.length)
    if (taken.length === 0) return
    const waiting = this.#waiting.get(reporter)
    if (waiting === undefined) this.#waiting.set(reporter, [...taken])
    else waiting.push(...taken)
    if (this.#count === 0 && !this.#isBusy) setTimeout(() => void this.learnAll(), WAIT_MS).unref()
    this.#count += taken.length
  }

  /** Learns what waits. Never rejects. */
  async learnAll(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    while (this.#waiting.size > 0) {
      const batches = [...this.#waiting]
      this.#waiting.clear()
      this.#count = 0
      for (const [reporter, readings] of batches) await this.#learnBatch(reporter, readings)
    }
    this.#isBusy = false
  }

  async #learnBatch(reporter: string, readings: readonly Reading[]): Promise<void> {
    try {
      const { spam, ham, ignored } = await this.#learn(readings)
      const sum = this.learned.get(reporter) ?? { spam: 0, ham: 0 }
      this.learned.set(reporter, { spam: sum.spam + spam, ham: sum.ham + ham })
      for (const [reason, count] of Object.entries(ignored)) this.#ignore(reason as IgnoredReason, count)
      this.#hasFailed = false
    } catch (error) {
      this.#ignore('failed', readings.length)
      if (!this.#hasFailed) this.#onError(error as Error)
      this.#hasFailed = true
    }
  }

  #ignore(reason: Untaught, count: number): void {
    if (count > 0) this.ignored.set(reason, (this.ignored.get(reason) ?? 0) + count)
  }
}
