// The time that queries are answered at. Nothing in this directory reads a clock: who receives a batch tells it.

/** The time of a batch. */
export class Now {
  /** Milliseconds since 1970: what cookies and stale answers go by. It may jump, as the host's clock does. */
  milliseconds = 0
  /** Whole seconds by a clock that only goes forward and that all threads share: what rate limiting goes by. */
  steadySecond = 0

  set(milliseconds: number, steadySecond: number): void {
    this.milliseconds = milliseconds
    this.steadySecond = steadySecond
  }
}
