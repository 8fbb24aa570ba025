// The file descriptors of the settings: where there are few, fewer connections may be open at a time.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { budgetOf, type DescriptorBudget, descriptorLimit, descriptorsInUse } from '../server/descriptors.ts'

/** What the statistics keep open: the files of the database, for who writes and who reads, and what its library needs. */
const DATABASE_FILES = 11

/**
 * How many connections may be open at a time: as many as are set, or as there is room for. A warning tells when that
 * is fewer.
 */
export function descriptorBudget(settings: Settings, log: Logger): DescriptorBudget {
  const { http, publish, listen, workers, stats, queryLog, tcp } = settings
  const isServed = http.address !== undefined || publish.address !== undefined
  const budget = budgetOf(
    {
      // The last one compiles.
      threads: workers + count(isServed, stats.enabled, queryLog.file !== undefined) + 1,
      files:
        // A socket of each worker's and one for TCP, and one to ask itself.
        listen.length * (workers + 2) +
        count(http.address !== undefined, publish.address !== undefined, queryLog.file !== undefined) +
        (stats.enabled ? DATABASE_FILES : 0),
      tcpConnections: tcp.connections,
      httpConnections: isServed ? http.connections : 0,
    },
    descriptorLimit(),
    descriptorsInUse(),
  )
  const { limit, tcpConnections, httpConnections } = budget
  if (limit !== null) {
    const others = httpConnections > 0 ? ` and ${httpConnections} over HTTP` : ''
    const connections = `${tcpConnections} TCP connections${others}`
    log.warn(`${limit} file descriptors leave room for ${connections}; raise LimitNOFILE= or ulimit -n`)
  }
  return budget
}

function count(...conditions: readonly boolean[]): number {
  return conditions.filter((isTrue) => isTrue).length
}
