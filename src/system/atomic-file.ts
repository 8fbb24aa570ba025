// Writes a file so that a reader sees the old one or the new one whole, whatever happens in between.

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createFile, MODE } from './safe-file.ts'

/** How the name of a file begins that is being written. */
export const TEMPORARY = '.new-'

/** Writes a text file; see `replaceFile`. */
export function writeFileAtomically(path: string, contents: string, mode = MODE): void {
  const temporary = join(dirname(path), `${TEMPORARY}${uniqueName()}`)
  replaceFile(path, temporary, (fd) => writeFileSync(fd, contents), mode)
}

/** The mode for what replaces a file: who could not read the old one can't read the new one. */
export function modeOfReplaced(path: string, mode: number): number {
  const old = statSync(path, { throwIfNoEntry: false })?.mode
  return old === undefined ? mode : mode & old
}

/**
 * Makes a file that isn't there yet, whole or not at all.
 *
 * @throws {Error} of the file system: EEXIST when it is there, which then stays as it is.
 */
export function writeNewFile(path: string, contents: string): void {
  const fd = openSync(path, 'wx')
  try {
    writeFileSync(fd, contents)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}

/** What nobody else names a temporary file, with the number of this process. */
export const uniqueName = (): string => `${process.pid}-${randomBytes(6).toString('hex')}`

/** A regular expression for such a name; an older asnzone told no number. */
export const UNIQUE = '(?:(\\d{1,10})-)?[0-9a-f]{12}'

/**
 * Writes under a temporary name, syncs, renames, and syncs the directory, so that the name is on the disk as well.
 *
 * @param temporary a name in the same directory that nobody has
 * @param mode who may read it: what others may not read can't tell them where data comes from
 * @throws {Error} of the file system or of `write`; the old file stays then.
 */
export function replaceFile(path: string, temporary: string, write: (fd: number) => void, mode = MODE): void {
  try {
    const fd = createFile(temporary, mode)
    try {
      write(fd)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(dirname(path))
}

/**
 * Renames what has a name.
 *
 * @returns whether there was something
 * @throws {Error} of the file system for any other reason.
 */
export function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

/** Puts the names of a directory on the disk. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
