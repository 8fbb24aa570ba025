// The UDP front end on node:dgram, in the main thread: works wherever Node does.

import { type BindOptions, createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { shrinkHeap } from '../collect-garbage.ts'
import { REPLY_CAPACITY } from '../dns/protocol.ts'
import { type Responder, TRANSPORT } from '../dns/responder.ts'
import { bindError } from './bind-error.ts'
import { setClient } from './client-address.ts'
import { type CounterPlace, CounterSlice } from './counters.ts'
import type { InheritedSocket } from './inherited-sockets.ts'
import { addressOctets, type ListenAddress } from './listen-address.ts'
import { replaceService, type Service } from './service.ts'
import { RECEIVE_BUFFER, type UdpFrontEnd } from './udp-front-end.ts'

/** Answers in the thread that made it. */
export class DgramFrontEnd implements UdpFrontEnd {
  readonly kind = 'dgram'
  readonly #responderOf: (service: Service) => Responder
  readonly #place: CounterPlace
  readonly #counters: CounterSlice
  #responder: Responder | null = null
  readonly #sockets: Socket[] = []

  /**
   * @param responderOf makes the one responder, when the front end starts
   * @param counters where it counts
   */
  constructor(responderOf: (service: Service) => Responder, counters: CounterPlace) {
    this.#responderOf = responderOf
    this.#place = counters
    this.#counters = new CounterSlice(counters)
  }

  /**
   * Binds an address; of a wildcard the addresses that this host has now as well, because a reply has to leave
   * from the address that was asked (RFC 2181 4.1) and node:dgram doesn't tell which that was.
   */
  async bind(address: ListenAddress): Promise<{ port: number; receiveBuffer: number }> {
    const { host, family } = address
    const isWildcard = addressOctets(address).every((octet) => octet === 0)
    const bound = await this.#open(address, { address: host, port: address.port }, isWildcard)
    if (!isWildcard) return bound
    for (const own of ownAddresses(family)) {
      // What another program holds or has just gone is left to the wildcard.
      await this.#open(address, { address: own, port: bound.port }, true).catch(() => {})
    }
    return bound
  }

  adopt({ fd, address }: InheritedSocket): Promise<{ receiveBuffer: number }> {
    return this.#open(address, { fd })
  }

  async #open(
    address: ListenAddress,
    options: BindOptions,
    reuseAddr = false,
  ): Promise<{ port: number; receiveBuffer: number }> {
    const { family } = address
    const type = family === 4 ? 'udp4' : 'udp6'
    const socket = createSocket({ type, ipv6Only: family === 6, reuseAddr })
    // Before bind, which listens at once to a socket that is bound already.
    const listening = once(socket, 'listening')
    try {
      socket.bind(options)
      await listening
    } catch (cause) {
      socket.close()
      throw bindError('UDP', address, cause as Error)
    }
    this.#sockets.push(socket)
    socket.setRecvBufferSize(RECEIVE_BUFFER)
    // ICMP errors of earlier replies come up here; each concerns one client only.
    socket.on('error', () => {})
    return { port: socket.address().port, receiveBuffer: socket.getRecvBufferSize() }
  }

  async start(service: Service): Promise<void> {
    this.#responder = this.#responderOf(service)
    for (const socket of this.#sockets) {
      socket.on('message', (query, sender) => this.#answer(socket, query, sender))
    }
  }

  async replace(service: Service): Promise<void> {
    if (this.#responder !== null) replaceService(this.#responder, service, this.#place)
  }

  prepare(): void {
    // The thread that answers is running already.
  }

  async isAlive(): Promise<boolean> {
    // Who asks is in the thread that answers.
    return this.#responder !== null
  }

  async releaseMemory(): Promise<void> {
    await shrinkHeap()
  }

  receiveDrops(): null {
    // node:dgram doesn't tell the descriptors that the kernel counts by.
    return null
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map((socket) => {
        const closed = once(socket, 'close')
        socket.close()
        return closed
      }),
    )
  }

  #answer(socket: Socket, query: Buffer, sender: RemoteInfo): void {
    // Port 0 can't be answered, and send() throws for it at once.
    const responder = this.#responder
    if (sender.port === 0 || responder === null) return
    const started = this.#counters.startTimer()
    const packet = Buffer.allocUnsafe(Math.max(REPLY_CAPACITY, query.length))
    query.copy(packet)
    setClient(responder.client, sender.address)
    const length = responder.respond(packet, 0, query.length, TRANSPORT.udp)
    if (length > 0) this.#send(socket, packet, length, sender)
    this.#counters.stopTimer(started, 1)
  }

  #send(socket: Socket, packet: Buffer, length: number, sender: RemoteInfo): void {
    const onSent = (error: Error | null): void => {
      if (error !== null) this.#counters.countUnsent()
    }
    // A reply that can't be sent is lost as UDP replies are; the client asks again. send() tells of some errors
    // by calling back and of others by throwing.
    try {
      socket.send(packet, 0, length, sender.port, sender.address, onSent)
    } catch {
      this.#counters.countUnsent()
    }
  }
}

/** The addresses of one family that this host has; link-local ones with their zone. */
function ownAddresses(family: 4 | 6): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, family: of }) => {
      if (of !== `IPv${family}`) return []
      return address.startsWith('fe80:') ? `${address}%${name}` : address
    }),
  )
}
