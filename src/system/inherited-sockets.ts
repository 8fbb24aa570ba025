// Sockets that were bound for us: by systemd (socket activation, sd_listen_fds(3)), or by the process before this one.

import { AsnzoneError } from '../errors.ts'
import { loadLibc, unsupportedReason } from './libc.ts'
import type { ListenAddress } from './listen-address.ts'
import { describeSocket } from './udp-socket.ts'

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

/** The descriptors that systemd has passed to this process. */
export function passedDescriptors({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv): number[] {
  if (Number(LISTEN_PID) !== process.pid || !Number.isInteger(Number(LISTEN_FDS))) return []
  return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => FIRST_FD + i)
}

/**
 * The sockets that were passed to this process, none when it was started in another way. What says so is taken
 * out of the environment, as sd_listen_fds does.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when one is no UDP or listening TCP socket, or can't be looked at here.
 */
export async function inheritedSockets(environment: NodeJS.ProcessEnv): Promise<InheritedSocket[]> {
  const descriptors = passedDescriptors(environment)
  delete environment.LISTEN_PID
  delete environment.LISTEN_FDS
  delete environment.LISTEN_FDNAMES
  if (descriptors.length === 0) return []
  const reason = unsupportedReason()
  if (reason !== null) throw new AsnzoneError('ASNZONE_LISTEN', `socket activation: ${reason}`)
  const libc = await loadLibc()
  return descriptors.map((fd) => {
    const socket = describeSocket(libc, fd)
    if (socket === null) {
      throw new AsnzoneError('ASNZONE_LISTEN', `socket activation: fd ${fd} is no UDP or TCP socket`)
    }
    return socket
  })
}
