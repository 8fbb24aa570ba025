// The server: TCP in the main thread and a UDP front end, on the same addresses.

import type { Responder } from '../dns/responder.ts'
import { AsnzoneError } from '../errors.ts'
import { isMissingAddress } from './bind-error.ts'
import { Counters } from './counters.ts'
import { addressOctets, type ListenAddress } from './listen-address.ts'
import { replaceService, responderFor, type Service } from './service.ts'
import { bindTcp, type TcpFrontEnd, type TcpOptions } from './tcp.ts'
import { DgramFrontEnd } from './udp-dgram.ts'
import type { UdpFrontEnd } from './udp-front-end.ts'
import { MmsgFrontEnd } from './udp-mmsg.ts'

/** Settings of a server. */
export interface ServerOptions {
  readonly listen: readonly ListenAddress[]
  readonly service: Service
  readonly tcp: TcpOptions
  /** How UDP is received; `mmsg` falls back to `dgram` where it can't run. */
  readonly udp: 'mmsg' | 'dgram'
  /** UDP worker threads; the front end on node:dgram has none. */
  readonly workers: number
  /** Told about an address that this host doesn't have; the others are served. */
  readonly onMissingAddress?: (address: ListenAddress) => void
  /** Told why UDP is received with node:dgram although mmsg was asked for. */
  readonly onFallback?: (reason: string) => void
  readonly onWorkerDeath?: (worker: number, reason: Error) => void
}

/** An address that is answered on. */
export interface ServedAddress extends ListenAddress {
  /** Octets of UDP receive buffer that the kernel gave. */
  readonly receiveBuffer: number
}

/** Tries to find a port that is free for both protocols, where the caller asked for any. */
const PORT_ATTEMPTS = 20

/** A running server. */
export class Server {
  /** The addresses that are answered on, ports resolved. */
  readonly addresses: readonly ServedAddress[]
  readonly counters: Counters
  readonly udpKind: 'mmsg' | 'dgram'
  readonly #udp: UdpFrontEnd
  readonly #tcp: readonly TcpFrontEnd[]
  readonly #responder: Responder

  private constructor(parts: {
    addresses: readonly ServedAddress[]
    counters: Counters
    udp: UdpFrontEnd
    tcp: readonly TcpFrontEnd[]
    responder: Responder
  }) {
    this.addresses = parts.addresses
    this.counters = parts.counters
    this.udpKind = parts.udp.kind
    this.#udp = parts.udp
    this.#tcp = parts.tcp
    this.#responder = parts.responder
  }

  /**
   * Binds every address and answers.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound for another reason than that this
   *   host lacks it, or when it lacks them all; nothing stays bound then.
   */
  static async start(options: ServerOptions): Promise<Server> {
    const { listen, service, onMissingAddress } = options
    const counters = new Counters(service.definitions.length)
    const place = (slice: number) => ({ buffer: counters.buffer, slice, zones: counters.zones })
    // The main thread counts in slice 0, worker n in slice n + 1.
    const responder = responderFor(service, place(0))
    const udp = await udpFrontEnd(options, responder, (worker) => place(worker + 1))
    const tcp: TcpFrontEnd[] = []
    const addresses: ServedAddress[] = []
    try {
      for (const address of listen) {
        try {
          const bound = await bindBoth(address, udp, responder, options.tcp)
          tcp.push(bound.tcp)
          addresses.push({ ...bound.tcp.address, receiveBuffer: bound.receiveBuffer })
        } catch (error) {
          if (!isMissingAddress(error) || listen.length === 1) throw error
          onMissingAddress?.(address)
        }
      }
      if (addresses.length === 0) {
        throw new AsnzoneError('ASNZONE_LISTEN', 'this host has none of the listen addresses')
      }
      await udp.start()
    } catch (error) {
      await Promise.all([udp.close(), ...tcp.map((frontEnd) => frontEnd.close())])
      throw error
    }
    return new Server({ addresses, counters, udp, tcp, responder })
  }

  /**
   * Answers from another service, whose zones must be defined alike; resolves when nothing answers from the old
   * one any more. No query is lost: each thread swaps between two queries.
   */
  async replace(service: Service): Promise<void> {
    replaceService(this.#responder, service)
    await this.#udp.replace(service)
  }

  /** Gives memory that a compilation has left behind back to the system, where that is possible. */
  releaseMemory(): void {
    this.#udp.releaseMemory()
  }

  /** Stops answering and closes every socket. */
  async stop(): Promise<void> {
    await Promise.all([this.#udp.close(), ...this.#tcp.map((frontEnd) => frontEnd.close())])
  }
}

async function udpFrontEnd(
  options: ServerOptions,
  responder: Responder,
  counters: (worker: number) => { buffer: SharedArrayBuffer; slice: number; zones: number },
): Promise<UdpFrontEnd> {
  const { udp, workers, service, onFallback, onWorkerDeath = () => {} } = options
  if (udp === 'dgram') return new DgramFrontEnd(responder)
  try {
    return await MmsgFrontEnd.create({ workers, service, counters, onWorkerDeath })
  } catch (error) {
    onFallback?.((error as Error).message)
    return new DgramFrontEnd(responder)
  }
}

/**
 * TCP and UDP on the same port. TCP is bound first, because its sockets aren't shared: a second server on the
 * same address is noticed. Where any port will do, one is found that is free for both.
 */
async function bindBoth(
  address: ListenAddress,
  udp: UdpFrontEnd,
  responder: Responder,
  options: TcpOptions,
): Promise<{ tcp: TcpFrontEnd; receiveBuffer: number }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = await bindTcp(address, responder, options)
    try {
      const { receiveBuffer } = await udp.bind(tcp.address, addressOctets(address))
      return { tcp, receiveBuffer }
    } catch (error) {
      await tcp.close()
      if (address.port !== 0 || attempt === PORT_ATTEMPTS) throw error
    }
  }
}
