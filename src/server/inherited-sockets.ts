// Sockets that systemd has bound for us: socket activation (sd_listen_fds(3)).

import { AsnzoneError } from '../errors.ts'
import type { ListenAddress } from './listen-address.ts'
import { describeSocket, loadLibc, unsupportedReason } from './mmsg/libc.ts'

/** The first descriptor that systemd passes. */
const FIRST_FD = 3

/** A bound socket that was passed to this process. */
export interface InheritedSocket {
  readonly fd: number
  readonly kind: 'udp' | 'tcp'
  readonly address: ListenAddress
}

/**
 * The sockets that were passed to this process, none when it was started in another way. What says so is taken
 * out of the environment, as sd_listen_fds does.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when one is no UDP or listening TCP socket, or can't be looked at here.
 */
export async function inheritedSockets(environment: NodeJS.ProcessEnv): Promise<InheritedSocket[]> {
  const { LISTEN_PID, LISTEN_FDS } = environment
  delete environment.LISTEN_PID
  delete environment.LISTEN_FDS
  delete environment.LISTEN_FDNAMES
  if (Number(LISTEN_PID) !== process.pid || !Number.isInteger(Number(LISTEN_FDS))) return []
  const reason = unsupportedReason()
  if (reason !== null) throw new AsnzoneError('ASNZONE_LISTEN', `socket activation: ${reason}`)
  const libc = await loadLibc()
  return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => {
    const socket = describeSocket(libc, FIRST_FD + i)
    if (socket === null) {
      throw new AsnzoneError(
        'ASNZONE_LISTEN',
        `socket activation: fd ${FIRST_FD + i} is no UDP or TCP socket`,
      )
    }
    return socket
  })
}
