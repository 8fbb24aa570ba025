// The open HTTP connections of all addresses: how many there may be, and how slowly a client may read.
//
// One that comes when all places are taken gets the place of the one that has waited the longest for a request; when
// all are being answered, it is closed. A client that takes nothing of its reply for a while is cut off, and so is
// one that asks far ahead of its replies: neither can make the thread keep things for it.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds within which a client has to take something of a reply, at least. */
const WRITE_MS = 20_000

/** Requests of one connection that may wait for their replies; browsers send the next one after the reply. */
const MAX_AHEAD = 32

interface Connection {
  /** Requests that are being answered. */
  requests: number
  /** Octets that the client had taken when it was looked at last; −1 when it wasn't to take any. */
  taken: number
}

/** The connections of any number of servers. */
export class Connections {
  readonly #max: number
  readonly #timer: NodeJS.Timeout
  /** The one that has waited for a request the longest first. */
  readonly #open = new Map<Socket, Connection>()

  /**
   * @param max how many may be open at a time
   * @param writeMs milliseconds within which a client has to take something of a reply
   */
  constructor(max: number, writeMs = WRITE_MS) {
    this.#max = max
    this.#timer = setInterval(() => this.#cutSlowReaders(), writeMs).unref()
  }

  /** How many are open. */
  get open(): number {
    return this.#open.size
  }

  /** Looks after the connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#accept(socket))
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#begin(socket, response)
    })
  }

  /** Ends the looking after; the connections are the servers' to close. */
  stop(): void {
    clearInterval(this.#timer)
  }

  #accept(socket: Socket): void {
    if (this.#open.size >= this.#max && !this.#displaceOne()) {
      socket.destroy()
      return
    }
    this.#open.set(socket, { requests: 0, taken: -1 })
    socket.once('close', () => this.#open.delete(socket))
  }

  /** Closes the connection that has waited for a request the longest; false when none waits. */
  #displaceOne(): boolean {
    for (const [socket, { requests }] of this.#open) {
      if (requests > 0) continue
      this.#open.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }

  #begin(socket: Socket, response: ServerResponse): void {
    const connection = this.#open.get(socket)
    if (connection === undefined) return
    if (++connection.requests > MAX_AHEAD) socket.destroy()
    response.once('close', () => {
      connection.requests--
      // It waits from now on: to the end of the line.
      if (this.#open.delete(socket)) this.#open.set(socket, connection)
    })
  }

  #cutSlowReaders(): void {
    for (const [socket, connection] of this.#open) {
      const isWaited = socket.writableLength > 0
      const taken = isWaited ? socket.bytesWritten - socket.writableLength : -1
      if (isWaited && taken === connection.taken) socket.destroy()
      connection.taken = taken
    }
  }
}
