// Errors of binding, as one line that tells an administrator what to do.

import { AsnzoneError } from '../errors.ts'
import { formatListenAddress, type ListenAddress } from '../system/listen-address.ts'

/**
 * An error of binding as one line that tells what to do.
 *
 * @param setting where the address stands
 */
export function bindError(
  protocol: 'UDP' | 'TCP',
  address: Pick<ListenAddress, 'host' | 'port'>,
  cause: Error,
  setting = 'listen',
): AsnzoneError {
  const where = `${formatListenAddress(address)} (${protocol})`
  const code = (cause as NodeJS.ErrnoException).code
  switch (code) {
    case 'EADDRINUSE':
      return listenError(
        `${where}: another program listens there; stop it or choose another --${setting}`,
        cause,
      )
    case 'EACCES':
      return listenError(`${where}: not allowed; ports below 1024 need CAP_NET_BIND_SERVICE`, cause)
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return listenError(`${where}: this host has no such address; choose another --${setting}`, cause)
    default:
      return listenError(`${where}: ${cause.message}`, cause)
  }
}

/** What is said of an address that the host lacks, where it has others. */
export function missingMessage(address: ListenAddress): string {
  return `${formatListenAddress(address)}: this host has no such address; not listening there`
}

/** Whether binding failed because the host lacks the address, as one without IPv6 lacks ::1. */
export function isMissingAddress(error: unknown): boolean {
  const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

function listenError(message: string, cause: Error): AsnzoneError {
  return new AsnzoneError('ASNZONE_LISTEN', message, { cause })
}
