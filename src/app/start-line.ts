// The line of the log that says that the server answers: what a report of a fault has to tell.

import { release } from 'node:os'
import { resolve } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { ageInDays } from '../data/sources/age.ts'
import type { Server } from '../server/server.ts'
import { formatListenAddress } from '../system/listen-address.ts'
import type { Table } from '../table/table.ts'
import { VERSION } from '../version.ts'

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
export function startMessage({ server, table }: Started): string {
  const addresses = server.addresses.map(formatListenAddress).join(' and ')
  if (server.addresses.length === 0) {
    return `asnzone ${VERSION} has data of ${table.metadata().date}; DNS is not answered, as listen is none`
  }
  return `asnzone ${VERSION} answers on ${addresses}, with data of ${table.metadata().date}`
}
