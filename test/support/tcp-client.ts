// A DNS client over TCP that can be as awkward as a real one.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Address } from './transports.ts'

/** One connection. */
export class TcpClient {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #closed = false
  /** Wakes `receive` up. */
  #notify: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (octets) => {
      this.#received = Buffer.concat([this.#received, octets])
      this.#notify()
    })
    const close = (): void => {
      this.#closed = true
      this.#notify()
    }
    // A reset and an orderly end are both the server's way to say that it is enough.
    socket.on('error', close)
    socket.on('end', close)
    socket.on('close', close)
  }

  static async connect({ host, port }: Address): Promise<TcpClient> {
    const socket = connect({ host, port, allowHalfOpen: true })
    const client = new TcpClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Sends a message behind its length. */
  send(message: Uint8Array): void {
    void this.write(framed(message))
  }

  /** Sends octets as they are; resolves when they have been handed over. */
  write(octets: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(octets, () => resolve()))
  }

  /** Says that no more queries come; replies can still be received. */
  end(): void {
    this.#socket.end()
  }

  /** Stops reading, so that the server's replies pile up. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** The next reply, null when the server has closed the connection. */
  async receive(): Promise<Buffer | null> {
    for (;;) {
      const received = this.#received
      if (received.length >= 2) {
        const end = 2 + received.readUInt16BE(0)
        if (received.length >= end) {
          this.#received = received.subarray(end)
          return received.subarray(2, end)
        }
      }
      if (this.#closed) return null
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
  }
}

/** A message behind its length (RFC 1035 4.2.2). */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 255), message])
}
