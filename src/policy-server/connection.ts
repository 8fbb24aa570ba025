// A connection of a mail server: requests one after the other, each answered in its turn.

import type { Socket } from 'node:net'
import { composeAnswer } from '../policy/answer.ts'
import { type Attributes, type RequestFault, RequestReader } from '../policy/request.ts'

/** Requests that may wait for their answers before no more are read. */
const MAX_AHEAD = 32

/** What connections need of the service. */
export interface ConnectionCalls {
  /** The action that answers a request; null for none: then the connection is closed. */
  readonly answer: (attributes: Attributes) => Promise<string | null>
  /** Told of octets that can be no request; the connection is closed. */
  readonly onFault: (fault: RequestFault) => void
  /** Told of lines that were passed over. */
  readonly onPassedOver: (lines: number) => void
}

/** One connection. */
export class Connection {
  readonly #socket: Socket
  readonly #calls: ConnectionCalls
  readonly #now: () => number
  readonly #onIdle: () => void
  readonly #reader = new RequestReader()
  readonly #waiting: Attributes[] = []
  #isAnswering = false
  #hasEnded = false
  #isFaulty = false
  #passedOver = 0
  #since: number

  /** @param onIdle told when all that was asked is answered */
  constructor(socket: Socket, calls: ConnectionCalls, now: () => number, onIdle: () => void) {
    this.#socket = socket
    this.#calls = calls
    this.#now = now
    this.#onIdle = onIdle
    this.#since = now()
    // It is gone: `close` follows.
    socket.on('error', () => {})
    socket.on('data', (octets) => this.#read(octets as Buffer))
    socket.on('drain', () => this.#goOn())
    socket.on('end', () => {
      this.#hasEnded = true
      if (!this.#isAnswering) socket.end()
    })
  }

  /** Whether nothing is asked that isn't answered. */
  get isIdle(): boolean {
    return !this.#isAnswering && !this.#reader.isWithin
  }

  /** Whether the client owes us the rest of a request, or has to take its answers. */
  get isWithin(): boolean {
    return this.#reader.isWithin || this.#socket.writableNeedDrain
  }

  /** Since when we wait for the client; null when it waits for us. */
  get waitingSince(): number | null {
    return this.#isAnswering && !this.#socket.writableNeedDrain ? null : this.#since
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(octets: Uint8Array): void {
    const wasWithin = this.#reader.isWithin
    this.#reader.read(octets, (attributes) => {
      this.#waiting.push(attributes)
    })
    // Octets of a request that began before don't buy it time.
    if (!wasWithin || this.#waiting.length > 0) this.#since = this.#now()
    const { fault, passedOver } = this.#reader
    if (passedOver > this.#passedOver) {
      this.#calls.onPassedOver(passedOver - this.#passedOver)
      this.#passedOver = passedOver
    }
    if (this.#waiting.length >= MAX_AHEAD || fault !== null) this.#socket.pause()
    if (fault !== null && !this.#isFaulty) {
      this.#isFaulty = true
      this.#calls.onFault(fault)
    }
    if (!this.#isAnswering) void this.#answerAll()
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true
    while (!this.#socket.destroyed) {
      const attributes = this.#waiting.shift()
      if (attributes === undefined) break
      const action = await this.#calls.answer(attributes)
      if (action === null) {
        this.#socket.destroy()
        return
      }
      // A client that doesn't take its answers gets no more of them.
      if (!this.#socket.write(composeAnswer(action))) break
    }
    this.#isAnswering = false
    if (this.#socket.writableNeedDrain) {
      // Nor is it read: each request that came would be one more answer to be kept.
      this.#socket.pause()
      this.#since = this.#now()
      return
    }
    if (this.#isFaulty) this.#socket.destroySoon()
    else if (this.#hasEnded) this.#socket.end()
    else {
      this.#socket.resume()
      this.#since = this.#reader.isWithin ? this.#since : this.#now()
      this.#onIdle()
    }
  }

  #goOn(): void {
    if (!this.#isAnswering) void this.#answerAll()
  }
}
