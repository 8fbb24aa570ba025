// A stream socket that clients of a thread connect to: one that is bound already, or an address.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Where clients come in: a socket that is bound already, or an address to bind. */
export type StreamDoor =
  | { readonly kind: 'socket'; readonly fd: number; readonly isUnix: boolean }
  | { readonly kind: 'address'; readonly host: string; readonly port: number }

/** Listens at one door. */
export class StreamListener {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Begins to listen.
   *
   * @param onConnection told of each client, and whether it came over a Unix socket
   * @throws {Error} of the system when that isn't to be had.
   */
  static async start(
    door: StreamDoor,
    onConnection: (socket: Socket, isUnix: boolean) => void,
  ): Promise<StreamListener> {
    const isUnix = door.kind === 'socket' && door.isUnix
    // A client may close its half after the last request and still read the answers.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      onConnection(socket, isUnix),
    )
    server.listen(door.kind === 'socket' ? { fd: door.fd } : { host: door.host, port: door.port })
    await once(server, 'listening')
    // An error of accept, such as too many open files, passes when connections close.
    server.on('error', () => {})
    return new StreamListener(server)
  }

  /** The port; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? (address.port ?? 0) : 0
  }

  /** Accepts nobody any more. */
  close(): void {
    this.#server.close()
  }
}
