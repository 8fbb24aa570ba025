// An HTTP server on one address.

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Connections } from './connections.ts'
import type { TlsFiles } from './task.ts'

/** An address to serve on. */
export interface HttpAddress {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
}

/** Milliseconds within which a client has to have sent its request, and between two looks at that. */
const REQUEST_MS = 30_000
const LOOK_MS = 5000

/** A running HTTP server. */
export class HttpListener {
  /** The address that was bound; its port is never 0. */
  readonly address: HttpAddress
  readonly #server: Server | TlsServer

  private constructor(address: HttpAddress, server: Server | TlsServer) {
    this.address = address
    this.#server = server
  }

  /**
   * Binds the address and serves.
   *
   * @param tls null for plain HTTP
   * @throws {Error} of the system when the address can't be bound.
   */
  static async start(
    { host, port }: HttpAddress,
    connections: Connections,
    answer: RequestListener,
    tls: TlsFiles | null = null,
  ): Promise<HttpListener> {
    const limits = {
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      connectionsCheckingInterval: LOOK_MS,
    }
    const server =
      tls === null
        ? createServer(limits, answer)
        : createTlsServer({ ...limits, ...tls, handshakeTimeout: REQUEST_MS }, answer)
    // A client that speaks no TLS is closed, and nobody else's affair.
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    connections.watch(server)
    server.listen({ host, port })
    await once(server, 'listening')
    // An error of accept, such as too many open files, passes when connections close.
    server.on('error', () => {})
    return new HttpListener({ host, port: (server.address() as AddressInfo).port }, server)
  }

  /** Shows another certificate to those who connect from now on; a listener without TLS stays so. */
  secure(tls: TlsFiles): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tls)
  }

  /** Stops serving, answers that are under way included. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
