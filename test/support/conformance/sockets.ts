// Sockets that behave as no real one can be made to.

import { Duplex } from 'node:stream'

/** A TCP socket whose client sends what it is told to, and reads only when it is told to. */
export class StubbornSocket extends Duplex {
  /** What the server has written and the client has read. */
  readonly taken: Buffer[] = []
  #reading = false
  #pending: (() => void) | null = null
  #wanted = true

  constructor() {
    super({ highWaterMark: 16384, allowHalfOpen: true })
  }

  /** Hands octets to the server unless it has stopped reading; false when it has. */
  arrive(octets: Uint8Array): boolean {
    if (!this.#wanted) return false
    this.#wanted = this.push(octets)
    return true
  }

  /** Begins to read, and reads on. */
  startReading(): void {
    this.#reading = true
    this.#pending?.()
    this.#pending = null
  }

  override _read(): void {
    this.#wanted = true
  }

  override _write(octets: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const read = (): void => {
      this.taken.push(octets)
      done()
    }
    if (this.#reading) read()
    else this.#pending = read
  }
}

/** Resolves when all that is due has been done. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
