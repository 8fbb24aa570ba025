// What is checked before a server looks at zones and data, by serve and by check alike: check has nothing against what
// serve starts with.

import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import type { PolicyConduct } from '../policy-server/task.ts'
import { tryAddresses } from '../server/try-addresses.ts'
import { fileReason } from '../system/file-reason.ts'
import { checkAppendable } from '../system/line-file.ts'
import {
  addressOctets,
  formatListenAddress,
  isWildcard,
  type ListenAddress,
} from '../system/listen-address.ts'
import { refuseUnlistenable } from '../system/unlistenable.ts'
import { doorsOf } from './doors.ts'
import { listenAddresses, refuseIdle } from './listen.ts'
import { conductOf, type PolicyPlaces, policyPlaces } from './policy.ts'
import { checkPolicySockets } from './policy-sockets.ts'
import { policyOf } from './treatment.ts'
import { whoisAddress } from './whois.ts'

/** An address with the setting that it is from. */
interface Named extends ListenAddress {
  readonly setting: string
}

/** What the settings say of the policy service, with the files that they name read. */
export interface PolicyRead {
  readonly conduct: PolicyConduct
  /** Null where it is not asked, as far as the settings say. */
  readonly places: PolicyPlaces | null
}

/**
 * Checks what can be checked before anything is opened.
 *
 * @param onWarning told of what is odd in the records of the policy service
 * @returns what the policy service is started with, so that nothing of it is read twice
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for the first setting that no server can run with.
 */
export function checkBeforeStart(settings: Settings, onWarning: (message: string) => void): PolicyRead {
  refuseIdle(settings, process.env)
  const others = othersOf(settings)
  for (const address of others) refuseUnlistenable(address.setting, formatListenAddress(address), address)
  refuseOneLog(settings)
  refuseDoubles([...listenAddresses(settings).map((it) => ({ ...it, setting: 'listen' })), ...others])
  policyOf(settings)
  const conduct = conductOf(settings, onWarning)
  const isAsked = settings.policy.listen.length > 0 || settings.policy.restAddress !== null
  return { conduct, places: isAsked ? policyPlaces(settings) : null }
}

/**
 * Checks whether this host has the addresses.
 *
 * @param onMissing told of one that it lacks, where it has others
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when it has none of those to answer DNS on, or lacks another one.
 */
export async function checkAddresses(
  settings: Settings,
  onMissing: (address: ListenAddress) => void,
): Promise<void> {
  await tryAddresses({ listen: listenAddresses(settings), onMissingAddress: onMissing })
  for (const address of addressesOfHttp(settings)) {
    await tryAddresses({ listen: [address], onMissingAddress: onMissing }, address.setting)
  }
  const whois = whoisAddress(settings)
  if (whois !== null) await tryAddresses({ listen: [whois], onMissingAddress: onMissing }, 'whois')
  await checkPolicySockets(settings.policy)
}

function addressesOfHttp(settings: Settings): Named[] {
  return doorsOf(settings).map((door): Named => ({ ...door, family: door.host.includes(':') ? 6 : 4 }))
}

/** The addresses that are not of DNS. */
function othersOf(settings: Settings): Named[] {
  const policy = settings.policy.listen.flatMap((it): Named[] =>
    it.kind === 'inet' ? [{ ...it, setting: 'policy.listen' }] : [],
  )
  const whois = whoisAddress(settings)
  return [
    ...addressesOfHttp(settings),
    ...policy,
    ...(whois === null ? [] : [{ ...whois, setting: 'whois' }]),
  ]
}

/**
 * Checks the files that a server is to write to, without making one.
 *
 * @param isUser whether this process is the user that the server is to be; what another one may do is not checked
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for a file that can't be written.
 */
export function checkFiles({ log, queryLog }: Settings, isUser = true): void {
  const files = { 'log-file': log.file, 'query-log': queryLog.file === '-' ? undefined : queryLog.file }
  for (const [setting, file] of Object.entries(files)) {
    if (file === undefined) continue
    try {
      checkAppendable(file)
    } catch (cause) {
      if (!isUser && (cause as NodeJS.ErrnoException).code === 'EACCES') continue
      const isLost = !existsSync(dirname(file))
      const reason = isLost ? `the folder ${dirname(file)} does not exist` : fileReason(cause)
      throw new AsnzoneError('ASNZONE_CONFIG', `${setting} ${file}: ${reason}`, { cause })
    }
  }
}

/** What tells a file from others, whatever it is called and whether it is there or not; each other thing is one of its own. */
function whichFile(file: string): string | symbol {
  try {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats === undefined) return join(realpathSync(dirname(file)), basename(file))
    return stats.isFile() ? `${stats.dev} ${stats.ino}` : Symbol(file)
  } catch {
    // What is wrong with it is told by who opens it.
    return resolve(file)
  }
}

/** Lines of two kinds in one file could be told apart by nobody; a terminal and a pipe of a container take both. */
function refuseOneLog({ log, queryLog }: Settings): void {
  if (log.file === undefined || queryLog.file === undefined) return
  const [one, other] = [log.file, queryLog.file].map(whichFile)
  if (one !== other) return
  throw new AsnzoneError(
    'ASNZONE_CONFIG',
    `log-file and query-log are one file, ${log.file}; give each its own`,
  )
}

/** Over TCP an address is bound once: a second time would be told as another program's. */
function refuseDoubles(addresses: readonly Named[]): void {
  for (const [i, one] of addresses.entries()) {
    const other = addresses.slice(0, i).find((it) => collides(it, one))
    if (other === undefined) continue
    const [a, b] = [other, one].map((it) => `${it.setting} ${formatListenAddress(it)}`)
    throw new AsnzoneError('ASNZONE_CONFIG', `${a} and ${b} are one address; give each its own port`)
  }
}

function collides(a: Named, b: Named): boolean {
  if (a.port !== b.port || a.port === 0) return false
  if (a.family === b.family) return sameHost(a, b) || isWildcard(a.host) || isWildcard(b.host)
  // The wildcard of IPv6 is that of IPv4 as well over HTTP.
  const isOfBoth = ({ setting, family, host }: Named): boolean =>
    (setting === 'http' || setting === 'publish-csv') && family === 6 && isWildcard(host)
  return isOfBoth(a) || isOfBoth(b)
}

/** However the two are written; a link-local address is another one on another interface. */
function sameHost(a: Named, b: Named): boolean {
  const [one, other] = [a, b].map((it) => `${addressOctets(it)}%${it.host.split('%')[1] ?? ''}`)
  return one === other
}
