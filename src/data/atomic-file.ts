// Writes a file so that a reader sees the old one or the new one whole, whatever happens in between.

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** How the name of a file begins that is being written. */
export const TEMPORARY = '.new-'

/**
 * Writes under a temporary name, syncs, renames, and syncs the folder, so that the name is on the disk as well.
 *
 * @throws {Error} of the file system; the old file stays then.
 */
export function writeFileAtomically(path: string, contents: string): void {
  const folder = dirname(path)
  const temporary = `${folder}/${TEMPORARY}${randomBytes(6).toString('hex')}`
  try {
    const fd = openSync(temporary, 'wx', 0o644)
    try {
      writeFileSync(fd, contents)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(folder)
}

/** Puts the names of a folder on the disk. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
