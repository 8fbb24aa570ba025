// What root asks of the data of a service is done as the service's own user, so that no file comes to belong to root and
// no link leads root astray: as `runuser -u asnzone -- asnzone …` would. The settings are those that root has read: what
// they come from may be for root alone, or can be read once only.

import { existsSync, statSync } from 'node:fs'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { receiveHandover, restartAs } from '../server/handover.ts'
import { endAtOnce } from '../system/early-signals.ts'
import { handedOver } from '../system/handed-over.ts'
import { type Identity, type IdentityCalls, loadIdentityCalls } from '../system/identity.ts'
import { unsupportedReason } from '../system/libc.ts'
import { strangerAbove } from '../system/stranger-above.ts'
import { refuseAsRoot } from './root.ts'

/** Accounts of services have numbers below this in Debian (SYS_UID_MAX); those from it on log in. */
const FIRST_LOGIN = 1000

/** What root has handed over is called so in the environment. */
const VARIABLE = '_ASNZONE_OWNER'

/** Who does for root what this process does, and with which settings. */
export interface OwnerAtWork {
  readonly name: string
  readonly settings: Settings
}

/** Undefined until somebody has asked. */
let atWork: OwnerAtWork | null | undefined

/** Null where this process is nobody but itself. */
export function ownerAtWork(): OwnerAtWork | null {
  atWork ??= receiveHandover<OwnerAtWork>(process.env, VARIABLE)?.details ?? null
  return atWork
}

/**
 * Goes on where the process is the user that may write into the data directory. Root starts the command anew as the owner
 * of the directory, if that is the account of a service: it returns never then. Nothing may have been read or printed.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when root runs it and somebody owns the directory who logs in here, somebody else
 *   could put another one into its place, it can't become the owner, or there is no directory, and one of root's would be
 *   of no use to `user`.
 */
export async function workAsOwner(settings: Settings): Promise<void> {
  await lookAsOwner(settings)
  refuseToMake(settings)
  refuseAsRoot(settings.dataDir)
}

/**
 * The same for a command that only looks: root stays root where nobody can be had to do it.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` as `workAsOwner` does, but not about who logs in.
 */
export async function lookAsOwner(settings: Settings): Promise<void> {
  const { dataDir } = settings
  const owner = serviceOf(dataDir)
  const calls =
    owner === null || unsupportedReason() !== null ? null : await loadIdentityCalls().catch(() => null)
  if (owner === null || calls === null) return
  const { name, identity } = identityOfOwner(calls, owner)
  refuseReplaceable(dataDir, owner.uid, name)
  // What asks this process to end must not get lost on the way.
  endAtOnce()
  const details: OwnerAtWork = { name, settings }
  restartAs(calls, identity, { user: name }, { sockets: [], details }, handedOver(process.argv), VARIABLE)
}

function refuseToMake({ dataDir, user, group }: Settings): void {
  if (process.geteuid?.() !== 0 || user === undefined || existsSync(dataDir)) return
  const owner = group === undefined ? `-o ${user}` : `-o ${user} -g ${group}`
  throw new AsnzoneError(
    'ASNZONE_CONFIG',
    `data-dir ${dataDir} isn't there, and ${user} could not write into one of root's; this makes it: install -d -m 750 ${owner} ${dataDir}`,
  )
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

/** One whom the path is open to could have root work as a user of their choice. */
function refuseReplaceable(directory: string, uid: number, name: string): void {
  const fail = (reason: string, cause?: unknown): never => {
    throw new AsnzoneError('ASNZONE_CONFIG', `data-dir ${directory}${reason}`, { cause })
  }
  let stranger: string | null = null
  try {
    stranger = strangerAbove(directory, uid)
  } catch (cause) {
    fail(`: ${(cause as Error).message}`, cause)
  }
  if (stranger !== null) {
    fail(` belongs to ${name}, but ${stranger}, so that others could put another one in its place`)
  }
}

/** A number without a name has no groups but that of the directory, which may not be root's. */
function identityOfOwner(
  calls: IdentityCalls,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): { readonly name: string; readonly identity: Identity } {
  const known = calls.userOf(String(uid))
  if (known !== null) {
    const groups = calls.groupsOf(known.name, known.gid)
    return { name: known.name, identity: { uid, gid: known.gid, groups } }
  }
  const own = gid === 0 ? uid : gid
  return { name: String(uid), identity: { uid, gid: own, groups: [own] } }
}
