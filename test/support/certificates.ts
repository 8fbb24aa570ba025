// A CA and certificates of it, for tests.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folders.ts'

/** Certificates in PEM, and the folder of `ca-cert.pem`, `cert.pem` and `key.pem`. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly folder: string
}

/** Makes a CA, and a certificate of it for localhost and 127.0.0.1. */
export function certificates(): Certificates {
  const folder = temporaryFolder()
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...fresh, '-subj', '/CN=test CA', '-keyout', 'ca-key.pem', '-out', 'ca-cert.pem')
  openssl(
    ...['req', '-x509', ...fresh, '-CA', 'ca-cert.pem', '-CAkey', 'ca-key.pem', '-subj', '/CN=localhost'],
    ...[
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ],
    ...['-keyout', 'key.pem', '-out', 'cert.pem'],
  )
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { ca: read('ca-cert.pem'), cert: read('cert.pem'), key: read('key.pem'), folder }
}
