// The TCP front end (RFC 7766): limits on connections, in all and for one client.
//
// Who gives up its place to a new connection is decided in open-connections.ts. What a proxy opens is its client's from when
// the proxy has told whose it is; until then it counts among all.

import { once } from 'node:events'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { AccessList, type Networks } from '../dns/access-list.ts'
import type { Responder } from '../dns/responder.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import type { ListenAddress } from '../system/listen-address.ts'
import { bindError } from './bind-error.ts'
import { holdsAddress } from './client-address.ts'
import type { CounterSlice } from './counters.ts'
import { OpenConnections } from './open-connections.ts'
import { TcpConnection } from './tcp-connection.ts'

/** Limits of the TCP front end. */
export interface TcpOptions {
  /** Connections that may be open at a time, on all addresses. */
  readonly connections: number
  /** Connections that one client may have. */
  readonly perClient: number
  /** Milliseconds after which a connection without a whole query is closed. */
  readonly idle: number
}

/** What became of connections since the start. */
export interface TcpConnectionCounts {
  readonly open: number
  readonly accepted: number
  /** Closed for a newer one, because all places, or all of the client's, were taken. */
  readonly displaced: number
}

/** Answers over TCP on any number of addresses. */
export class TcpFrontEnd {
  readonly #options: TcpOptions
  readonly #proxies: AccessList | null
  readonly #servers: Server[] = []
  readonly #open: OpenConnections<TcpConnection>
  /** Connections since the start. */
  readonly #counts = { accepted: 0, displaced: 0 }
  #responder: Responder | null = null
  #counters: CounterSlice | null = null

  /** @param proxies who has to tell for whom it asks; null for nobody */
  constructor(options: TcpOptions, proxies: Networks | null = null) {
    this.#options = options
    this.#open = new OpenConnections(options.connections, options.perClient)
    this.#proxies = proxies === null ? null : new AccessList(proxies)
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#open.size
  }

  /** What became of connections since the start. */
  get counts(): TcpConnectionCounts {
    return { open: this.#open.size, ...this.#counts }
  }

  /**
   * Binds an address; connections wait until `start`.
   *
   * @returns the port, which is the one that was asked for unless that was 0
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when the address can't be bound.
   */
  async bind(address: ListenAddress): Promise<number> {
    const { host, port, family } = address
    return this.#listen(address, { host, port, ipv6Only: family === 6 })
  }

  /**
   * Takes a listening socket over from the program that started us.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when it can't be used.
   */
  async adopt({ fd, address }: InheritedSocket): Promise<void> {
    await this.#listen(address, { fd })
  }

  /** Lets go of the address that was bound last. */
  async unbindLast(): Promise<void> {
    const server = this.#servers.pop()
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    await closed
  }

  /** Begins to answer. */
  start(responder: Responder, counters: CounterSlice): void {
    this.#responder = responder
    this.#counters = counters
    for (const connection of this.#open) connection.start(responder, counters)
  }

  /** Closes every connection and stops listening. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => once(server, 'close'))
    for (const server of this.#servers) server.close()
    for (const connection of this.#open) connection.close()
    await Promise.all(closed)
  }

  async #listen(address: ListenAddress, options: ListenOptions & { fd?: number }): Promise<number> {
    // A client may close its half after the last query and still read the replies (RFC 7766 6.2.3).
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket),
    )
    server.listen(options)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw bindError('TCP', address, cause as Error)
    }
    // An error of accept, such as too many open files, passes when connections close.
    server.on('error', () => {})
    this.#servers.push(server)
    const bound = server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : address.port
  }

  #accept(socket: Socket): void {
    const client = socket.remoteAddress
    if (client === undefined) {
      // The client has gone.
      socket.destroy()
      return
    }
    const isProxy = this.#proxies !== null && holdsAddress(this.#proxies, client)
    this.#displace(this.#open.toDisplace(isProxy ? null : client))
    const onHeader = (): void => {
      this.#displace(this.#open.ownToDisplace(connection.client))
      this.#open.assign(connection, connection.client)
    }
    const connection = new TcpConnection(
      socket,
      client,
      this.#options.idle,
      // One that had a whole query is idle from now on.
      () => this.#open.touch(connection),
      isProxy ? onHeader : null,
    )
    this.#counts.accepted++
    this.#open.add(connection, isProxy ? null : client)
    connection.onClose(() => this.#open.delete(connection))
    if (this.#responder !== null && this.#counters !== null) {
      connection.start(this.#responder, this.#counters)
    }
  }

  /** Closes the connection whose place a new one takes, if there is one. */
  #displace(idlest: TcpConnection | undefined): void {
    if (idlest === undefined) return
    this.#counts.displaced++
    idlest.close()
    this.#open.delete(idlest)
  }
}
