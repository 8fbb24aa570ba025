// A UDP client that can choose its own address, and knows when silence is silence.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Address } from '../transports.ts'

const MARKER = Buffer.from('no more can come')

/** One socket, bound to an address. */
export class UdpClient {
  readonly #socket: Socket
  readonly #server: Address
  #received: { octets: Buffer; from: string }[] = []
  #notify: () => void = () => {}

  private constructor(socket: Socket, server: Address) {
    this.#socket = socket
    this.#server = server
    socket.on('message', (octets, { address }) => {
      this.#received.push({ octets, from: address })
      this.#notify()
    })
  }

  static async open(server: Address, host: string): Promise<UdpClient> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new UdpClient(socket, server)
  }

  send(octets: Uint8Array): void {
    this.#socket.send(octets, this.#server.port, this.#server.host)
  }

  /** The next packet, and the address that it came from. */
  async receive(): Promise<{ octets: Buffer; from: string }> {
    for (;;) {
      const next = this.#received.shift()
      if (next !== undefined) return next
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
  }

  /** All packets that are waiting: one that this client sends to itself comes after all that came before. */
  async waiting(): Promise<Buffer[]> {
    const { address, port } = this.#socket.address()
    this.#socket.send(MARKER, port, address)
    const packets: Buffer[] = []
    for (;;) {
      const { octets } = await this.receive()
      if (octets.equals(MARKER)) return packets
      packets.push(octets)
    }
  }

  close(): void {
    this.#socket.close()
  }
}
