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
 * @param check throws where the text is no secret at all, which is told before who may read it
 * @throws {Error} of the system, or with the reason when others may read it, too.
 */
export function readSecret(file: string, check: (text: string) => void = () => {}): string {
  const fd = openNamed(file)
  try {
    const { mode, size } = fstatSync(fd)
    if (size > MOST) throw new Error('it is too long for a key')
    const text = readFileSync(fd, 'utf8')
    check(text)
    if ((mode & 0o077) !== 0) throw new Error(`others may read it: chmod 600 ${file}`)
    return text
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
