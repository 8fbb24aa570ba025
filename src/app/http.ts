// What a running server offers over HTTP: pages, API and metrics, and the published files.

import { join } from 'node:path'
import { readDuration } from '../config/duration.ts'
import { type Settings, settingValue } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import type { Door, HttpData, HttpSetting, HttpTask, MainFigures } from '../http/task.ts'
import { surfaceOf } from '../policy-server/remote-surface.ts'
import type { Reloader } from '../server/reload.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { formatListenAddress, isLoopback, parseListenAddress } from '../system/listen-address.ts'
import { refuseUnlistenable } from '../system/unlistenable.ts'
import type { Table } from '../table/table.ts'
import type { Running } from './live-data.ts'
import { policyCall } from './policy-control.ts'
import { networksOf } from './treatment.ts'
import { zoneSetOptions } from './zone-set.ts'

/** Where http listens when its address has no port. */
const STANDARD_PORT = 8053

/** What the log says of each address. */
const OFFERS: Readonly<Record<HttpSetting, string>> = {
  'publish-csv': 'publishes the data as CSV',
  http: 'pages, API and metrics',
}

/**
 * The addresses to serve on, the published files first.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when others could reach one who have neither a token nor permission.
 */
export function doorsOf(settings: Settings): Door[] {
  const token = settings.http.token ?? null
  const allowed = settings.publish.allow
  const networks = allowed.length === 0 ? null : networksOf('publish-allow', allowed)
  const doorOf = (setting: HttpSetting, rule: Door['rule'], remedy: string): Door[] => {
    const text = settingValue(settings, setting)
    if (text === undefined) return []
    const address = parseListenAddress(text, setting, STANDARD_PORT)
    refuseUnlistenable(setting, text, address)
    const { host, port } = address
    if (rule.token === null && rule.networks === null && !isLoopback({ host })) {
      throw new AsnzoneError(
        'ASNZONE_CONFIG',
        `${setting}: ${text} can be reached by others; set ${remedy}, or listen on 127.0.0.1`,
      )
    }
    return [{ setting, host, port, rule }]
  }
  return [
    ...doorOf('publish-csv', { token, networks }, 'publish-allow or http-token'),
    ...doorOf('http', { token, networks: null }, 'http-token'),
  ]
}

/** What is offered, until it is stopped. */
export interface HttpServices {
  /** Shows another table. Never rejects. */
  replace(table: Table): Promise<void>
  /** Gives memory back that a replaced table has left. Never rejects. */
  collect(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts what the settings ask for; null when that is nothing.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound.
 */
export async function startHttp(
  running: Running,
  reloader: Reloader,
  started: string,
): Promise<HttpServices | null> {
  const { settings, definitions, serials, log } = running
  const doors = doorsOf(settings)
  if (doors.length === 0) return null
  // Loaded when it is needed: most servers offer nothing over HTTP, and start sooner without it.
  const { HttpService } = await import('../http/http-service.ts')
  const dataOf = (table: Table): HttpData => ({
    table: table.buffer,
    zoneSetOptions: zoneSetOptions(settings, table.metadata(), serials.of(table, definitions)),
  })
  const service = await HttpService.start({
    task: taskOf(running, doors, started),
    data: dataOf(reloader.table),
    figures: () => figuresOf(running, reloader),
    calls: {
      figures: async () => {
        await running.policy?.look()
        return figuresOf(running, reloader)
      },
      logError: (message, stack) => log.error({ stack }, `an HTTP request failed: ${message}`),
      policy: policyCall(running.policy === null ? null : surfaceOf(running.policy.service)),
    },
    onDeath: ({ message }) => log.error(`HTTP is not answered, and is started again: ${message}`),
  })
  for (const door of service.doors) {
    log.info(`${OFFERS[door.setting]} on http://${formatListenAddress(door)}/`)
  }
  return {
    replace: (table) => service.replace(dataOf(table)),
    collect: () => service.collect(),
    stop: () => service.stop(),
  }
}

function taskOf(
  { settings, definitions, server, httpConnections }: Running,
  doors: readonly Door[],
  started: string,
): HttpTask {
  return {
    doors,
    connections: httpConnections,
    definitions,
    counters: server.counters.buffer,
    originPoint: settings.here ?? null,
    statistics: settings.stats.enabled ? join(settings.dataDir, STATS_FILE) : null,
    maxAge: readDuration(settings.maxAge),
    started,
  }
}

function figuresOf({ server, recorder, policy }: Running, reloader: Reloader): MainFigures {
  return {
    addresses: server.addresses,
    udpKind: server.udpKind,
    tcpConnections: server.tcpConnections,
    receiveDrops: server.receiveDrops(),
    queryLog: server.queryLog?.counts ?? null,
    reloads: reloader.counts,
    lastReload: reloader.last,
    currentReload: reloader.current,
    statisticsFailures: recorder?.failures ?? null,
    policy: policy === null ? null : { figures: policy.figures },
  }
}
