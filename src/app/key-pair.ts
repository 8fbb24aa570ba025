// Makes the key that signs snapshots, and the public one that servers believe.

import { newSigningKey, publicKeyFile } from '../data/snapshot/minisign.ts'
import { AsnzoneError } from '../errors.ts'
import { writeFileAtomically } from '../system/atomic-file.ts'
import { writeSecret } from '../system/secret-file.ts'

/**
 * Writes a new secret key, and `FILE.pub` beside it.
 *
 * @returns the public key as the config has it
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when there is a file of this name, or none can be made.
 */
export function writeKeyPair(file: string): string {
  const { pem, signing } = newSigningKey()
  try {
    writeSecret(file, pem)
    writeFileAtomically(`${file}.pub`, publicKeyFile(signing))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'it is there already, and is left alone' : message
    throw new AsnzoneError('ASNZONE_CONFIG', `${file}: ${reason}`, { cause })
  }
  return signing.publicLine
}
