// How geoip-policyd's REST interface is served, from the settings; the files of its certificate are read.

import { createSecureContext } from 'node:tls'
import type { Settings } from '../config/setting-values.ts'
import { readText } from '../config/yaml-file.ts'
import { AsnzoneError } from '../errors.ts'
import type { PolicydConduct, TlsFiles } from '../http/task.ts'

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
    tls: restAddress === null || tls === null ? null : readTls(tls),
  }
}

function readTls({ cert, key }: { readonly cert: string; readonly key: string }): TlsFiles {
  const files = { cert: readText(cert, 'ASNZONE_CONFIG'), key: readText(key, 'ASNZONE_CONFIG') }
  try {
    createSecureContext(files)
  } catch (cause) {
    const { message } = cause as Error
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `policy.tls-cert ${cert}, policy.tls-key ${key}: no certificate in PEM and its key: ${message}`,
      { cause },
    )
  }
  return files
}
