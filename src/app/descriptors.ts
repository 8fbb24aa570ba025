// The file descriptors of the settings: where there are few, fewer connections may be open at a time.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { budgetOf, type DescriptorBudget, descriptorLimit, descriptorsInUse } from '../server/descriptors.ts'

/** What the statistics keep open: the files of the database, for who writes and who reads, and what its library needs. */
const DATABASE_FILES = 11

/** Connections of mail servers that may be open at a time: each smtpd process of Postfix has one. */
const POLICY_CONNECTIONS = 1000

/**
 * How many connections may be open at a time: as many as are set, or as there is room for. A warning tells when that
 * is fewer.
 *
 * @param passed sockets of the policy service that were passed to this process, in place of those of the settings
 */
export function descriptorBudget(settings: Settings, passed: number, log: Logger): DescriptorBudget {
  const { http, publish, listen, workers, stats, queryLog, tcp, policy } = settings
  const isServed = http.address !== undefined || publish.address !== undefined || policy.restAddress !== null
  const doors = passed === 0 ? policy.listen.length : passed
  const isAsked = doors > 0 || policy.restAddress !== null
  const budget = budgetOf(
    {
      // The last one compiles.
      threads: workers + count(isServed, stats.enabled, queryLog.file !== undefined, isAsked) + 1,
      files:
        // A socket of each worker's and one for TCP, and one to ask itself.
        listen.length * (workers + 2) +
        count(
          http.address !== undefined,
          publish.address !== undefined,
          policy.restAddress !== null,
          queryLog.file !== undefined,
        ) +
        (stats.enabled ? DATABASE_FILES : 0) +
        // The sockets of the policy service, once here and once in its thread.
        (isAsked ? 2 * doors + DATABASE_FILES : 0),
      tcpConnections: tcp.connections,
      httpConnections: isServed ? http.connections : 0,
      policyConnections: isAsked ? POLICY_CONNECTIONS : 0,
    },
    descriptorLimit(),
    descriptorsInUse(),
  )
  const { limit, tcpConnections, httpConnections, policyConnections } = budget
  if (limit !== null) {
    const connections = [
      `${tcpConnections} TCP connections`,
      ...(httpConnections > 0 ? [`${httpConnections} over HTTP`] : []),
      ...(policyConnections > 0 ? [`${policyConnections} of the policy service`] : []),
    ].join(' and ')
    log.warn(`${limit} file descriptors leave room for ${connections}; raise LimitNOFILE= or ulimit -n`)
  }
  return budget
}

function count(...conditions: readonly boolean[]): number {
  return conditions.filter((isTrue) => isTrue).length
}
