// What a running server tells of itself over its control socket.

import { type OutcomeName, outcomeNames } from '../dns/outcome.ts'
import type { ControlReply } from '../server/control.ts'
import { formatListenAddress } from '../server/listen-address.ts'
import type { QueryLogCounts } from '../server/query-log.ts'
import type { Reloader, ReloadOutcome } from '../server/reload.ts'
import type { Server } from '../server/server.ts'
import type { Table, TableMetadata } from '../table/table.ts'
import { VERSION } from '../version.ts'

/** The reply to the command `status`. */
export interface ServerStatus extends ControlReply {
  readonly version: string
  readonly pid: number
  /** When it was started, in ISO 8601, UTC. */
  readonly started: string
  readonly listen: readonly string[]
  readonly udp: string
  /** How often each outcome was met, over all zones. */
  readonly queries: Readonly<Record<OutcomeName, number>>
  /** What became of queries that were to be logged; null without a query log. */
  readonly queryLog: QueryLogCounts | null
  /** Octets of resident memory. */
  readonly memory: number
  readonly table: { readonly bytes: number; readonly ases: number; readonly records: number }
  readonly metadata: TableMetadata
  /** The last replacement of the data; null when there was none. */
  readonly reload: ReloadOutcome | null
  /** How many replacements came to what. */
  readonly reloads: Readonly<Record<ReloadOutcome['kind'], number>>
}

/** The status in one line, for a service manager. */
export function statusLine(server: Server, table: Table): string {
  const addresses = server.addresses.map(formatListenAddress).join(', ')
  return `answers on ${addresses}; data of ${table.metadata().date}, ${table.asCount} ASes`
}

/** The status of now. */
export function statusOf(server: Server, reloader: Reloader, started: string): ServerStatus {
  const { table, last, counts } = reloader
  const { counters } = server
  const zones = Array.from({ length: counters.zones + 1 }, (_, zone) => counters.of(zone - 1))
  const queries = outcomeNames.map(
    (name) => [name, zones.reduce((sum, zone) => sum + zone[name], 0)] as const,
  )
  return {
    ok: true,
    version: VERSION,
    pid: process.pid,
    started,
    listen: server.addresses.map(formatListenAddress),
    udp: server.udpKind,
    queries: Object.fromEntries(queries) as Record<OutcomeName, number>,
    queryLog: server.queryLog?.counts ?? null,
    memory: process.memoryUsage.rss(),
    table: { bytes: table.buffer.byteLength, ases: table.asCount, records: table.recordCount },
    metadata: table.metadata(),
    reload: last,
    reloads: counts,
  }
}
