// Whether the clock has run without a jump: what it says is otherwise no reason to remove anything.

const DAY_MS = 86_400_000

/** Follows a clock by the times of one write after the other. */
export class ClockCourse {
  #steadySince = Number.NaN
  #last = Number.NaN

  /** Whether the clock has run for a day with neither a step back nor one of more than a day. */
  isSteady(time: Date): boolean {
    const now = time.getTime()
    if (!(now >= this.#last && now - this.#last <= DAY_MS)) this.#steadySince = now
    this.#last = now
    return now - this.#steadySince >= DAY_MS
  }
}
