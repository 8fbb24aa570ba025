// Binds the addresses of a server for both protocols, or takes sockets over that are bound already.

import { AsnzoneError } from '../errors.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { addressOctets, formatListenAddress, type ListenAddress } from '../system/listen-address.ts'
import { isMissingAddress } from './bind-error.ts'
import type { TcpFrontEnd } from './tcp.ts'
import type { UdpFrontEnd } from './udp-front-end.ts'

/** An address that is answered on. */
export interface ServedAddress extends ListenAddress {
  /** Octets of UDP receive buffer that the kernel gave; 0 where only TCP is answered. */
  readonly receiveBuffer: number
}

/** An address, and how it is answered on. */
export interface Bound {
  readonly address: ServedAddress
  readonly tcp: boolean
  /** `shared` where all workers have the one socket that was passed on. */
  readonly udp: 'own' | 'shared' | null
}

/** What to bind. */
export interface BindOptions {
  readonly listen: readonly ListenAddress[]
  /** Told about an address that this host doesn't have; the others are served. */
  readonly onMissingAddress: (address: ListenAddress) => void
}

/** What binds. */
type UdpBinder = Pick<UdpFrontEnd, 'bind'>
type TcpBinder = Pick<TcpFrontEnd, 'bind' | 'unbindLast'>

/** Tries to find a port that is free for both protocols, where the caller asked for any. */
const PORT_ATTEMPTS = 20

/**
 * Binds every address, but for those that this host lacks.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` as `Server.bind`.
 */
export async function bindAll(options: BindOptions, udp: UdpBinder, tcp: TcpBinder): Promise<Bound[]> {
  const { listen, onMissingAddress } = options
  const bound: Bound[] = []
  for (const address of listen) {
    try {
      bound.push({ address: await bindBoth(address, udp, tcp), tcp: true, udp: 'own' })
    } catch (error) {
      if (!isMissingAddress(error) || listen.length === 1) throw error
      onMissingAddress(address)
    }
  }
  if (bound.length === 0 && listen.length > 0) {
    throw new AsnzoneError('ASNZONE_LISTEN', 'this host has none of the listen addresses')
  }
  return bound
}

/**
 * TCP and UDP on the same port. TCP is bound first, because its sockets aren't shared: a second server on the
 * same address is noticed. Where any port will do, one is found that is free for both.
 */
async function bindBoth(address: ListenAddress, udp: UdpBinder, tcp: TcpBinder): Promise<ServedAddress> {
  for (let attempt = 1; ; attempt++) {
    const bound = { ...address, port: await tcp.bind(address) }
    try {
      const { receiveBuffer } = await udp.bind(bound, addressOctets(address))
      return { ...bound, receiveBuffer }
    } catch (error) {
      await tcp.unbindLast()
      if (address.port !== 0 || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

/**
 * Takes bound sockets over.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when one can't be used.
 */
export async function adoptAll(
  sockets: readonly InheritedSocket[],
  udp: UdpFrontEnd,
  tcp: TcpFrontEnd,
): Promise<Bound[]> {
  const all = new Map<string, Bound>()
  for (const socket of sockets) {
    const { kind, worker, address: own, standsFor: address = own } = socket
    const key = formatListenAddress(address)
    const known = all.get(key) ?? { address: { ...address, receiveBuffer: 0 }, tcp: false, udp: null }
    if (kind === 'udp') {
      const { receiveBuffer } = await udp.adopt(socket)
      const udpKind = worker === undefined ? 'shared' : 'own'
      all.set(key, { ...known, address: { ...address, receiveBuffer }, udp: udpKind })
    } else {
      await tcp.adopt(socket)
      all.set(key, { ...known, tcp: true })
    }
  }
  return [...all.values()]
}
