// An HTTP server on one address.

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Connections } from './connections.ts'

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
  readonly #server: Server

  private constructor(address: HttpAddress, server: Server) {
    this.address = address
    this.#server = server
  }

  /**
   * Binds the address and serves.
   *
   * @throws {Error} of the system when the address can't be bound.
   */
  static async start(
    { host, port }: HttpAddress,
    connections: Connections,
    answer: RequestListener,
  ): Promise<HttpListener> {
    const server = createServer(
      { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: LOOK_MS },
      answer,
    )
    connections.watch(server)
    server.listen({ host, port })
    await once(server, 'listening')
    // An error of accept, such as too many open files, passes when connections close.
    server.on('error', () => {})
    return new HttpListener({ host, port: (server.address() as AddressInfo).port }, server)
  }

  /** Stops serving, answers that are under way included. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
