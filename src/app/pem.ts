// Certificates and keys in PEM that the settings name: read, and tried before anybody is to be shown them.

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { readText } from '../config/yaml-file.ts'
import { AsnzoneError } from '../errors.ts'

/** Certificates to believe in, and one of our own with its key: files, or what is in them; null where there is none. */
export interface Pem {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

/**
 * Reads them.
 *
 * @param prefix what the settings of the files begin with, such as `policy.ldap.`
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one can't be read, is not in PEM, or is not the key of the certificate.
 */
export function readPem(prefix: string, { ca, cert, key }: Pem): Pem {
  const read = (name: keyof Pem, file: string | null): string | null => {
    if (file === null) return null
    try {
      return readText(file, 'ASNZONE_CONFIG')
    } catch (cause) {
      throw new AsnzoneError('ASNZONE_CONFIG', `${prefix}${name} ${(cause as Error).message}`, { cause })
    }
  }
  const texts = { ca: read('ca', ca), cert: read('cert', cert), key: read('key', key) }
  if (texts.ca !== null) {
    const { ca: text } = texts
    tried(`${prefix}ca ${ca}: no certificate in PEM`, () => new X509Certificate(text))
  }
  if (texts.cert !== null && texts.key !== null) {
    const pair = { cert: texts.cert, key: texts.key }
    tried(`${prefix}cert ${cert}, ${prefix}key ${key}: no certificate in PEM and its key`, () =>
      createSecureContext(pair),
    )
  }
  return texts
}

function tried(complaint: string, use: () => unknown): void {
  try {
    use()
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `${complaint}: ${(cause as Error).message}`, { cause })
  }
}
