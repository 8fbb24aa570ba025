// A connection of a whois client: what it sends is answered as fast as it takes the answers, and no faster.

import type { Socket } from 'node:net'
import type { Session } from './session.ts'

const NOTHING = Buffer.alloc(0)

/** One connection. */
export class Connection {
  /** When it was opened, and when the client has sent or taken something last: milliseconds of the clock. */
  readonly began: number
  since: number
  readonly #socket: Socket
  readonly #session: Session
  readonly #now: () => number
  readonly #onActive: () => void
  /** What was sent and isn't answered: a line that isn't whole, or what waits for its turn. */
  #pending: Buffer = NOTHING
  #hasAll = false
  #isWaiting = false

  /** @param onActive told when the client has sent or taken something */
  constructor(socket: Socket, session: Session, now: () => number, onActive: () => void) {
    this.#socket = socket
    this.#session = session
    this.#now = now
    this.#onActive = onActive
    this.began = now()
    this.since = this.began
    // It is gone: `close` follows.
    socket.on('error', () => {})
    socket.on('data', (octets: Buffer) => {
      // What comes after the end is thrown away, and buys no time; unread, it would take the answers with it.
      if (session.hasEnded) return
      this.#pending = this.#pending.length === 0 ? octets : Buffer.concat([this.#pending, octets])
      this.#noteActivity()
      socket.pause()
      this.#goOn()
    })
    socket.on('drain', () => {
      this.#noteActivity()
      this.#goOn()
    })
    socket.on('end', () => {
      this.#hasAll = true
      this.#goOn()
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #noteActivity(): void {
    this.since = this.#now()
    this.#onActive()
  }

  /** Answers a little, and lets others have their turns. */
  #goOn(): void {
    const socket = this.#socket
    const session = this.#session
    if (this.#isWaiting || socket.destroyed || socket.writableEnded || socket.writableNeedDrain) return
    const { used, text } = session.answer(this.#pending, this.#hasAll)
    this.#pending = this.#pending.subarray(used)
    if (text !== '') socket.write(text)
    if (session.hasEnded) {
      this.#pending = NOTHING
      socket.end()
      socket.resume()
    } else if (text === '') {
      // What is left is no whole line, of few octets: it doesn't keep the chunk that it came in.
      this.#pending = Buffer.from(this.#pending)
      socket.resume()
    } else {
      this.#isWaiting = true
      setImmediate(() => {
        this.#isWaiting = false
        this.#goOn()
      })
    }
  }
}
