// What a running server offers over HTTP: pages, API and metrics, and the published files.

import { join } from 'node:path'
import { readDuration } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { readPulled } from '../data/snapshot/pulled.ts'
import { readLastUpdate } from '../data/update/last-update.ts'
import { shownZones } from '../http/shown-zones.ts'
import type {
  Door,
  HttpData,
  HttpSetting,
  HttpTask,
  MainFigures,
  SnapshotFigures,
  UpdateFigures,
} from '../http/task.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import { surfaceOf } from '../policy-server/remote-surface.ts'
import type { Reloader } from '../server/reload.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { formatListenAddress } from '../system/listen-address.ts'
import { doorsOf } from './doors.ts'
import { policyCall } from './policy-control.ts'
import type { Refreshing } from './refreshing.ts'
import type { Running } from './running.ts'
import type { Served, Setup } from './setup.ts'
import { shownSettings } from './shown-settings.ts'
import { proxiesOf } from './treatment.ts'

/** What may be asked over HTTP of who looks after data and settings. */
export interface UpkeepOfData {
  /** Resolves with why all stays as it is, null when it doesn't. */
  reload(trigger: string): Promise<string | null>
  /** Fetches new data. */
  readonly refreshing: Pick<Refreshing, 'now' | 'state'>
}

/** What HTTP tells of reloads. */
type ReloaderFigures = Pick<Reloader, 'counts' | 'last' | 'current'>

/** What the log says of each address. */
const OFFERS: Readonly<Record<HttpSetting, string>> = {
  'publish-csv': 'publishes the data as files',
  http: 'pages, API and metrics',
  'policy.http': "geoip-policyd's REST interface",
}

/** What is offered, until it is stopped. */
export interface HttpServices {
  /** Shows another service, by another setup. Never rejects. */
  replace(setup: Setup, served: Served): Promise<void>
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
  reloader: ReloaderFigures,
  served: Served,
  upkeep: UpkeepOfData,
): Promise<HttpServices | null> {
  const { setup, log } = running
  const doors = doorsOf(setup.settings)
  if (doors.length === 0) return null
  // Loaded when it is needed: most servers offer nothing over HTTP, and start sooner without it.
  const { HttpService } = await import('../http/http-service.ts')
  const http = await HttpService.start({
    task: taskOf(running, doors),
    data: dataOf(setup, served),
    figures: () => figuresOf(running, reloader, upkeep),
    calls: {
      figures: async () => {
        await running.policy?.look()
        return figuresOf(running, reloader, upkeep)
      },
      logError: (message, stack) =>
        log.error(stack === '' ? {} : { stack }, `an HTTP request failed: ${message}`),
      reload: () => void upkeep.reload('POST /api/reload'),
      update: () => {
        const { canFetch } = upkeep.refreshing.state
        if (canFetch) upkeep.refreshing.now()
        return canFetch
      },
      policy: policyCall(running.policy === null ? null : surfaceOf(running.policy.service), () =>
        upkeep.reload('GET /reload'),
      ),
    },
    onDeath: ({ message }) => log.error(`HTTP has stopped and is started again: ${message}`),
    onStuck: () => log.error('HTTP waits for a disk or a lock, and answers nothing until then'),
  })
  for (const door of http.doors) {
    const scheme = door.setting === 'policy.http' && setup.policyd.tls !== null ? 'https' : 'http'
    log.info(`${OFFERS[door.setting]} on ${scheme}://${formatListenAddress(door)}/`)
  }
  return {
    replace: (nextSetup, nextServed) => http.replace(dataOf(nextSetup, nextServed)),
    collect: () => http.collect(),
    stop: () => http.stop(),
  }
}

/** What a reload replaces. */
function dataOf({ settings, policyd }: Setup, { service, zoneSet }: Served): HttpData {
  const { table, definitions, zoneSetOptions } = service
  return {
    table,
    zones: shownZones(zoneSet),
    definitions,
    zoneSetOptions,
    originPoint: settings.here ?? null,
    learned: learnedOf(settings),
    maxAge: readDuration(settings.maxAge),
    settings: shownSettings(settings),
    rules: Object.fromEntries(doorsOf(settings).map(({ setting, rule }) => [setting, rule])),
    policyd,
    learn: learnOf(settings),
  }
}

/** A server of published snapshots has learned nothing itself. */
function learnedOf({ learn, dataDir, snapshot }: Setup['settings']): HttpData['learned'] {
  if (learn === undefined || snapshot !== undefined) return null
  const { halfLife, exclude } = learn
  return { file: join(dataDir, STATE_FILE), halfLife, exclude }
}

/** Null where no reporter has a token, and where published snapshots say what was learned. */
function learnOf({ learn, snapshot }: Settings): HttpData['learn'] {
  if (learn === undefined || snapshot !== undefined) return null
  return Object.keys(learn.reporters).length === 0 ? null : learn
}

function taskOf({ setup, server, httpConnections, started }: Running, doors: readonly Door[]): HttpTask {
  const { stats, dataDir, publish } = setup.settings
  return {
    doors,
    connections: httpConnections,
    counters: { buffer: server.counters.buffer, zones: server.counters.zones },
    statistics: stats.enabled ? join(dataDir, STATS_FILE) : null,
    learned: join(dataDir, STATE_FILE),
    snapshots: publish.snapshots ?? null,
    proxies: proxiesOf(setup.settings),
    started,
  }
}

function figuresOf(
  { setup, server, recorder, policy, whois }: Running,
  reloader: ReloaderFigures,
  { refreshing }: UpkeepOfData,
): MainFigures {
  return {
    addresses: server.addresses,
    udpKind: server.udpKind,
    tcpConnections: server.tcpConnections,
    receiveDrops: server.receiveDrops(),
    queryLog: server.queryLog?.counts ?? null,
    refused:
      server.queryLog === null ? null : { every: server.queryLog.every, clients: server.queryLog.refused },
    reloads: reloader.counts,
    lastReload: reloader.last,
    currentReload: reloader.current,
    update: updateFigures(setup.settings, refreshing),
    statisticsFailures: recorder?.failures ?? null,
    policy: policy === null ? null : { figures: policy.figures },
    whois: whois?.service.figures ?? null,
    snapshot: snapshotFigures(setup.settings),
  }
}

function updateFigures({ dataDir }: Settings, { state }: UpkeepOfData['refreshing']): UpdateFigures {
  const { canFetch, next, since } = state
  return {
    last: readLastUpdate(dataDir),
    next: next === null ? null : new Date(next).toISOString(),
    since: since === null ? null : new Date(since).toISOString(),
    canFetch,
  }
}

/** What is noted in the data directory, where commands note it, too. */
function snapshotFigures(settings: Settings): SnapshotFigures | null {
  const pulled = settings.snapshot === undefined ? null : readPulled(settings.dataDir)
  if (pulled === null) return null
  const { serial, expires } = pulled
  return { serial, expires, pull: readLastUpdate(settings.dataDir) }
}
