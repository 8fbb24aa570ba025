// Becomes an unprivileged user where libc can't be called, by the calls of Node.js; see handover.ts for all others.

import { execFileSync } from 'node:child_process'
import { wrong } from './identity.ts'

/** The calls that Node has on POSIX systems only; its types lack the first. */
type PosixProcess = Pick<NodeJS.Process, 'setgid' | 'setgroups' | 'setuid'> & {
  readonly initgroups?: (user: string | number, group: string | number) => void
}

/**
 * Changes to a group and a user; groups first, because the user may not. Without either nothing changes.
 *
 * @param user a name or a number
 * @param group a name or a number; the user's own groups when not given
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when there is no such user or group, or this process may not change.
 */
export function dropPrivileges(user: string | undefined, group: string | undefined): void {
  if (user === undefined && group === undefined) return
  const { initgroups, setgid, setgroups, setuid } = process as PosixProcess
  if (setuid === undefined || setgid === undefined || initgroups === undefined || setgroups === undefined) {
    throw wrong(user, group, `${process.platform} has neither`)
  }
  try {
    const own = group ?? (user === undefined ? '' : groupOf(user))
    if (user !== undefined) initgroups(idOf(user), idOf(own))
    else setgroups([idOf(own)])
    setgid(idOf(own))
    if (user !== undefined) setuid(idOf(user))
  } catch (cause) {
    const message = (cause as Error).message.replace(/\s+/g, ' ').trim()
    // Some say so whatever UV_USE_IO_URING is.
    const advice = message.includes('io_uring') ? '; start asnzone as that user, not as root' : ''
    throw wrong(user, group, `${message}${advice}`, cause as Error)
  }
}

/** The number of a user's own group; id(1) knows users that are in no file, too. */
function groupOf(user: string): string {
  return execFileSync('id', ['-g', '--', user], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

/** Numbers are ids, all else is a name. */
function idOf(name: string): string | number {
  return /^\d+$/.test(name) ? Number(name) : name
}
