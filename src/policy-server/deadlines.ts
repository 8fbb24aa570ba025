// Promises that must come in time: one timer for all of them, since a timer for each costs more than what most wait for.

/** A promise that is waited for, in a ring with the others: what leaves it is pointed to by nothing that is old. */
interface Pending {
  readonly due: number
  readonly fail: () => void
  before: Pending
  after: Pending
}

/** Watches promises. */
export class Deadlines {
  /** Where the ring begins and ends. */
  readonly #ends: Pending
  #timer: NodeJS.Timeout | undefined
  #next = Number.POSITIVE_INFINITY

  constructor() {
    const ends = { due: 0, fail: () => {} } as unknown as Pending
    ends.before = ends
    ends.after = ends
    this.#ends = ends
  }

  /**
   * What a promise gives, if it does so in time.
   *
   * @param onLate told that it doesn't; makes of the error the one to throw
   * @throws {Error} when it does not.
   */
  within<Result>(
    milliseconds: number,
    promise: Promise<Result>,
    onLate: (error: Error) => Error = (error) => error,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(onLate(new Error(`no answer within ${milliseconds} ms`)))
      const pending = this.#add(performance.now() + milliseconds, fail)
      promise.then(
        (result) => {
          remove(pending)
          resolve(result)
        },
        (error) => {
          remove(pending)
          reject(error)
        },
      )
    })
  }

  #add(due: number, fail: () => void): Pending {
    const ends = this.#ends
    const pending = { due, fail, before: ends.before, after: ends }
    ends.before.after = pending
    ends.before = pending
    this.#wakeAt(due)
    return pending
  }

  #wakeAt(due: number): void {
    if (due >= this.#next) return
    clearTimeout(this.#timer)
    this.#next = due
    // A timer may come up to a millisecond early.
    this.#timer = setTimeout(() => this.#look(), due - performance.now() + 1).unref()
  }

  #look(): void {
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (let it = this.#ends.after; it !== this.#ends; ) {
      const { due, fail, after } = it
      if (due > now) next = Math.min(next, due)
      else {
        remove(it)
        fail()
      }
      it = after
    }
    this.#next = Number.POSITIVE_INFINITY
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(next)
  }
}

function remove(pending: Pending): void {
  pending.before.after = pending.after
  pending.after.before = pending.before
  pending.before = pending
  pending.after = pending
}
