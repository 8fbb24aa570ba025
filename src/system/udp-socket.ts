// Sockets by the calls of libc: opened and bound, taken over from somebody else, described.

import { AF_INET, AF_INET6, failureOf, type Libc, MSG_DONTWAIT } from './libc.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x80000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const SO_TYPE = 3
const SO_REUSEPORT = 15
const SO_RCVBUF = 8
const SO_RCVTIMEO = 20
const SO_RCVBUFFORCE = 33
const IPPROTO_IP = 0
const IP_PKTINFO = 8
const IP_MTU_DISCOVER = 10
const IP_PMTUDISC_PROBE = 3
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const IPV6_RECVPKTINFO = 49
const IPV6_MTU_DISCOVER = 23
const F_GETFL = 3
const F_SETFL = 4
const O_NONBLOCK = 0x800
/** Connections that may wait to be accepted, as Node has it. */
const BACKLOG = 511
const MSG_NOSIGNAL = 0x4000

/** Settings of a UDP socket. */
export interface UdpSocketOptions {
  readonly family: 4 | 6
  /** The address to bind as 4 or 16 octets. */
  readonly address: Uint8Array
  readonly port: number
  /** Milliseconds after which a blocking receive gives up. */
  readonly receiveTimeout: number
  /** Octets of receive buffer to ask for. */
  readonly receiveBuffer: number
}

/** A bound socket. */
export interface UdpSocket {
  readonly fd: number
  readonly port: number
  /** Octets of receive buffer that the kernel gave; it counts its own overhead and so doubles what it grants. */
  readonly receiveBuffer: number
  /** The socket is bound to a wildcard and tells which address was asked. */
  readonly packetInfo: boolean
}

/**
 * Opens and binds a UDP socket that shares its port with others of this process (SO_REUSEPORT).
 *
 * @throws {Error} with a Node error code when a call fails.
 */
export function openUdpSocket(libc: Libc, options: UdpSocketOptions): UdpSocket {
  const { family, address, port, receiveTimeout, receiveBuffer } = options
  const fd = libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError(libc, 'socket')
  const set = (level: number, option: number, value: number): boolean =>
    setOption(libc, fd, level, option, value)
  try {
    if (!set(SOL_SOCKET, SO_REUSEPORT, 1)) throw systemError(libc, 'SO_REUSEPORT')
    if (family === 6 && !set(IPPROTO_IPV6, IPV6_V6ONLY, 1)) throw systemError(libc, 'IPV6_V6ONLY')
    // Never fragmented, whatever a path MTU that somebody made up says (RFC 9715 3.1): no reply is longer than
    // 1,232 octets. It spares the kernel the choice of an IP identification, too: 2 % of a query's CPU.
    if (family === 4) set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
    else set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE)
    const packetInfo = address.every((octet) => octet === 0)
    if (packetInfo) askForPacketInfo(libc, fd, family)
    if (!set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)) set(SOL_SOCKET, SO_RCVBUF, receiveBuffer)
    setReceiveTimeout(libc, fd, receiveTimeout)
    const name = socketAddress(family, address, port)
    if (libc.bind(fd, name, name.length) !== 0) throw systemError(libc, 'bind')
    return {
      fd,
      port: portOf(libc, fd),
      receiveBuffer: receiveBufferOf(libc, fd),
      packetInfo,
    }
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

/**
 * Opens and binds a TCP socket that connections wait in.
 *
 * @throws {Error} with a Node error code when a call fails.
 */
export function openTcpSocket(
  libc: Libc,
  { family, address, port }: Pick<UdpSocketOptions, 'family' | 'address' | 'port'>,
): { readonly fd: number; readonly port: number } {
  const fd = libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError(libc, 'socket')
  try {
    if (!setOption(libc, fd, SOL_SOCKET, SO_REUSEADDR, 1)) throw systemError(libc, 'SO_REUSEADDR')
    if (family === 6 && !setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
      throw systemError(libc, 'IPV6_V6ONLY')
    }
    const name = socketAddress(family, address, port)
    if (libc.bind(fd, name, name.length) !== 0) throw systemError(libc, 'bind')
    if (libc.listen(fd, BACKLOG) !== 0) throw systemError(libc, 'listen')
    return { fd, port: portOf(libc, fd) }
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

/** What an open descriptor is, if it is a UDP or a TCP socket with an IP address; null otherwise. */
export function describeSocket(libc: Libc, fd: number): DescribedSocket | null {
  const type = new Uint8Array(4)
  const name = new Uint8Array(28)
  if (libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, type, int32(4)) !== 0) return null
  if (libc.getsockname(fd, name, int32(name.length)) !== 0) return null
  if (name[0] !== AF_INET && name[0] !== AF_INET6) return null
  const family = name[0] === AF_INET ? 4 : 6
  const octets = family === 4 ? name.subarray(4, 8) : name.subarray(8, 24)
  const host =
    family === 4 ? octets.join('.') : (Buffer.from(octets).toString('hex').match(/.{4}/g) ?? []).join(':')
  const port = (name[2] << 8) | name[3]
  if (type[0] !== SOCK_DGRAM && type[0] !== SOCK_STREAM) return null
  return { fd, kind: type[0] === SOCK_DGRAM ? 'udp' : 'tcp', address: { host, port, family } }
}

/** Whether an open descriptor is a Unix socket that connections are made to. */
export function isUnixStream(libc: Libc, fd: number): boolean {
  const type = new Uint8Array(4)
  const name = new Uint8Array(110)
  if (libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, type, int32(4)) !== 0 || type[0] !== SOCK_STREAM) return false
  return libc.getsockname(fd, name, int32(name.length)) === 0 && name[0] === AF_UNIX
}

/** A socket that was opened by somebody else. */
export interface DescribedSocket {
  readonly fd: number
  readonly kind: 'udp' | 'tcp'
  readonly address: { readonly host: string; readonly port: number; readonly family: 4 | 6 }
}

/** Readies a bound UDP socket that was opened by somebody else; its options are as those of our own. */
export function adoptUdpSocket(
  libc: Libc,
  fd: number,
  family: 4 | 6,
  isWildcard: boolean,
  receiveTimeout: number,
): UdpSocket {
  // A worker waits in recvmmsg: on a socket that doesn't block it would run in circles.
  const flags = libc.fcntl(fd, F_GETFL, 0)
  if (flags < 0 || libc.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) throw systemError(libc, 'fcntl')
  setReceiveTimeout(libc, fd, receiveTimeout)
  if (isWildcard) askForPacketInfo(libc, fd, family)
  return { fd, port: 0, receiveBuffer: receiveBufferOf(libc, fd), packetInfo: isWildcard }
}

/**
 * A socket to send datagrams to Unix sockets from.
 *
 * @throws {Error} with a Node error code when there is none to be had.
 */
export function openUnixDatagram(libc: Libc): number {
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError(libc, 'socket')
  return fd
}

/**
 * Sends a datagram to a Unix socket, without waiting.
 *
 * @param path of the socket, with `@` in front of a name in the abstract namespace
 * @returns why it could not be sent, null when it was
 */
export function sendDatagram(libc: Libc, fd: number, path: string, message: Uint8Array): string | null {
  const isAbstract = path.startsWith('@')
  const name = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`)
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), name])
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL
  const sent = libc.sendto(fd, message, message.length, flags, address, address.length)
  return sent < 0 ? systemError(libc, 'sendto').message : null
}

function setOption(libc: Libc, fd: number, level: number, name: number, value: number): boolean {
  return libc.setsockopt(fd, level, name, int32(value), 4) === 0
}

function askForPacketInfo(libc: Libc, fd: number, family: 4 | 6): void {
  const [level, name] = family === 4 ? [IPPROTO_IP, IP_PKTINFO] : [IPPROTO_IPV6, IPV6_RECVPKTINFO]
  if (!setOption(libc, fd, level, name, 1)) throw systemError(libc, 'IP_PKTINFO')
}

function setReceiveTimeout(libc: Libc, fd: number, milliseconds: number): void {
  const time = new Uint8Array(16)
  const view = new DataView(time.buffer)
  view.setUint32(0, Math.floor(milliseconds / 1000), true)
  view.setUint32(8, (milliseconds % 1000) * 1000, true)
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, time, 16) !== 0) throw systemError(libc, 'SO_RCVTIMEO')
}

function portOf(libc: Libc, fd: number): number {
  const bound = new Uint8Array(28)
  if (libc.getsockname(fd, bound, int32(bound.length)) !== 0) throw systemError(libc, 'getsockname')
  return (bound[2] << 8) | bound[3]
}

function receiveBufferOf(libc: Libc, fd: number): number {
  const octets = new Uint8Array(4)
  libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, octets, int32(4))
  return new DataView(octets.buffer).getInt32(0, true)
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress(family: 4 | 6, address: Uint8Array, port: number): Uint8Array {
  const name = new Uint8Array(family === 4 ? 16 : 28)
  name[0] = family === 4 ? AF_INET : AF_INET6
  name[2] = port >>> 8
  name[3] = port & 255
  name.set(address, family === 4 ? 4 : 8)
  return name
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setInt32(0, value, true)
  return octets
}

function systemError(libc: Libc, call: string): Error {
  const code = failureOf(libc)
  return Object.assign(new Error(`${call}: ${code}`), { code })
}
