// How geoip-policyd's REST interface is served, from the settings; the files of its certificate are read.

import type { Settings } from '../config/setting-values.ts'
import type { PolicydConduct, TlsFiles } from '../http/task.ts'
import { readPem } from './pem.ts'

/**
 * What the settings say of it.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when a file can't be read, or is not a certificate or not its key.
 */
export function policydOf({ policy }: Settings): PolicydConduct {
  const { rest, restAddress, dovecot, onError, timeout } = policy
  const { token, login, getReload, tls } = rest
  return {
    token,
    login,
    getReload,
    timeout,
    dovecot: { isProven: dovecot.isProven, tarpit: Math.ceil(dovecot.tarpit / 1000), onError },
    tls: restAddress === null || tls === null ? null : tlsOf(tls),
  }
}

function tlsOf(files: { readonly cert: string; readonly key: string }): TlsFiles {
  const { cert, key } = readPem('policy.tls-', { ca: null, ...files })
  return { cert: cert ?? '', key: key ?? '' }
}
