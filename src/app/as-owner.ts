// What root asks of the data of a service is done as the service's own user, so that no file comes to belong to root and
// no link leads root astray: as `runuser -u asnzone -- asnzone …` would.

import { statSync } from 'node:fs'
import { restart } from '../server/handover.ts'
import { endAtOnce } from '../system/early-signals.ts'
import { type Identity, type IdentityCalls, loadIdentityCalls } from '../system/identity.ts'
import { unsupportedReason } from '../system/libc.ts'
import { refuseAsRoot } from './root.ts'

/** Accounts of services have numbers below this in Debian (SYS_UID_MAX); those from it on log in. */
const FIRST_LOGIN = 1000

/** Tells the process that it was root's, by its number, and whose the directory is. */
const VARIABLE = '_ASNZONE_OWNER'

/**
 * Goes on where the process is the user that may write into a data directory. Root starts the command anew as the owner of
 * the directory, if that is the account of a service: it returns never then. Nothing may have been read or printed.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when root runs it and somebody owns the directory who logs in here, or it can't
 *   become the owner.
 */
export async function workAsOwner(directory: string): Promise<void> {
  const owner = serviceOf(directory)
  const calls =
    owner === null || unsupportedReason() !== null ? null : await loadIdentityCalls().catch(() => null)
  if (owner === null || calls === null) {
    refuseAsRoot(directory)
    return
  }
  const { name, identity } = identityOfOwner(calls, owner)
  // What asks this process to end must not get lost on the way.
  endAtOnce()
  restart(calls, identity, { user: name }, { [VARIABLE]: `${process.pid}:${name}:${directory}` })
}

/** Who does for root what this process does, and whose directory it is; null where it is nobody but itself. */
export function ownerAtWork(): { readonly name: string; readonly directory: string } | null {
  const [pid, name, ...directory] = (process.env[VARIABLE] ?? '').split(':')
  return Number(pid) === process.pid ? { name, directory: directory.join(':') } : null
}

/** The service that owns a directory; null where this process isn't root, or the owner is none. */
function serviceOf(directory: string): { readonly uid: number; readonly gid: number } | null {
  if (process.geteuid?.() !== 0) return null
  try {
    const stats = statSync(directory, { throwIfNoEntry: false })
    return stats === undefined || stats.uid === 0 || stats.uid >= FIRST_LOGIN ? null : stats
  } catch {
    // Told by who looks into it next.
    return null
  }
}

function identityOfOwner(
  calls: IdentityCalls,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): { readonly name: string; readonly identity: Identity } {
  const known = calls.userOf(String(uid))
  if (known === null) return { name: String(uid), identity: { uid, gid, groups: [gid] } }
  const groups = calls.groupsOf(known.name, known.gid)
  return { name: known.name, identity: { uid, gid: known.gid, groups } }
}
