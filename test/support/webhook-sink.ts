// A web server that keeps what is posted to it, and answers as it is told.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Arrivals } from './arrivals.ts'

/** A request as it came. */
export interface Posted {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A running server. */
export class WebhookSink {
  readonly posts: Posted[] = []
  /** The status that is answered next; null for no answer at all. */
  status: number | null = 200
  readonly #server: Server
  readonly #arrivals = new Arrivals()

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        this.posts.push({ path: request.url ?? '', headers: request.headers, body })
        if (this.status !== null) response.writeHead(this.status, { location: '/elsewhere' }).end('{}')
        this.#arrivals.look()
      })
    })
  }

  static async start(): Promise<WebhookSink> {
    const sink = new WebhookSink()
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve))
    return sink
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** So many requests, when they have come. */
  received(count: number): Promise<readonly Posted[]> {
    return this.#arrivals.until(() => (this.posts.length < count ? undefined : this.posts))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
