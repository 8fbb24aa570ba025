// Why downloads fail: what another attempt may mend, what the way to a host has ended, and what is decided.

import { AsnzoneError } from '../../../errors.ts'
import { nameOfUrl } from '../../sources/source-url.ts'

const MEGABYTE = 1 << 20

/** A server that sends less than this in a second, over the whole of `patience`, is given up. */
export const MIN_OCTETS_PER_SECOND = 1024

/** Errors that no other attempt mends. */
const OF_THE_DISK = /^(EACCES|EDQUOT|EFBIG|EIO|ELOOP|ENOENT|ENOSPC|EPERM|EROFS)$/

/** The code of the error of a proxy that lets nobody through. */
export const PROXY_REFUSES = 'EPROXYREFUSES'

/** A failure that another attempt may not have. */
export class Passing extends Error {
  readonly wait: number

  constructor(message: string, wait: number, options: ErrorOptions | undefined) {
    super(message, options)
    this.wait = wait
  }
}

/** A host could not be asked at all. */
class Unreached extends Error {
  readonly host: string
  /** Whether it is the network's fault, so that another way there may do. */
  readonly isOfNetwork: boolean

  constructor(url: string, cause: Error) {
    super(cause.message, { cause })
    this.host = new URL(url).host
    this.isOfNetwork = cause instanceof Passing
  }
}

/** The host that a failed download could not ask at all; null when it has answered, or its URL is not the reason. */
export function unreachedHost({ cause }: AsnzoneError): Pick<Unreached, 'host' | 'isOfNetwork'> | null {
  return cause instanceof Unreached ? cause : null
}

/** What the network or a certificate has ended before there was an answer; a redirection that isn't followed is one. */
export function unreached(url: string, cause: Error): Error {
  return cause instanceof Passing || cause.cause !== undefined ? new Unreached(url, cause) : cause
}

/** @param wait milliseconds before another attempt, at least */
export function passing(message: string, wait = 0, options?: ErrorOptions): Passing {
  return new Passing(message, wait, options)
}

/** Whether another attempt may do better: errors of the network have a code, decisions have none. */
export function explain(error: Error & { code?: string }): Error {
  if (error instanceof Passing || error instanceof AsnzoneError) return error
  const { code } = error
  if (code === undefined || OF_THE_DISK.test(code)) return error
  if (code === PROXY_REFUSES) return new Error(error.message, { cause: error })
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY|ISSUER/.test(code)) {
    const mend = 'NODE_EXTRA_CA_CERTS names a file of certificates to trust besides the usual ones'
    return new Error(`its certificate is not trusted (${code}); ${mend}`, { cause: error })
  }
  // Where a name has several addresses, each has its error.
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : []
  return passing(first.message || code, 0, { cause: error })
}

/** A server sends too little over a time in milliseconds. */
export function tooSlow(patience: number): Passing {
  return passing(`less than ${MIN_OCTETS_PER_SECOND / 1024} KiB per second for ${patience / 1000} s`)
}

/** A file has more octets than it may have. */
export function tooLarge(maxOctets: number, mend = 'raise max-size if that is right'): Error {
  const tenths = Math.round((maxOctets / MEGABYTE) * 10)
  const most = tenths === 0 ? `${maxOctets} octets` : `${tenths / 10} MB`
  return new Error(`larger than ${most}; ${mend}`)
}

/** The error that tells of a download, from the reason that it has failed. */
export function failure(url: string, cause: Error): AsnzoneError {
  return new AsnzoneError('ASNZONE_FETCH', `${nameOfUrl(url)}: ${cause.message}`, { cause })
}
