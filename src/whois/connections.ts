// The open connections of whois clients: how many there may be, and how long each may take.
//
// One that comes when all places are taken, or all of its client's, gets the place of the one that has done nothing for the
// longest, as over DNS.

import type { Socket } from 'node:net'
import { OpenConnections } from '../server/open-connections.ts'
import { Connection } from './connection.ts'
import type { WhoisCounts } from './counts.ts'
import { Session, type SessionCalls } from './session.ts'

/** Connections that may be open at a time. */
export const MOST_CONNECTIONS = 100

/** Connections that one address may have open. */
export const MOST_PER_CLIENT = 32

/** Milliseconds in which a client must send something, or take something of what it is sent. */
export const IDLE_MS = 30_000

/** Milliseconds that a connection may last. */
export const TOTAL_MS = 600_000

/** The connections of any number of listeners. */
export class Connections {
  readonly #calls: SessionCalls
  readonly #counts: WhoisCounts
  readonly #now: () => number
  readonly #open: OpenConnections<Connection>

  /** @param now milliseconds of a clock that only goes forward */
  constructor(
    calls: Omit<SessionCalls, 'onQuery'>,
    counts: WhoisCounts,
    { most = MOST_CONNECTIONS, perClient = MOST_PER_CLIENT } = {},
    now: () => number = () => performance.now(),
  ) {
    this.#calls = { ...calls, onQuery: (result) => counts.count(result) }
    this.#counts = counts
    this.#open = new OpenConnections(most, perClient)
    this.#now = now
    counts.open = 0
  }

  /** Serves a client. */
  accept(socket: Socket): void {
    this.#counts.count('accepted')
    const client = socket.remoteAddress ?? null
    const idlest = this.#open.toDisplace(client)
    if (idlest !== undefined) this.#close(idlest, 'displaced')
    const connection = new Connection(socket, new Session(this.#calls), this.#now, () =>
      this.#open.touch(connection),
    )
    this.#open.add(connection, client)
    socket.once('close', () => this.#forget(connection))
    this.#counts.open = this.#open.size
  }

  /** Closes what takes too long. */
  sweep(): void {
    const now = this.#now()
    for (const connection of this.#open) {
      if (now - connection.since <= IDLE_MS && now - connection.began <= TOTAL_MS) continue
      this.#close(connection, 'late')
    }
  }

  /** Closes all of them. */
  close(): void {
    for (const connection of this.#open) connection.destroy()
  }

  #close(connection: Connection, why: 'displaced' | 'late'): void {
    this.#counts.count(why)
    this.#forget(connection)
    connection.destroy()
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection)
    this.#counts.open = this.#open.size
  }
}
