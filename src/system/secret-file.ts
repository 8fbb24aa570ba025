// Files that nobody else may read: keys.

import { closeSync, fstatSync, readFileSync, writeFileSync } from 'node:fs'
import { createFile, openNamed } from './safe-file.ts'

/** Its owner's alone. */
const MODE = 0o600

/** The most octets of a key. */
const MOST = 16 << 10

/**
 * Reads a secret.
 *
 * @throws {Error} of the system, or with the reason when others may read it, too.
 */
export function readSecret(file: string): string {
  const fd = openNamed(file)
  try {
    const { mode, size } = fstatSync(fd)
    if ((mode & 0o077) !== 0) throw new Error(`others may read it: chmod 600 ${file}`)
    if (size > MOST) throw new Error('it is too long for a key')
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/**
 * Writes a secret into a file that is not there yet.
 *
 * @throws {Error} of the system.
 */
export function writeSecret(file: string, text: string): void {
  const fd = createFile(file, MODE)
  try {
    writeFileSync(fd, text)
  } finally {
    closeSync(fd)
  }
}
