// Tells a receive that found nothing, as an idle socket's does, from a socket that fails.
//
// errno says it, but it can't be read in the same call: V8 may serve an interrupt in between, a process report of
// another thread say, and what it does sets errno anew. So it is told by time and by poll(): a call that came back
// long before its time is asked about, and only where poll() says that there is something, and the next call
// brings nothing again, has the socket failed. A failure is counted and waited out; a socket that does nothing
// but fail for some seconds ends the worker, whose successor begins with the same sockets.

import { failureOf, type Libc, POLLIN } from '../../system/libc.ts'
import type { CounterSlice } from '../counters.ts'

/** Milliseconds after which a receive that waits gives up, so that its worker looks whether it is to stop or to swap. */
export const WAKE_MS = 50

/** Milliseconds after which a socket that fails is given up. */
export const PATIENCE_MS = 5000

/** Words of a struct pollfd: the descriptor, then events and, in the upper half, the events that came. */
export const POLLFD_WORDS = 2

/** More than is needed, so that the memory is off the JavaScript heap and never moves. */
const OFF_HEAP_WORDS = 1024

/** What is known of one socket of a worker. */
export class SocketWatch {
  readonly #libc: Libc
  readonly #fd: number
  readonly #counters: CounterSlice
  readonly #pollfd = new Uint32Array(OFF_HEAP_WORDS)
  readonly #address: number
  /** When the last call that found nothing came back, or when the next is made after a wait. */
  #lastAt = Number.NEGATIVE_INFINITY
  /** poll() has said that there is something. */
  #isExpecting = false
  /** Failures in a row, and when they began. */
  #failures = 0
  #since = 0

  constructor(libc: Libc, fd: number, counters: CounterSlice) {
    this.#libc = libc
    this.#fd = fd
    this.#counters = counters
    this.#address = libc.addressOf(this.#pollfd)
    this.#pollfd[0] = fd
    this.#pollfd[1] = POLLIN
  }

  /** Whether `brought` has something to forget. */
  get isUneasy(): boolean {
    return this.#isExpecting
  }

  /** A call brought packets: the socket is well. */
  brought(): void {
    this.#isExpecting = false
    this.#failures = 0
  }

  /**
   * A call that waits up to WAKE_MS brought nothing.
   *
   * @returns milliseconds to wait before the next call
   * @throws {Error} when the socket has failed for too long.
   */
  waitedInVain(): number {
    const now = performance.now()
    const isEarly = now - this.#lastAt < WAKE_MS / 2
    this.#lastAt = now
    if (!isEarly) {
      this.brought()
      return 0
    }
    // A signal, perhaps, or a socket that somebody has made one that doesn't block: poll() waits in its place.
    const wait = this.#look(now, WAKE_MS)
    this.#lastAt = performance.now() + wait
    return wait
  }

  /**
   * A call that doesn't wait brought nothing, although poll() had said that there is something.
   *
   * @returns milliseconds to leave the socket alone
   * @throws {Error} when the socket has failed for too long.
   */
  wasMisled(): number {
    return this.#look(performance.now(), 0)
  }

  #look(now: number, milliseconds: number): number {
    let wait = this.#isExpecting ? this.#fail(now) : 0
    const ready = this.#libc.poll(this.#address, 1, wait > 0 ? 0 : milliseconds)
    this.#isExpecting = ready > 0
    // poll() that can't tell is not a failure of the socket, but nothing to try again at once either.
    if (ready < 0) wait = Math.max(wait, 1)
    else if (ready === 0) this.#failures = 0
    return wait
  }

  /** Counts a failure; the wait doubles with each in a row. */
  #fail(now: number): number {
    if (this.#failures === 0) this.#since = now
    else if (now - this.#since >= PATIENCE_MS) {
      // Where errno was lost, the text says so; nothing else depends on it.
      throw new Error(`recvmmsg on fd ${this.#fd} keeps failing: ${failureOf(this.#libc)}`)
    }
    this.#failures++
    this.#counters.countFailedReceive()
    return Math.min(2 ** (this.#failures - 1), WAKE_MS)
  }
}
