// Sockets that were bound for us: by systemd (socket activation, sd_listen_fds(3)), or by the process before this one.

import { AsnzoneError } from '../errors.ts'
import { printable } from '../printable.ts'
import { loadLibc, unsupportedReason } from './libc.ts'
import { formatListenAddress, type ListenAddress } from './listen-address.ts'
import { describeSocket, isUnixStream } from './udp-socket.ts'

/** The first descriptor that systemd passes. */
const FIRST_FD = 3

/** A bound socket that was passed to this process. */
export interface InheritedSocket {
  readonly fd: number
  readonly kind: 'udp' | 'tcp'
  readonly address: ListenAddress
  /** The UDP worker that has it for itself; all share it when there is none. */
  readonly worker?: number
  /** The wildcard that it is a part of: a socket for each address of the host, see udp-dgram.ts. */
  readonly standsFor?: ListenAddress
}

/** A socket of another service than DNS that was passed to this process. */
export interface InheritedListener {
  readonly fd: number
  readonly isUnix: boolean
  /** As it is told of. */
  readonly name: string
}

/** What was passed to this process, by what it is for. */
export interface Inherited {
  readonly dns: readonly InheritedSocket[]
  readonly policy: readonly InheritedListener[]
  readonly whois: readonly InheritedListener[]
}

/** Whom sockets are for. */
export type SocketUse = keyof Inherited

/** The names (FileDescriptorName=) of sockets of other services; all others are of DNS. */
const SERVICE_NAMES = ['policy', 'whois'] as const

/** More than any server has addresses and workers. */
const MAX_DESCRIPTORS = 4096

/** A descriptor that systemd has passed to this process. */
export interface PassedDescriptor {
  readonly fd: number
  readonly use: SocketUse
}

/**
 * The descriptors that systemd has passed to this process.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when it is not told how many.
 */
export function passedDescriptors({
  LISTEN_PID,
  LISTEN_FDS,
  LISTEN_FDNAMES = '',
}: NodeJS.ProcessEnv): PassedDescriptor[] {
  // What was meant for another process is none of our business.
  if (LISTEN_PID === undefined || LISTEN_FDS === undefined) return []
  if (numberIn('LISTEN_PID', LISTEN_PID, 2 ** 31) !== process.pid) return []
  const names = LISTEN_FDNAMES.split(':')
  return Array.from({ length: numberIn('LISTEN_FDS', LISTEN_FDS, MAX_DESCRIPTORS) }, (_, i) => ({
    fd: FIRST_FD + i,
    use: SERVICE_NAMES.find((name) => name === names[i]) ?? 'dns',
  }))
}

function numberIn(name: string, text: string, max: number): number {
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text)
  const mend = 'systemd sets LISTEN_PID and LISTEN_FDS to numbers; without socket activation unset both'
  throw new AsnzoneError('ASNZONE_LISTEN', `${name} is '${printable(text)}'; ${mend}`)
}

/**
 * The sockets that were passed to this process, none when it was started in another way. What says so is taken
 * out of the environment, as sd_listen_fds does.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when one is not a UDP or listening TCP socket, or can't be looked at here.
 */
export async function inheritedSockets(environment: NodeJS.ProcessEnv): Promise<Inherited> {
  const descriptors = passedDescriptors(environment)
  delete environment.LISTEN_PID
  delete environment.LISTEN_FDS
  delete environment.LISTEN_FDNAMES
  if (descriptors.length === 0) return { dns: [], policy: [], whois: [] }
  const reason = unsupportedReason()
  if (reason !== null) throw new AsnzoneError('ASNZONE_LISTEN', `socket activation: ${reason}`)
  const libc = await loadLibc()
  const of = (use: SocketUse): number[] => descriptors.filter((it) => it.use === use).map(({ fd }) => fd)
  const tcpListener = (fd: number, use: SocketUse, kinds: string): InheritedListener => {
    const socket = describeSocket(libc, fd)
    if (socket?.kind !== 'tcp') throw wrong(`fd ${fd}, named ${use}, is not a ${kinds} socket`)
    return { fd, isUnix: false, name: formatListenAddress(socket.address) }
  }
  return {
    dns: of('dns').map((fd) => {
      const socket = describeSocket(libc, fd)
      if (socket === null) throw wrong(`fd ${fd} is not a UDP or TCP socket`)
      return socket
    }),
    policy: of('policy').map((fd) =>
      isUnixStream(libc, fd)
        ? { fd, isUnix: true, name: `a Unix socket of systemd (fd ${fd})` }
        : tcpListener(fd, 'policy', 'TCP or Unix stream'),
    ),
    whois: of('whois').map((fd) => tcpListener(fd, 'whois', 'TCP')),
  }
}

const wrong = (message: string): AsnzoneError =>
  new AsnzoneError('ASNZONE_LISTEN', `socket activation: ${message}`)
