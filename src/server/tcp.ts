// The TCP front end (RFC 7766): pipelining, back-pressure, an idle timer and a limit on connections.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { HEADER_LENGTH, REPLY_CAPACITY, TCP_LIMIT } from '../dns/protocol.ts'
import { type Responder, TRANSPORT } from '../dns/responder.ts'
import { bindError } from './bind-error.ts'
import type { ListenAddress } from './listen-address.ts'

/** Limits of the TCP front end. */
export interface TcpOptions {
  /** Connections that may be open at a time; a further one is closed at once. */
  readonly connections: number
  /** Milliseconds after which a connection without a whole query is closed. */
  readonly idle: number
}

/** One listening socket. */
export interface TcpFrontEnd {
  /** The address that was bound; its port is never 0. */
  readonly address: ListenAddress
  /** Stops answering; resolves when every connection is closed. */
  close(): Promise<void>
}

/** Octets of the length in front of each message (RFC 1035 4.2.2). */
const LENGTH_OCTETS = 2

/** Messages that one connection may have answered before others get their turn. */
const MESSAGES_PER_TURN = 64

/** @throws {AsnzoneError} `ASNZONE_LISTEN` when the address can't be bound. */
export async function bindTcp(
  address: ListenAddress,
  responder: Responder,
  options: TcpOptions,
): Promise<TcpFrontEnd> {
  const { host, port, family } = address
  const connections = new Set<TcpConnection>()
  // A client may close its half after the last query and still read the replies (RFC 7766 6.2.3).
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new TcpConnection(socket, responder, options.idle)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  server.maxConnections = options.connections
  server.listen({ host, port, ipv6Only: family === 6 })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw bindError('TCP', address, cause as Error)
  }
  // An error of accept, such as too many open files, passes when connections close.
  server.on('error', () => {})
  const bound = server.address()
  return {
    address: { host, port: typeof bound === 'object' && bound !== null ? bound.port : port, family },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const connection of connections) connection.destroy()
      await closed
    },
  }
}

/** One client: collects octets into messages and answers them in order. */
class TcpConnection {
  readonly #socket: Socket
  readonly #responder: Responder
  readonly #timer: NodeJS.Timeout
  #received: Buffer = Buffer.alloc(0)
  #ended = false
  #waiting = false

  constructor(socket: Socket, responder: Responder, idle: number) {
    this.#socket = socket
    this.#responder = responder
    this.#timer = setTimeout(() => socket.destroy(), idle)
    socket.on('data', (octets) => {
      this.#received = this.#received.length === 0 ? octets : Buffer.concat([this.#received, octets])
      this.#work()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#work()
    })
    socket.on('drain', () => {
      this.#waiting = false
      this.#work()
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => clearTimeout(this.#timer))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Answers the whole messages that have come, until the client has to read or others have their turn. */
  #work(): void {
    const socket = this.#socket
    for (let messages = 0; !this.#waiting && !socket.destroyed; messages++) {
      const received = this.#received
      const length = received.length < LENGTH_OCTETS ? -1 : received.readUInt16BE(0)
      // A message without a header can't be answered, and what follows it can't be trusted.
      if (length >= 0 && length < HEADER_LENGTH) {
        socket.destroy()
        return
      }
      if (length < 0 || received.length < LENGTH_OCTETS + length) break
      if (messages === MESSAGES_PER_TURN) {
        this.#waiting = true
        setImmediate(() => {
          this.#waiting = false
          this.#work()
        })
        break
      }
      this.#timer.refresh()
      this.#received = received.subarray(LENGTH_OCTETS + length)
      this.#answer(received.subarray(LENGTH_OCTETS, LENGTH_OCTETS + length))
    }
    if (this.#waiting) socket.pause()
    else if (this.#ended) socket.end()
    else socket.resume()
  }

  #answer(query: Buffer): void {
    const packet = Buffer.allocUnsafe(LENGTH_OCTETS + Math.min(TCP_LIMIT, query.length + REPLY_CAPACITY))
    query.copy(packet, LENGTH_OCTETS)
    const end = LENGTH_OCTETS + query.length
    const length = this.#responder.respond(packet, LENGTH_OCTETS, end, TRANSPORT.tcp)
    if (length === 0) return
    packet.writeUInt16BE(length, 0)
    // A client that doesn't read isn't read from either, so that its replies can't fill the memory.
    if (!this.#socket.write(packet.subarray(0, LENGTH_OCTETS + length))) this.#waiting = true
  }
}
