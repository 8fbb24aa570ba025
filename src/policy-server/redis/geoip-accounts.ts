// All accounts that geoip-policyd keeps in a Redis.

import { AsnzoneError } from '../../errors.ts'
import type { Rules } from '../../policy/settings.ts'
import { KINDS, type SubjectState } from '../../policy/state.ts'
import type { SubjectReport } from '../store.ts'
import { Commands } from './commands.ts'
import { connect } from './connection.ts'
import { credentialsError, isBadCredentials } from './fitness.ts'
import { unlessForeign } from './foreign-keys.ts'
import { readGeoipPolicyd } from './geoip-policyd.ts'
import type { RedisSettings } from './settings.ts'
import { withoutPassword } from './without-password.ts'

/** Keys that are read at a time. */
const SLICE = 100

/** How its accounts are read. */
export interface GeoipOptions {
  /** What its keys begin with. */
  readonly prefix: string
  /** A name as accounts are kept here; null for what can't be one. */
  readonly normal: (name: string) => string | null
  readonly rulesOf: (user: string) => Pick<Rules, 'prefixes' | 'window'>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What was found. */
export interface GeoipAccounts {
  /** Accounts of which something counts; names that are written differently are one. */
  readonly accounts: readonly SubjectReport[]
  /** Keys that hold something else. */
  readonly foreign: readonly string[]
}

/**
 * Reads them; writes nothing.
 *
 * @throws {AsnzoneError} `ASNZONE_STORE` when the server doesn't accept us or can't be reached.
 */
export async function readGeoipAccounts(
  settings: RedisSettings,
  options: GeoipOptions,
): Promise<GeoipAccounts> {
  const where = withoutPassword(settings.url)
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  const connection = connect(settings, (error) => {
    const { message } = error
    fail(
      isBadCredentials(error)
        ? credentialsError(where, error)
        : new AsnzoneError('ASNZONE_STORE', `${where}: ${message}`, { cause: error }),
    )
  })
  const commands = new Commands(
    connection,
    settings.timeout,
    ({ message }) => new Error(`${where}: ${message}`),
    !settings.cluster,
  )
  try {
    await Promise.race([connection.connected, failed])
    return await Promise.race([readAll(commands, options), failed])
  } finally {
    failed.catch(() => {})
    connection.destroy()
  }
}

async function readAll(commands: Commands, options: GeoipOptions): Promise<GeoipAccounts> {
  const { prefix, normal, rulesOf, now } = options
  const accounts = new Map<string, SubjectReport>()
  const foreign = new Set<string>()
  const seen = new Set<string>()
  const take = async (key: string): Promise<void> => {
    if (seen.has(key)) return
    seen.add(key)
    const user = normal(key.slice(prefix.length))
    const text = user === null ? null : await read(commands, key)
    const report =
      user === null || text === null ? null : readGeoipPolicyd(user, text, { ...rulesOf(user), now })
    if (user === null || report === null) {
      foreign.add(key)
      return
    }
    const known = accounts.get(user)
    accounts.set(user, known === undefined ? report : merged(known, report))
  }
  for await (const keys of commands.scan(`${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`)) {
    for (let i = 0; i < keys.length; i += SLICE) await Promise.all(keys.slice(i, i + SLICE).map(take))
  }
  return { accounts: [...accounts.values()].filter(isWorthKeeping), foreign: [...foreign] }
}

const isWorthKeeping = ({ state }: SubjectReport): boolean =>
  state.block !== null || state.entries.some((of) => of.size > 0)

async function read(commands: Commands, key: string): Promise<string | null> {
  const text = await unlessForeign(commands.run(key, ['GET', key]), null, () => {})
  return text === null ? null : String(text)
}

/** One account that geoip-policyd has kept under two names. */
function merged(a: SubjectReport, b: SubjectReport): SubjectReport {
  const [ips, countries, asns] = KINDS.map((kind) => {
    const of = new Map(a.state.entries[kind])
    for (const [value, entry] of b.state.entries[kind]) {
      const known = of.get(value)
      if (known === undefined || known.last < entry.last) of.set(value, entry)
    }
    return of
  })
  const state: SubjectState = {
    entries: [ips, countries, asns],
    block: a.state.block ?? b.state.block,
    place: null,
  }
  return { ...a, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last), state }
}
