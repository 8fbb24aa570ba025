// What a running server tells of itself, over its control socket and over HTTP.

import { counted } from '../counted.ts'
import type { OutcomeName } from '../dns/outcome.ts'
import { formatListenAddress } from '../system/listen-address.ts'
import type { TableMetadata } from '../table/metadata.ts'
import type { Table } from '../table/table.ts'
import { VERSION } from '../version.ts'
import type { ControlReply } from './control.ts'
import type { QueryLogCounts } from './query-log.ts'
import type { Reloader, ReloadInProgress, ReloadOutcome } from './reload.ts'
import type { Server } from './server.ts'

/** The reply to the command `status`. */
export interface ServerStatus extends ControlReply {
  readonly version: string
  readonly pid: number
  /** When it was started, in ISO 8601, UTC. */
  readonly started: string
  /** Seconds since then, whatever the clock has done. */
  readonly uptime: number
  readonly listen: readonly string[]
  readonly udp: string
  /** How often each outcome was met, over all zones. */
  readonly queries: Readonly<Record<OutcomeName, number>>
  /** What the kernel didn't do for UDP: replies that it didn't take, receives that failed. */
  readonly udpFailures: { readonly unsent: number; readonly receives: number }
  /** Packets and connections of proxies that didn't tell for whom they ask. */
  readonly refusedHeaders: number
  /** What became of queries that were to be logged; null without a query log. */
  readonly queryLog: QueryLogCounts | null
  /** Octets of resident memory. */
  readonly memory: number
  readonly table: { readonly bytes: number; readonly ases: number; readonly records: number }
  readonly metadata: TableMetadata
  /** The last replacement of the data; null when there was none. */
  readonly reload: ReloadOutcome | null
  /** The replacement that is going on; null when there is none. */
  readonly reloading: ReloadInProgress | null
  /** How many replacements came to what. */
  readonly reloads: Readonly<Record<ReloadOutcome['kind'], number>>
}

/** What the figures of a server are read from. */
export type ServerFigures = Pick<
  Server,
  'addresses' | 'counters' | 'receiveDrops' | 'tcpConnections' | 'udpKind'
> & { readonly queryLog: { readonly counts: QueryLogCounts } | null }

/** The figures of the data in service. */
export type DataFigures = Pick<Reloader, 'counts' | 'current' | 'last' | 'table'>

/**
 * The status in one line, for a service manager.
 *
 * @param date when the data is of, for people
 */
export function statusLine(server: Server, table: Table, date: string): string {
  const addresses = server.addresses.map(formatListenAddress).join(', ')
  return `${addresses === '' ? 'does not answer DNS' : `answers on ${addresses}`}; data of ${date}, ${counted(table.asCount, 'AS', 'ASes')}`
}

/** The status of now. */
export function statusOf(server: ServerFigures, reloader: DataFigures, started: string): ServerStatus {
  const { table, last, current, counts } = reloader
  return {
    ok: true,
    version: VERSION,
    pid: process.pid,
    started,
    uptime: Math.round(process.uptime()),
    listen: server.addresses.map(formatListenAddress),
    udp: server.udpKind,
    queries: server.counters.total(),
    udpFailures: { unsent: server.counters.unsent(), receives: server.counters.failedReceives() },
    refusedHeaders: server.counters.refusedHeaders(),
    queryLog: server.queryLog?.counts ?? null,
    memory: process.memoryUsage.rss(),
    table: { bytes: table.buffer.byteLength, ases: table.asCount, records: table.recordCount },
    metadata: table.metadata(),
    reload: last,
    reloading: current,
    reloads: counts,
  }
}
