// Root doesn't work in the directory of somebody else, who could lead it elsewhere with a link.

import { execFileSync } from 'node:child_process'
import { type Stats, statSync } from 'node:fs'
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
  const command = `asnzone ${process.argv[2] ?? ''}`.trim()
  const change =
    name === null ? `setpriv --reuid=${uid} --regid=${gid} --clear-groups` : `runuser -u ${name} --`
  throw new AsnzoneError(
    'ASNZONE_CONFIG',
    `data-dir ${directory} belongs to ${name ?? `user ${uid}`}: run it as ${name ?? uid}: ${change} ${command}`,
  )
}

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
