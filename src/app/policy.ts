// The policy service of a server: what it is told by the settings, and how it lives beside DNS.

import { join } from 'node:path'
import type { Logger } from 'pino'
import type { PolicySetting } from '../config/policy/policy.ts'
import { loadRecords } from '../config/policy/users.ts'
import type { Settings } from '../config/setting-values.ts'
import { countryCode } from '../data/countries.ts'
import type { LdapSettings } from '../policy-server/ldap/settings.ts'
import type { StorePlace } from '../policy-server/open-store.ts'
import { POLICY_FILE } from '../policy-server/policy-file.ts'
import type { PolicyService } from '../policy-server/policy-service.ts'
import type { PolicyFigures, RecordText } from '../policy-server/surface.ts'
import type { CountryPoint, PolicyConduct, PolicyMainCalls, RecordSet } from '../policy-server/task.ts'
import type { Table } from '../table/table.ts'
import { inFull } from './log.ts'
import { readPem } from './pem.ts'
import { tellingOf } from './policy-telling.ts'
import type { Setup } from './setup.ts'
import { doorsFrom, type StreamSocket } from './stream-sockets.ts'

/** Milliseconds that the service may take to tell its figures: who asks for them waits no longer than 2 s itself. */
const FIGURES_MS = 1000

/** What the settings say of requests; the files that they name are read. */
export function conductOf(settings: Settings, onWarning: (message: string) => void): PolicyConduct {
  const { policy, log } = settings
  const telling = tellingOf(policy)
  const { allow, subject, rules, answers, onError, timeout, history } = policy
  const { warnings, ...records } = loadRecords(policy)
  for (const warning of warnings) onWarning(warning)
  const passedLevel = policy.log === 'all' ? 'info' : log.level === 'debug' ? 'debug' : null
  return { allow, subject, rules, records, answers, onError, timeout, history, telling, passedLevel }
}

/** What the policy service is connected with. */
export interface PolicyPlaces {
  readonly store: StorePlace
  readonly ldap: LdapSettings | null
}

/**
 * What the policy service is connected with; the files of certificates are read.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one of them can't be read.
 */
export const policyPlaces = (settings: Settings): PolicyPlaces => ({
  store: storePlace(settings),
  ldap: ldapPlace(settings),
})

/** A running policy service. */
export interface RunningPolicy {
  readonly service: PolicyService
  /** Its figures when they were looked at last; null when it didn't tell them. */
  readonly figures: PolicyFigures | null
  /** Looks at its figures. Never rejects. */
  look(): Promise<void>
  /** Judges by another table, and as another setup says. Never rejects. */
  replace(table: Table, setup: Pick<Setup, 'conduct' | 'settings'>): Promise<void>
}

/**
 * Starts the policy service; null when there is nowhere to ask it.
 *
 * @throws {AsnzoneError} when its store can't be used.
 */
export async function startPolicy(
  settings: Settings,
  sockets: readonly StreamSocket[],
  { conduct, places }: Pick<Setup, 'conduct' | 'places'>,
  { table, connections, log }: { table: Table; connections: number; log: Logger },
): Promise<RunningPolicy | null> {
  if (sockets.length === 0 && settings.policy.restAddress === null) return null
  // Loaded when it is needed: most servers answer DNS only, and start sooner without it.
  const { PolicyService } = await import('../policy-server/policy-service.ts')
  let inForce = settings
  const service = await PolicyService.start({
    task: {
      // Of sockets that systemd has passed on, the settings say nothing.
      ...(places ?? policyPlaces(settings)),
      connections,
      points: await allCountryPoints(),
      clock: null,
    },
    doors: await doorsFrom(sockets),
    table: table.buffer,
    conduct,
    calls: mainCalls(() => inForce, log),
    onDeath: ({ message }) => log.error(`the policy service has stopped and is started again: ${message}`),
    onStuck: () => log.error('the policy service waits for a disk or a lock, and answers nothing until then'),
  })
  for (const { name } of sockets) log.info({ policy: name }, `the policy service answers on ${name}`)
  let figures: PolicyFigures | null = null
  return {
    service,
    get figures() {
      return figures
    },
    look: async () => {
      try {
        figures = await service.ask.callWithin(FIGURES_MS, 'figures')
      } catch {
        figures = null
      }
    },
    replace: async (next, setup) => {
      inForce = setup.settings
      await service.conductAs(setup.conduct)
      await service.replace(next.buffer)
    },
  }
}

/**
 * Where the policy service keeps what it remembers; the files of its certificate are read.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one of them can't be read.
 */
export function storePlace({ dataDir, policy: { store, timeout, hashKey } }: Settings): StorePlace {
  if (store.kind === 'sqlite') return { kind: 'sqlite', file: join(dataDir, POLICY_FILE), hashKey }
  return { ...store, tls: readPem('policy.redis.tls-', store.tls), timeout, hashKey }
}

/**
 * The directory; null where there is none. The files of its certificate are read.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one of them can't be read.
 */
export function ldapPlace({ policy: { ldap, timeout } }: Settings): LdapSettings | null {
  if (ldap === null) return null
  return { ...ldap, tls: readPem('policy.ldap.', ldap.tls), timeout }
}

/** What the policy thread may call. */
export function mainCalls(settings: () => Settings, log: Logger): PolicyMainCalls {
  return {
    log: (lines) => {
      for (const { level, message, fields } of lines) log[level](inFull(fields), message)
    },
    readRecords: (texts) => readSetRecords(settings(), texts),
  }
}

/**
 * Reads records that were set at run time, which are written as geoip-policyd has them.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the record by its place and the field.
 */
export function readSetRecords(settings: Settings, texts: readonly RecordText[]): RecordSet {
  return loadRecords({ ...settings.policy, users: texts }, 'geoip-policyd')
}

/** Where countries are, for the rule of travel. */
export async function countryPoints({ rules }: PolicySetting): Promise<ReadonlyMap<string, CountryPoint>> {
  return rules.travel.speed === null ? new Map() : allCountryPoints()
}

/** The same for a service that may be given that rule while it runs. */
async function allCountryPoints(): Promise<ReadonlyMap<string, CountryPoint>> {
  const { readCountryPoints } = await import('../data/compile/country-points.ts')
  const points = await readCountryPoints()
  return new Map(
    [...points].map(([country, { latitude, longitude }]) => [countryCode(country), { latitude, longitude }]),
  )
}
