// What both UDP front ends offer to the server.

import type { InheritedSocket } from '../system/inherited-sockets.ts'
import type { ListenAddress } from '../system/listen-address.ts'
import type { Service } from './service.ts'

/** Octets of receive buffer to ask for: Linux keeps some 20,000 queries in it while who answers has a new table. */
export const RECEIVE_BUFFER = 8 << 20

/** What became of a wildcard that is answered on by a socket for each address of the host. */
export interface WildcardNews {
  readonly address: ListenAddress
  /** The addresses that are answered on now. */
  readonly bound: readonly string[]
  /** What can't be had, one line each. */
  readonly faults: readonly string[]
}

/** Answers over UDP on any number of addresses. */
export interface UdpFrontEnd {
  /** How it receives. */
  readonly kind: 'mmsg' | 'dgram'

  /**
   * Binds an address, given as text and as 4 or 16 octets. Tells the port, which is the one that was asked for
   * unless that was 0, and the octets of receive buffer that the kernel gave.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when the address can't be bound.
   */
  bind(address: ListenAddress, octets: Uint8Array): Promise<{ port: number; receiveBuffer: number }>

  /**
   * Takes a bound socket over from the program that started us.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when it can't be used.
   */
  adopt(socket: InheritedSocket): Promise<{ receiveBuffer: number }>

  /** The addresses by which this host reaches one that was bound or adopted. */
  hostsOf(address: ListenAddress): readonly string[]

  /** Answers on the addresses that this host has now, where it listens on all of them. Never rejects. */
  followAddresses(): Promise<void>

  /** Gets ready what `start` needs besides the service, at the same time as what else is going on. */
  prepare(): void

  /** Begins to answer; resolves when every address is answered on. */
  start(service: Service): Promise<void>

  /** Answers from another service; resolves when no thread answers from the old one any more. */
  replace(service: Service): Promise<void>

  /** Whether every thread that answers runs; resolves when each has looked up from its work, so perhaps never. */
  isAlive(): Promise<boolean>

  /** Gives memory that a compilation or a replaced service has left back to the system. */
  releaseMemory(): Promise<void>

  /** Queries that were lost because they came faster than they were answered; null where nobody counts them. */
  receiveDrops(): number | null

  /** Stops answering and closes all sockets. */
  close(): Promise<void>
}
