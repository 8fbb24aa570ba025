// Files below the data directory, opened so that nobody who can write there leads us astray: no link is followed, a
// FIFO or a device is never waited for, and what belongs to a stranger is not believed.
//
// A stranger is a user who is neither root, nor the user of this process, nor the owner of the directory.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NO_FILE } from './file-reason.ts'
import { descriptorNamed } from './handed-over.ts'
import { makeDirectory } from './make-directory.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/** Readable by the group, as manifests and logs are. */
export const MODE = 0o640

/** The most octets of a text, unless told otherwise: a manifest has some hundred for each source. */
const MAX_TEXT_OCTETS = 16 << 20

/** Files that SQLite has beside a database. */
const BESIDE_A_DATABASE = ['', '-wal', '-shm', '-journal']

/**
 * Opens a file for reading.
 *
 * @throws {Error} of the system, or with the reason when it is not a file of ours.
 */
export function openForReading(path: string): number {
  return checked(path, openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
}

/**
 * Opens a file that somebody has named in the config, for reading: links are followed, but it has to be a file.
 *
 * @throws {Error} of the system, or with the reason when it is none.
 */
export function openNamed(path: string): number {
  const fd = openSync(path, O_RDONLY | O_NONBLOCK)
  const stats = fstatSync(fd)
  // A directory tells by itself that it can't be read.
  if (stats.isFile() || stats.isDirectory()) return fd
  closeSync(fd)
  throw Object.assign(new Error(`${path} is not a file`), { code: NO_FILE })
}

/** The most octets of a text that somebody has named in the config: a list of all accounts of a large provider. */
const MAX_NAMED_OCTETS = 64 << 20

/**
 * The text of a file that somebody has named in the config: neither a FIFO nor a device, which might never end.
 *
 * @throws {Error} as `openNamed` does, or when it is far too long.
 */
export function readNamedText(path: string): string {
  const handed = descriptorNamed(path)
  if (handed !== null) return readFileSync(handed, 'utf8')
  const fd = openNamed(path)
  try {
    const { size } = fstatSync(fd)
    if (size > MAX_NAMED_OCTETS) throw new Error(`it has ${size} octets, more than ${MAX_NAMED_OCTETS}`)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/**
 * The text of a file.
 *
 * @throws {Error} as `openForReading` does, or when it is far too long.
 */
export function readText(path: string, max = MAX_TEXT_OCTETS): string {
  const fd = openForReading(path)
  try {
    if (fstatSync(fd).size > max) throw new Error(`${path} is too long`)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/**
 * Makes a file that nobody has made yet, for writing.
 *
 * @throws {Error} of the system, when there is something of this name for instance.
 */
export function createFile(path: string, mode = MODE): number {
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
}

/**
 * Removes a file, or a link but not what it leads to; nothing where there is neither.
 *
 * @throws {Error} of the system, or with the reason when it is something else.
 */
export function removeFile(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isFile() && !stats.isSymbolicLink()) throw new Error(`${path} is not a file`)
  rmSync(path, { force: true })
}

/**
 * Writes a text into a file of its own, in place of a file or a link that had its name.
 *
 * @throws {Error} as `removeFile` and `createFile` do.
 */
export function writeText(path: string, text: string): void {
  removeFile(path)
  const fd = createFile(path)
  try {
    writeFileSync(fd, text)
  } finally {
    closeSync(fd)
  }
}

/**
 * Opens a file of its own for writing, in place of a file or a link that had its name.
 *
 * @throws {Error} as `removeFile` and `createFile` do.
 */
export async function openAnew(path: string): Promise<FileHandle> {
  removeFile(path)
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE)
}

/**
 * Opens a file for appending.
 *
 * @throws {Error} of the system, or with the reason when it is not a file of ours, or has another name elsewhere.
 */
export async function openForAppending(path: string): Promise<FileHandle> {
  const file = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = await file.stat()
    checkStats(path, stats)
    if (stats.nlink !== 1) throw new Error(`${path} is a file that has another name, too`)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What is known of a file of ours; null where there is none. */
export function fileStats(path: string): Stats | null {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true && isOurs(path, stats) ? stats : null
}

/**
 * Makes a directory, and those above it, where it isn't there.
 *
 * @throws {Error} of the system, or with the reason when it is a link, or a stranger's.
 */
export function ensureDirectory(path: string): void {
  makeDirectory(path)
  const stats = lstatSync(path)
  if (!stats.isDirectory()) throw new Error(`${path} is not a directory`)
  if (!isOurs(path, stats)) throw stranger(path, stats)
}

/**
 * Sees that a socket of somebody we know has this name, or nothing has.
 *
 * @throws {Error} with the reason when something else has it.
 */
export function checkSocket(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isSocket()) throw new Error(`${path} is not a socket; remove it`)
  if (!isOurs(path, stats)) throw stranger(path, stats)
}

/**
 * Sees that SQLite will find files of ours where it looks for a database, or nothing: it would follow links and wait
 * for FIFOs.
 *
 * @throws {Error} with the reason when it would find something else.
 */
export function checkDatabase(path: string): void {
  for (const suffix of BESIDE_A_DATABASE) {
    const name = `${path}${suffix}`
    const stats = lstatSync(name, { throwIfNoEntry: false })
    if (stats !== undefined) checkStats(name, stats)
  }
}

/** The descriptor, if it is of a file of ours; closes it otherwise. */
function checked(path: string, fd: number): number {
  try {
    checkStats(path, fstatSync(fd))
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function checkStats(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new Error(`${path} is not a file`)
  if (!isOurs(path, stats)) throw stranger(path, stats)
}

function isOurs(path: string, { uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.() || uid === statSync(dirname(path)).uid
}

function stranger(path: string, { uid }: Stats): Error {
  return new Error(
    `${path} belongs to user ${uid}, who is neither root nor the owner of the directory; remove it`,
  )
}
