// The open connections of all addresses: how many there may be, and how long one may be silent.
//
// One that comes when all places are taken gets the place of the one that has been idle the longest; when none is
// idle, of the one that has owed us the rest of a request the longest. Where all wait for us, it is closed.

import type { Socket } from 'node:net'
import { Connection, type ConnectionCalls } from './connection.ts'

/** Milliseconds within which a request that has begun must end; Postfix gives up on us after as many. */
const REQUEST_MS = 100_000

/** Milliseconds that a connection may be idle; Postfix closes its own after 300 s, or 1,000 s of use. */
const IDLE_MS = 1_100_000

/** The connections of any number of listeners. */
export class Connections {
  readonly #most: number
  readonly #calls: ConnectionCalls
  readonly #now: () => number
  /** The one that has been idle the longest first. */
  readonly #open = new Map<Socket, Connection>()

  /**
   * @param most how many may be open at a time
   * @param now milliseconds of a clock that only goes forward
   */
  constructor(most: number, calls: ConnectionCalls, now: () => number = () => performance.now()) {
    this.#most = most
    this.#calls = calls
    this.#now = now
  }

  /** How many are open. */
  get open(): number {
    return this.#open.size
  }

  /** Serves a client. */
  accept(socket: Socket): void {
    if (this.#open.size >= this.#most && !this.#displaceOne()) {
      socket.destroy()
      return
    }
    const connection = new Connection(socket, this.#calls, this.#now, () => {
      // It is idle from now on: to the end of the line.
      if (this.#open.delete(socket)) this.#open.set(socket, connection)
    })
    this.#open.set(socket, connection)
    socket.once('close', () => this.#open.delete(socket))
  }

  /** Closes what has been silent for too long. */
  sweep(): void {
    const now = this.#now()
    for (const connection of this.#open.values()) {
      const { waitingSince, isWithin } = connection
      const most = isWithin ? REQUEST_MS : IDLE_MS
      if (waitingSince !== null && now - waitingSince > most) connection.destroy()
    }
  }

  /** Closes all of them: mail servers ask again. */
  close(): void {
    for (const connection of this.#open.values()) connection.destroy()
  }

  #displaceOne(): boolean {
    let longest: { readonly socket: Socket; readonly since: number } | null = null
    for (const [socket, { isIdle, waitingSince: since }] of this.#open) {
      if (isIdle) return this.#displace(socket)
      if (since !== null && since < (longest?.since ?? Number.POSITIVE_INFINITY)) longest = { socket, since }
    }
    return longest !== null && this.#displace(longest.socket)
  }

  #displace(socket: Socket): true {
    this.#open.get(socket)?.destroy()
    this.#open.delete(socket)
    return true
  }
}
