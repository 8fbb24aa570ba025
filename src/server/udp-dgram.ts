// The UDP front end on node:dgram, in the main thread: works wherever Node does.

import { type BindOptions, createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { AccessList, type Networks } from '../dns/access-list.ts'
import type { Client } from '../dns/client.ts'
import { readProxyHeader } from '../dns/proxy-header.ts'
import { REPLY_CAPACITY } from '../dns/reply-capacity.ts'
import { type Responder, TRANSPORT } from '../dns/responder.ts'
import { shrinkHeap } from '../system/collect-garbage.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { formatListenAddress, isWildcard, type ListenAddress, ownHost } from '../system/listen-address.ts'
import { bindError } from './bind-error.ts'
import { setClient } from './client-address.ts'
import { readClock } from './clock.ts'
import { type CounterHandle, CounterSlice } from './counters.ts'
import { replaceService, type Service } from './service.ts'
import { RECEIVE_BUFFER, type UdpFrontEnd, type WildcardNews } from './udp-front-end.ts'

/** A wildcard, and what stands for it: a reply leaves from the address that its socket is bound to. */
interface Wildcard {
  /** With the port that was bound. */
  readonly address: ListenAddress
  /** By the address of the host. */
  readonly sockets: Map<string, Socket>
  /** What was told last of addresses that can't be had; null before anything was told. */
  faults: readonly string[] | null
}

/** Answers in the thread that made it. */
export class DgramFrontEnd implements UdpFrontEnd {
  readonly kind = 'dgram'
  readonly #responderOf: (service: Service) => Responder
  readonly #handle: CounterHandle
  readonly #counters: CounterSlice
  readonly #proxies: AccessList | null
  readonly #onWildcard: (news: WildcardNews) => void
  #responder: Responder | null = null
  readonly #sockets = new Set<Socket>()
  readonly #wildcards: Wildcard[] = []

  /**
   * @param responderOf makes the one responder, when the front end starts
   * @param counters where it counts
   * @param onWildcard told what stands for a wildcard, when it is bound and whenever that changes
   * @param proxies who has to tell for whom it asks; null for nobody
   */
  constructor(
    responderOf: (service: Service) => Responder,
    counters: CounterHandle,
    onWildcard: (news: WildcardNews) => void,
    proxies: Networks | null = null,
  ) {
    this.#responderOf = responderOf
    this.#handle = counters
    this.#counters = new CounterSlice(counters)
    this.#proxies = proxies === null ? null : new AccessList(proxies)
    this.#onWildcard = onWildcard
  }

  /**
   * Binds an address; in place of a wildcard each address that this host has now, because a reply has to leave
   * from the address that was asked (RFC 2181 4.1) and node:dgram doesn't tell which that was.
   */
  async bind(address: ListenAddress): Promise<{ port: number; receiveBuffer: number }> {
    const { host, port, family } = address
    if (!isWildcard(host)) return boundAs(await this.#open(address, { address: host, port }))
    let fault: unknown = bindError('UDP', address, Object.assign(new Error(), { code: 'EADDRNOTAVAIL' }))
    for (const own of ownAddresses(family)) {
      try {
        const socket = await this.#open({ ...address, host: own }, { address: own, port })
        const bound = boundAs(socket)
        const sockets = new Map([[own, socket]])
        const wildcard: Wildcard = { address: { ...address, port: bound.port }, sockets, faults: null }
        this.#wildcards.push(wildcard)
        await this.#follow(wildcard)
        return bound
      } catch (error) {
        fault = error
      }
    }
    throw fault
  }

  async adopt({ fd, address, standsFor }: InheritedSocket): Promise<{ receiveBuffer: number }> {
    const socket = await this.#open(address, { fd })
    if (standsFor !== undefined) this.#wildcardOf(standsFor).sockets.set(address.host, socket)
    if (isWildcard(address.host)) {
      const fault =
        `${formatListenAddress(address)} (UDP): replies of a wildcard socket that was passed on may leave from ` +
        'another address than was asked; pass a socket for each address, or have udp: mmsg'
      this.#onWildcard({ address, bound: [], faults: [fault] })
    }
    return boundAs(socket)
  }

  /** The wildcard of an address, which is made when it isn't there. */
  #wildcardOf(address: ListenAddress): Wildcard {
    const found = this.#wildcards.find(
      (it) => formatListenAddress(it.address) === formatListenAddress(address),
    )
    if (found !== undefined) return found
    const wildcard: Wildcard = { address, sockets: new Map(), faults: null }
    this.#wildcards.push(wildcard)
    return wildcard
  }

  hostsOf({ host, port, family }: ListenAddress): readonly string[] {
    const wildcard = this.#wildcards.find(
      ({ address }) => isWildcard(host) && address.family === family && address.port === port,
    )
    return wildcard === undefined ? [ownHost(host)] : [...wildcard.sockets.keys()]
  }

  async followAddresses(): Promise<void> {
    for (const wildcard of this.#wildcards) await this.#follow(wildcard)
  }

  /** Gives a wildcard the sockets that it has to have now, and tells when that or what can't be had is new. */
  async #follow(wildcard: Wildcard): Promise<void> {
    const { address, sockets } = wildcard
    const before = [...sockets.keys()].join()
    const own = ownAddresses(address.family)
    for (const [host, socket] of sockets) {
      if (own.includes(host)) continue
      sockets.delete(host)
      await this.#close(socket)
    }
    const faults: string[] = []
    for (const host of own) {
      if (sockets.has(host)) continue
      try {
        sockets.set(host, await this.#open({ ...address, host }, { address: host, port: address.port }))
      } catch (error) {
        faults.push((error as Error).message)
      }
    }
    const bound = [...sockets.keys()]
    if (before === bound.join() && faults.join() === wildcard.faults?.join()) return
    wildcard.faults = faults
    this.#onWildcard({ address, bound, faults })
  }

  async #open(address: ListenAddress, options: BindOptions): Promise<Socket> {
    const { family } = address
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 })
    // Before bind, which listens at once to a socket that is bound already.
    const listening = once(socket, 'listening')
    try {
      socket.bind(options)
      await listening
    } catch (cause) {
      socket.close()
      throw bindError('UDP', address, cause as Error)
    }
    this.#sockets.add(socket)
    socket.setRecvBufferSize(RECEIVE_BUFFER)
    // ICMP errors of earlier replies come up here; each concerns one client only.
    socket.on('error', () => {})
    if (this.#responder !== null) this.#listen(socket)
    return socket
  }

  async start(service: Service): Promise<void> {
    this.#responder = this.#responderOf(service)
    for (const socket of this.#sockets) this.#listen(socket)
    // Sockets that were handed over may not be all that a wildcard stands for.
    await this.followAddresses()
  }

  async replace(service: Service): Promise<void> {
    if (this.#responder !== null) replaceService(this.#responder, service, this.#handle)
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
    await Promise.all([...this.#sockets].map((socket) => this.#close(socket)))
  }

  async #close(socket: Socket): Promise<void> {
    this.#sockets.delete(socket)
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }

  #listen(socket: Socket): void {
    socket.on('message', (query, sender) => this.#answer(socket, query, sender))
  }

  #answer(socket: Socket, query: Buffer, sender: RemoteInfo): void {
    // Port 0 can't be answered, and send() throws for it at once.
    const responder = this.#responder
    if (sender.port === 0 || responder === null) return
    const started = this.#counters.startTimer()
    const packet = Buffer.allocUnsafe(Math.max(REPLY_CAPACITY, query.length))
    query.copy(packet)
    readClock(responder.now)
    setClient(responder.client, sender.address)
    const octets =
      this.#proxies === null ? query.length : this.#unwrap(packet, query.length, responder.client)
    const length =
      octets < 0 ? this.#ignore(responder, packet) : responder.respond(packet, 0, octets, TRANSPORT.udp)
    if (length > 0) this.#send(socket, packet, length, sender)
    this.#counters.stopTimer(started, 1)
  }

  /** Takes the header of a proxy off a packet, and tells the octets of what is left; −1 when that can't be read. */
  #unwrap(packet: Uint8Array, received: number, client: Client): number {
    client.isProxied = false
    if (this.#proxies?.holds(client) !== true) return received
    const header = readProxyHeader(packet, 0, received, client)
    if (header <= 0) return -1
    packet.copyWithin(0, header, received)
    return received - header
  }

  #ignore(responder: Responder, packet: Uint8Array): number {
    this.#counters.countRefusedHeader()
    responder.ignore(packet, 0, TRANSPORT.udp)
    return 0
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

function boundAs(socket: Socket): { port: number; receiveBuffer: number } {
  return { port: socket.address().port, receiveBuffer: socket.getRecvBufferSize() }
}

/** The addresses of one family that this host has; link-local ones with their zone. */
export function ownAddresses(family: 4 | 6): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, family: of }) => {
      if (of !== `IPv${family}`) return []
      return address.startsWith('fe80:') ? `${address}%${name}` : address
    }),
  )
}
