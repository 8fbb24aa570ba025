// The file descriptors of the settings: where there are few, fewer connections may be open at a time.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import {
  budgetOf,
  type DescriptorBudget,
  type DescriptorNeeds,
  descriptorLimit,
  descriptorsInUse,
  lackOf,
} from '../server/descriptors.ts'
import type { Inherited } from '../system/inherited-sockets.ts'
import { MOST_CONNECTIONS as WHOIS_CONNECTIONS } from '../whois/connections.ts'

/** The files of a database that is open, the log of what is written and its index beside it. */
const DATABASE_FILES = 3

/** What the library of databases keeps open, however many it has. */
const DATABASE_LIBRARY = 6

/** Connections of mail servers that may be open at a time: each smtpd process of Postfix has one. */
const POLICY_CONNECTIONS = 1000

/**
 * How many connections may be open at a time: as many as are set, or as there is room for. A warning tells when that
 * is fewer.
 *
 * @param passed sockets that were passed to this process, in place of those of the settings
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when there are not enough for everything else.
 */
export function descriptorBudget(
  settings: Settings,
  passed: Pick<Inherited, 'policy' | 'whois'>,
  log: Logger,
): DescriptorBudget {
  const { http, publish, listen, workers, stats, queryLog, tcp, policy } = settings
  const isServed = http.address !== undefined || publish.address !== undefined || policy.restAddress !== null
  const doors = passed.policy.length || policy.listen.length
  const whoisDoors = passed.whois.length || count(settings.whois !== undefined)
  const isAsked = doors > 0 || policy.restAddress !== null
  const needs: DescriptorNeeds = {
    threads:
      workers +
      count(
        isServed,
        stats.enabled,
        queryLog.file !== undefined,
        isAsked,
        policy.notify !== null,
        whoisDoors > 0,
      ),
    files:
      // A socket of each worker's and one for TCP, and one to ask itself.
      listen.length * (workers + 2) +
      // The bell of each worker.
      workers +
      count(
        http.address !== undefined,
        publish.address !== undefined,
        policy.restAddress !== null,
        queryLog.file !== undefined,
      ) +
      (stats.enabled || isAsked ? DATABASE_LIBRARY : 0) +
      // One who writes, one who reads.
      (stats.enabled ? 2 * DATABASE_FILES : 0) +
      // The sockets of the policy service, once here and once in its thread.
      (isAsked ? 2 * doors + DATABASE_FILES : 0) +
      // Those of whois as well, and connections that are few.
      (whoisDoors > 0 ? 2 * whoisDoors + WHOIS_CONNECTIONS : 0),
    tcpConnections: tcp.connections,
    httpConnections: isServed ? http.connections : 0,
    policyConnections: isAsked ? POLICY_CONNECTIONS : 0,
  }
  const most = descriptorLimit()
  const inUse = descriptorsInUse()
  const lack = lackOf(needs, most, inUse)
  if (lack > 0) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `${most} file descriptors are too few for these settings, by ${lack}; raise LimitNOFILE= or ulimit -n`,
    )
  }
  const budget = budgetOf(needs, most, inUse)
  const { limit, tcpConnections, httpConnections, policyConnections } = budget
  if (limit !== null) {
    const connections = [
      counted(tcpConnections, 'TCP connection'),
      ...(httpConnections > 0 ? [`${httpConnections} over HTTP`] : []),
      ...(policyConnections > 0 ? [`${policyConnections} of the policy service`] : []),
    ].join(' and ')
    log.warn(
      `${counted(limit, 'file descriptor')} leave room for ${connections}; raise LimitNOFILE= or ulimit -n`,
    )
  }
  return budget
}

function count(...conditions: readonly boolean[]): number {
  return conditions.filter((isTrue) => isTrue).length
}
