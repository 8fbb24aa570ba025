// Brings accounts into the store of the policy service: those of geoip-policyd, and those that a single host has kept.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { Records } from '../policy/records.ts'
import { normalSubject } from '../policy/subject.ts'
import { nameOf, naming, openFile, openStore, type StorePlace } from '../policy-server/open-store.ts'
import type { RedisSettings } from '../policy-server/redis/settings.ts'
import type { Store, SubjectReport } from '../policy-server/store.ts'
import { workAsOwner } from './as-owner.ts'
import { conductOf, storePlace } from './policy.ts'
import { refuseAsRoot } from './root.ts'

/** Accounts that are read and written at a time. */
const SLICE = 100

/** Where accounts are taken from. */
export type ImportSource =
  | { readonly kind: 'geoip-policyd'; readonly url: string; readonly prefix: string }
  | { readonly kind: 'sqlite'; readonly file: string }

/** What became of them. */
export interface ImportOutcome {
  readonly taken: number
  /** Accounts that are known here, or of which nothing counts any more. */
  readonly left: number
  /** Keys that hold something else. */
  readonly foreign: readonly string[]
}

/**
 * Takes over all accounts that aren't known. Servers may go on meanwhile, unless one has the file open that is read or written.
 *
 * @throws {AsnzoneError} when one of the two stores can't be used.
 */
export async function importAccounts(
  settings: Settings,
  source: ImportSource,
  onWarning: (message: string) => void,
): Promise<ImportOutcome> {
  const place = storePlace(settings)
  if (place.kind === 'sqlite') await workAsOwner(settings)
  if (source.kind === 'sqlite' && place.kind === 'sqlite') {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      'policy.store is sqlite, and would be imported into itself; set it to where the accounts are to go',
    )
  }
  const { rules, records, subject } = conductOf(settings, onWarning)
  const normal = (name: string): string | null => normalSubject(name, subject)
  const rulesFor = new Records(rules, records.records, (name) => normal(name) ?? name)
  const windowOf = (user: string): number => rulesFor.of(user).rules.window
  const store = await openStore(place, { onWarning, ownClock: false }).catch((error: Error): never => {
    throw naming(nameOf(place), error)
  })
  try {
    if (source.kind === 'sqlite') return await importFile(source.file, store, windowOf)
    const { readGeoipAccounts } = await import('../policy-server/redis/geoip-accounts.ts')
    const { accounts, foreign } = await readGeoipAccounts(
      settingsFor(source.url, place, settings.policy.timeout),
      {
        prefix: source.prefix,
        normal,
        rulesOf: (user) => rulesFor.of(user).rules,
        now: Date.now(),
      },
    )
    const outcome = { taken: 0, left: 0, foreign }
    for (let i = 0; i < accounts.length; i += SLICE) {
      add(outcome, await adopt(store, accounts.slice(i, i + SLICE), windowOf))
    }
    return outcome
  } catch (error) {
    if (error instanceof AsnzoneError) throw error
    throw new AsnzoneError('ASNZONE_STORE', `${nameOf(place)}: ${(error as Error).message}`, { cause: error })
  } finally {
    await store.close()
  }
}

/** The accounts of a file, and the records that were set at run time unless there are some already. */
async function importFile(
  file: string,
  store: Store,
  windowOf: (user: string) => number,
): Promise<ImportOutcome> {
  if (!existsSync(file)) throw new AsnzoneError('ASNZONE_CONFIG', `${file}: there is no such file`)
  refuseAsRoot(dirname(file))
  const old = await openFile(file)
  const fail = (error: Error): never => {
    throw naming(file, error)
  }
  try {
    const outcome = { taken: 0, left: 0, foreign: [] }
    for (let after = ''; ; ) {
      const page = await old.list({ blocked: false, text: '', after, limit: SLICE }, Date.now()).catch(fail)
      add(outcome, await adopt(store, page, windowOf))
      if (page.length < SLICE) break
      after = page[page.length - 1].user
    }
    const records = await old.records().catch(fail)
    if (records !== null && (await store.records()) === null) await store.setRecords(records)
    return outcome
  } finally {
    await old.close()
  }
}

interface Sum {
  taken: number
  left: number
}

async function adopt(
  store: Store,
  reports: readonly SubjectReport[],
  windowOf: (user: string) => number,
): Promise<Sum> {
  const now = Date.now()
  const were = await Promise.all(reports.map((report) => store.adopt(report, windowOf(report.user), now)))
  const taken = were.filter(Boolean).length
  return { taken, left: were.length - taken }
}

function add(to: Sum, { taken, left }: Sum): void {
  to.taken += taken
  to.left += left
}

/**
 * How a Redis is reached that is not the store, and may be the same server: then who we are there, unless the URL names
 * somebody, what its certificate is and whether it is one of a Cluster holds for both.
 */
function settingsFor(url: string, place: StorePlace, timeout: number): RedisSettings {
  const ours = place.kind === 'redis' && isSameServer(url, place.url) ? place : null
  const isNamed = new URL(url).password !== ''
  const { username, password } = ours === null ? NOBODY : new URL(ours.url)
  return {
    url,
    prefix: '',
    username: isNamed ? '' : (ours?.username ?? '') || decodeURIComponent(username),
    password: isNamed ? '' : (ours?.password ?? '') || decodeURIComponent(password),
    database: 0,
    sentinels: [],
    master: '',
    sentinelUsername: '',
    sentinelPassword: '',
    cluster: ours?.cluster ?? false,
    tls: ours?.tls ?? { ca: null, cert: null, key: null },
    importPrefix: '',
    timeout,
  }
}

const NOBODY = { username: '', password: '' }

function isSameServer(a: string, b: string): boolean {
  const [one, other] = [a, b].map((url) => {
    const { protocol, hostname, port, pathname } = new URL(url)
    return protocol === 'unix:' ? pathname : `${protocol}//${hostname}:${port || 6379}`
  })
  return one === other
}
