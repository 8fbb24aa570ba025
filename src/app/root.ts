// Who works in a data directory: its owner. Root doesn't, as the owner could lead it elsewhere with a link, and others may
// not.

import { execFileSync } from 'node:child_process'
import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { AsnzoneError } from '../errors.ts'

/**
 * Sees that this process may write into a data directory without being led astray.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when root runs it and the directory belongs to another user.
 */
export function refuseAsRoot(directory: string): void {
  if (process.geteuid?.() !== 0) return
  let stats: Stats | undefined
  try {
    stats = statSync(directory, { throwIfNoEntry: false })
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `data-dir ${directory}: ${(cause as Error).message}`, { cause })
  }
  if (stats === undefined || stats.uid === 0) return
  const { uid, gid } = stats
  const name = nameOf(uid)
  const change =
    name === null ? `setpriv --reuid=${uid} --regid=${gid} --clear-groups` : `runuser -u ${name} --`
  throw new AsnzoneError(
    'ASNZONE_CONFIG',
    `data-dir ${directory} belongs to ${name ?? `user ${uid}`}: run it as ${name ?? uid}: ${change} ${commandLine()}`,
  )
}

/**
 * Sees that this process may look into a data directory, where there is one.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when it may not.
 */
export function refuseStranger(directory: string): void {
  // What root may not is no matter of rights.
  if (process.geteuid?.() === 0) return
  try {
    accessSync(directory, constants.R_OK | constants.X_OK)
  } catch (cause) {
    // What else is wrong with it is told by who makes it or reads in it.
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') return
    const owner = ownerOf(directory)
    const users = owner === null || owner === 'root' ? 'root' : `${owner} or root`
    const example = owner === null ? '' : `: sudo -u ${owner} ${commandLine()}`
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `data-dir ${directory}: this user may not look into it; run it as ${users}${example}`,
      { cause },
    )
  }
}

/**
 * Sees that what is to be the data directory is none but one, where it is there already.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG`
 */
export function checkDirectory(directory: string): void {
  let stats: Stats | undefined
  try {
    stats = statSync(directory, { throwIfNoEntry: false })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    // Whom it is for is told by others.
    if (code === 'EACCES') return
    throw new AsnzoneError('ASNZONE_CONFIG', `data-dir ${directory}: ${message}`, { cause })
  }
  if (stats?.isDirectory() !== false) return
  throw new AsnzoneError('ASNZONE_CONFIG', `data-dir ${directory}: it is a file; name a directory`)
}

/** The name of who has it; null where that can't be told. */
function ownerOf(directory: string): string | null {
  try {
    return nameOf(statSync(directory).uid)
  } catch {
    return null
  }
}

const commandLine = (): string => `asnzone ${process.argv[2] ?? ''}`.trim()

/** id(1) knows users that are in no file, too; null when the number has no name. */
function nameOf(uid: number): string | null {
  try {
    const name = execFileSync('id', ['-nu', '--', String(uid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return /^\d+$/.test(name) ? null : name
  } catch {
    return null
  }
}
