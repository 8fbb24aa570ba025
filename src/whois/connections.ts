// The open connections of whois clients: how many there may be, and how long each may take.
//
// One that comes when all places are taken gets the place of the one whose client has done nothing for the longest.

import type { Socket } from 'node:net'
import { Connection } from './connection.ts'
import type { WhoisCounts } from './counts.ts'
import { Session, type SessionCalls } from './session.ts'

/** Connections that may be open at a time. */
export const MOST_CONNECTIONS = 100

/** Milliseconds in which a client must send something, or take something of what it is sent. */
export const IDLE_MS = 30_000

/** Milliseconds that a connection may last. */
export const TOTAL_MS = 600_000

/** The connections of any number of listeners. */
export class Connections {
  readonly #calls: SessionCalls
  readonly #counts: WhoisCounts
  readonly #most: number
  readonly #now: () => number
  /** The one whose client has done nothing for the longest first. */
  readonly #open = new Map<Socket, Connection>()

  /** @param now milliseconds of a clock that only goes forward */
  constructor(
    calls: Omit<SessionCalls, 'onQuery'>,
    counts: WhoisCounts,
    most = MOST_CONNECTIONS,
    now: () => number = () => performance.now(),
  ) {
    this.#calls = { ...calls, onQuery: (result) => counts.count(result) }
    this.#counts = counts
    this.#most = most
    this.#now = now
    counts.open = 0
  }

  /** Serves a client. */
  accept(socket: Socket): void {
    this.#counts.count('accepted')
    if (this.#open.size >= this.#most) this.#displaceOne()
    const connection = new Connection(socket, new Session(this.#calls), this.#now, () => {
      // To the end of the line.
      if (this.#open.delete(socket)) this.#open.set(socket, connection)
    })
    this.#open.set(socket, connection)
    socket.once('close', () => this.#forget(socket))
    this.#counts.open = this.#open.size
  }

  /** Closes what takes too long. */
  sweep(): void {
    const now = this.#now()
    for (const [socket, connection] of this.#open) {
      if (now - connection.since <= IDLE_MS && now - connection.began <= TOTAL_MS) continue
      this.#counts.count('late')
      this.#forget(socket)
      connection.destroy()
    }
  }

  /** Closes all of them. */
  close(): void {
    for (const connection of this.#open.values()) connection.destroy()
  }

  #displaceOne(): void {
    const [first] = this.#open
    if (first === undefined) return
    const [socket, connection] = first
    this.#counts.count('displaced')
    this.#forget(socket)
    connection.destroy()
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket)
    this.#counts.open = this.#open.size
  }
}
