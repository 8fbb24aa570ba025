// The lines of the log that say that the server answers, how old its data is, and what to try. The fields of the first
// are what a report of a fault has to tell.

import { release } from 'node:os'
import { resolve } from 'node:path'
import { defaultDataDirectory, FOUND_CONFIG_FILES } from '../config/found-config.ts'
import type { Settings } from '../config/setting-values.ts'
import { ageInDays } from '../data/sources/age.ts'
import { AccessList } from '../dns/access-list.ts'
import type { Policy } from '../dns/treatment.ts'
import { holdsAddress } from '../server/client-address.ts'
import type { Server } from '../server/server.ts'
import { formatListenAddress, ownHost } from '../system/listen-address.ts'
import type { Table } from '../table/table.ts'
import { VERSION } from '../version.ts'
import { exampleQuestion } from '../zones/example.ts'
import type { ZoneSet } from '../zones/zone-set.ts'

/** What the line is made of. */
export interface Started {
  readonly settings: Settings
  /** The config file that was read; null when there is none. */
  readonly configFile: string | null
  readonly server: Server
  readonly table: Table
  /** How many zones are served. */
  readonly zones: number
  /** That of their SOA records. */
  readonly serial: number
  /** Milliseconds since the start. */
  readonly milliseconds: number
}

/** The fields of the line. */
export async function startFields(started: Started): Promise<Record<string, unknown>> {
  const { settings, configFile, server, table, zones, serial, milliseconds } = started
  const { date, sources } = table.metadata()
  const { dataDir: directory, zones: ownZones, queryLog } = settings
  const isMmsg = server.udpKind === 'mmsg'
  return {
    version: VERSION,
    node: process.version,
    platform: `${process.platform} ${release()} ${process.arch}`,
    udp: server.udpKind,
    koffi: isMmsg ? (await import('koffi')).default.version : null,
    workers: isMmsg ? settings.workers : 0,
    listen: server.addresses.map(formatListenAddress),
    receiveBuffer: server.addresses[0]?.receiveBuffer ?? 0,
    zones,
    ases: table.asCount,
    records: table.recordCount,
    data: date,
    serial,
    days: ageInDays({ date }, Date.now()),
    rows: sources.reduce((sum, source) => sum + source.rows, 0),
    sources: sources.length,
    tableBytes: table.buffer.byteLength,
    directory: resolve(directory),
    config: configFile === null ? null : resolve(configFile),
    ownZones: ownZones === undefined ? null : resolve(ownZones),
    queryLog: queryLog.file ?? null,
    pid: process.pid,
    ms: milliseconds,
  }
}

/** The message of the line. */
export function startMessage({ server }: Pick<Started, 'server'>): string {
  const addresses = server.addresses.map(formatListenAddress).join(' and ')
  if (addresses === '') return `asnzone ${VERSION} runs; DNS is not answered, as listen is none`
  return `asnzone ${VERSION} answers on ${addresses}`
}

/**
 * A query to try from this host; null where none would be answered as the example of a zone says.
 *
 * @param treatment who is answered
 */
export function tryMessage(
  { settings, server }: Pick<Started, 'settings' | 'server'>,
  zoneSet: ZoneSet,
  treatment: Policy,
): string | null {
  const allowed = treatment.allow === null ? null : new AccessList(treatment.allow)
  const hosts = server.addresses.map(({ host, port }) => ({ host: ownHost(host), port }))
  const asked = hosts.find(({ host }) => allowed === null || holdsAddress(allowed, host))
  const [example] = zoneSet.zones.flatMap((zone) => {
    const question = exampleQuestion(zone)
    return question === null || Object.keys(question.settings).length > 0 ? [] : [question]
  })
  if (asked === undefined || example === undefined || settings.proxyProtocol.length > 0) return null
  const port = asked.port === 53 ? '' : ` -p ${asked.port}`
  return `try: dig @${asked.host}${port} +short ${example.type} ${example.name}`
}

/** What an administrator writes to have new data fetched for this server. */
export function updateCommandOf(settings: Settings, configFile: string | null): string {
  // npm start is of a clone, which has the command for npx only.
  const program = process.env.npm_lifecycle_event === 'start' ? 'npx --no-install asnzone' : 'asnzone'
  const isFound = configFile === null || FOUND_CONFIG_FILES.includes(configFile)
  const isKnown =
    settings.places?.['data-dir'] !== undefined || settings.dataDir === defaultDataDirectory(configFile)
  return [
    `${program} update`,
    ...(isFound ? [] : [`--config ${quoted(configFile)}`]),
    ...(isKnown ? [] : [`--data-dir ${quoted(settings.dataDir)}`]),
  ].join(' ')
}

/** A word for a shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
