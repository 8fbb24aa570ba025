// An application over real HTTP, on a free port of 127.0.0.1.

import { connect, type Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { App } from '../../src/http/app.ts'
import { Connections } from '../../src/http/connections.ts'
import { HttpListener } from '../../src/http/listener.ts'

/** An application that is served. */
export interface HttpServer {
  readonly url: string
  readonly port: number
  readonly connections: Connections
  close(): Promise<void>
}

/** Serves an application, which is stopped when the server is closed. */
export async function serveApp(app: App, connections = new Connections(256)): Promise<HttpServer> {
  const answer = getRequestListener(app.hono.fetch, { overrideGlobalObjects: false })
  const listener = await HttpListener.start({ host: '127.0.0.1', port: 0 }, connections, answer)
  const { port } = listener.address
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections,
    close: async () => {
      await listener.close()
      connections.stop()
      app.stop()
    },
  }
}

/** What one connection sends and gets. */
export class RawClient {
  readonly socket: Socket
  /** Resolves when the connection has ended, with all that came. */
  readonly ended: Promise<string>
  #received = ''
  #notify: () => void = () => {}

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text
      this.#notify()
    })
    this.socket.on('error', () => {})
    this.ended = new Promise((resolve) => this.socket.once('close', () => resolve(this.#received)))
  }

  /** Sends text as it is. */
  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Waits until something matches in what came, and gives it. */
  async receive(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      if (this.socket.destroyed) throw new Error(`the connection ended after: ${this.#received}`)
      await new Promise<void>((resolve) => {
        this.#notify = resolve
        this.socket.once('close', resolve)
      })
    }
    return this.#received
  }
}

/** The request of a path, as a client sends it. */
export const requestOf = (path: string, method = 'GET'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
