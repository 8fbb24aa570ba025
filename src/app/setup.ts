// What a server answers with beside the data: its settings, and what is made of them before anything is served. It is
// immutable and replaced as a whole. What else is to be read again with the config belongs here.

import { changesOf, plainText } from '../config/changes.ts'
import { placed } from '../config/places.ts'
import type { Settings } from '../config/setting-values.ts'
import type { SettingName } from '../config/settings.ts'
import { placeOfField, readZoneDefinitions } from '../config/zone-files.ts'
import { checkLists } from '../config/zone-lists.ts'
import type { Policy } from '../dns/treatment.ts'
import type { PolicydConduct } from '../http/task.ts'
import type { Service } from '../server/service.ts'
import type { ZoneRows } from '../server/zone-rows.ts'
import type { Table } from '../table/table.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { compileZoneSet, type ZoneSet } from '../zones/zone-set.ts'
import { planOf } from './data-sources.ts'
import { policydOf } from './policyd.ts'
import type { Serials } from './serials.ts'
import { checkBeforeStart, type PolicyRead } from './start-checks.ts'
import { policyOf } from './treatment.ts'
import { zoneSetOptions } from './zone-set.ts'

/** What zones are answered by. */
export interface Answering {
  readonly settings: Settings
  readonly definitions: readonly ZoneDefinition[]
  /** How clients are treated by DNS. */
  readonly treatment: Policy
}

/** The same, and what else a server does by its settings. */
export interface Setup extends Answering, PolicyRead {
  /** How its REST interface is served. */
  readonly policyd: PolicydConduct
}

/**
 * Makes of settings what zones are answered by; the rest of them is not looked at.
 *
 * @throws {AsnzoneError} when a setting or a zone file is wrong.
 */
export function answeringOf(settings: Settings, before: Setup | null = null): Answering {
  try {
    const definitions = readZoneDefinitions(settings.zones, settings.disable)
    checkLists(definitions, settings)
    return {
      settings,
      definitions,
      treatment: policyOf(settings, before),
    }
  } catch (error) {
    throw placed(settings, error)
  }
}

/**
 * Makes of settings what can be made without data, and so finds what is wrong with them.
 *
 * @param before the setup that this one is to follow in a running server: clients that it knows stay known
 * @param onWarning told of what is odd in the records of the policy service
 * @throws {AsnzoneError} when a setting or a zone file is wrong.
 */
export function setupOf(
  settings: Settings,
  before: Setup | null = null,
  onWarning: (message: string) => void = () => {},
): Setup {
  try {
    planOf(settings)
    const policy = checkBeforeStart(settings, onWarning)
    return { ...answeringOf(settings, before), ...policy, policyd: policydOf(settings) }
  } catch (error) {
    throw placed(settings, error)
  }
}

/** Settings that data is compiled and compared by; the others can be in force before that is done. */
const OF_DATA: readonly SettingName[] = [
  'sources',
  'feed',
  'feed-url',
  'max-size',
  'max-rows',
  'max-names',
  'max-time',
  'least-share',
  'sentinels',
  'here',
  'score',
  'learn',
]

/** A setup that is to follow another one. */
export interface NextSetup {
  readonly setup: Setup
  /** The settings that are others at once. */
  readonly changed: readonly SettingName[]
  /** The settings, or parts of them, that would be, had they not to wait for the next start. */
  readonly restart: readonly string[]
  /** Whether it needs other data, and so must not be in force without them. */
  readonly needsData: boolean
}

/**
 * The setup that follows another one when these settings were read.
 *
 * @param table any that could be served, to see whether the zones can be
 * @throws {AsnzoneError} when a setting or a zone file is wrong.
 */
export function nextSetup(
  before: Setup,
  read: Settings,
  table: Table,
  onWarning: (message: string) => void = () => {},
): NextSetup {
  // What waits for the next start has to be right, too: that start is not when to find out.
  setupOf(read, before)
  const { live, restart, settings } = changesOf(before.settings, read)
  const setup = setupOf(settings, before, onWarning)
  compileZoneSet(setup.definitions, zoneSetOptions(settings, table.metadata()), placeOfField)
  const isConductSame =
    plainText([setup.conduct, setup.policyd]) === plainText([before.conduct, before.policyd])
  // A zone file that has changed is a change of the setting that names its directory.
  const isSame = JSON.stringify(setup.definitions) === JSON.stringify(before.definitions)
  const isTold = isSame || live.includes('zones') || live.includes('disable')
  const changed: readonly SettingName[] = [
    ...live,
    ...(isTold ? [] : (['zones'] as const)),
    ...(isConductSame || live.includes('policy') || live.includes('log-level') ? [] : (['policy'] as const)),
  ]
  return { setup, changed, restart, needsData: live.some((name) => OF_DATA.includes(name)) }
}

/** What a server needs to know of its past to serve a setup; a command that isn't one needs none of it. */
export interface ServedOptions {
  readonly serials?: Serials
  readonly rows?: ZoneRows
}

/** A service, and its zones as this thread has compiled them. */
export interface Served {
  readonly service: Service
  readonly zoneSet: ZoneSet
}

/**
 * Puts a setup and a table together.
 *
 * @throws {AsnzoneError} when a zone can't be served.
 */
export function servedBy(setup: Answering, table: Table, options: ServedOptions = {}): Served {
  const { settings, definitions, treatment } = setup
  const { serials, rows } = options
  const zoneOptions = {
    ...zoneSetOptions(settings, table.metadata(), serials?.of(table, setup)),
    ...(rows !== undefined && { rows: rows.of(definitions.map(({ id }) => id)) }),
  }
  const zoneSet = compileZoneSet(definitions, zoneOptions, placeOfField)
  const service = { table: table.buffer, definitions, zoneSetOptions: zoneOptions, treatment }
  return { service, zoneSet }
}
