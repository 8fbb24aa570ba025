// Says of a command that nobody wants it any more, so that it is not sent when it still waits for that.

/**
 * What a client looks at of an AbortSignal, and no more of it: a real one, with its controller, costs as much as the rest
 * of a command, since the garbage collector has to follow it through weak references.
 */
export class Withdrawal {
  aborted = false
  #listener: (() => void) | null = null

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(): void {
    this.#listener = null
  }

  abort(): void {
    this.aborted = true
    this.#listener?.()
  }
}
