// A connection to a directory, together with the sockets that ldapts makes for it: ldapts waits for TLS without an end, and
// does not see that what lies below TLS was closed.

import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Client, type ClientOptions } from 'ldapts'

/** How a connection begins. */
export interface Beginning {
  readonly url: string
  readonly tls: ConnectionOptions
  readonly isStartTls: boolean
  /** Binds; nothing where nobody is to be named. */
  readonly bind: (client: Client) => Promise<void>
  /** Milliseconds that all of it may take, and each question afterwards. */
  readonly timeout: number
}

/** A connection. */
export class LdapConnection {
  readonly client: Client
  readonly #sockets: Socket[] = []

  private constructor({ url, tls, timeout }: Beginning) {
    const kept = <Made extends Socket>(socket: Made): Made => {
      this.#sockets.push(socket)
      return socket
    }
    const options: ClientOptions = {
      url,
      timeout,
      connectTimeout: timeout,
      createConnection: ((...args: Parameters<typeof connectTcp>) =>
        kept(connectTcp(...args))) as typeof connectTcp,
      createSecureConnection: ((...args: Parameters<typeof connectTls>) =>
        kept(connectTls(...args))) as typeof connectTls,
      ...(url.startsWith('ldaps:') ? { tlsOptions: tls } : {}),
    }
    this.client = new Client(options)
  }

  /**
   * Connects, and binds.
   *
   * @throws {Error} of the directory, of the network, or that it takes too long.
   */
  static async open(beginning: Beginning): Promise<LdapConnection> {
    const { tls, isStartTls, bind, timeout } = beginning
    const connection = new LdapConnection(beginning)
    const late = (): void => connection.#destroy(new Error(`no connection within ${timeout} ms`))
    const timer = setTimeout(late, timeout)
    try {
      if (isStartTls) await connection.client.startTLS(tls)
      await bind(connection.client)
      return connection
    } catch (error) {
      connection.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Whether the directory has not closed it. */
  get isOpen(): boolean {
    return this.client.isConnected && this.#sockets.every((socket) => !socket.destroyed && socket.readable)
  }

  close(): void {
    this.client.unbind().catch(() => {})
    // Where TLS lies over it, ldapts ends one of the two.
    if (!this.isOpen) this.#destroy()
  }

  /** What lies above is destroyed first, so that it is told why. */
  #destroy(reason?: Error): void {
    for (const socket of this.#sockets.toReversed()) {
      socket.on('error', () => {})
      socket.destroy(reason)
    }
  }
}
