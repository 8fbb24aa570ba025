// An HTTP server on one address: what the published files and the pages have in common.

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An address to serve on. */
export interface HttpAddress {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
}

/** Milliseconds within which a client has to have sent its request. */
const REQUEST_MS = 30_000

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
  static async start({ host, port }: HttpAddress, answer: RequestListener): Promise<HttpListener> {
    const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, answer)
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
