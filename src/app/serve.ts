// Serves until the process is told to stop: who is started when, and who gets what.

import type { Logger } from 'pino'
import { placed } from '../config/places.ts'
import type { Settings } from '../config/setting-values.ts'
import { dateTold } from '../data/sources/age.ts'
import { type Handover, receiveHandover } from '../server/handover.ts'
import type { QueryLog } from '../server/query-log.ts'
import type { Server } from '../server/server.ts'
import { statusLine } from '../server/status.ts'
import { ZoneRows } from '../server/zone-rows.ts'
import type { StatsRecorder } from '../stats/recorder.ts'
import { onSignal } from '../system/early-signals.ts'
import { inheritedSockets } from '../system/inherited-sockets.ts'
import { dropPrivileges } from '../system/privileges.ts'
import { Notifier } from '../system/sd-notify.ts'
import { letV8GiveWay } from '../system/thread-priority.ts'
import type { Details } from './become-user.ts'
import { bindServer, warnOfMissing } from './bind-server.ts'
import { tellAge } from './data-age.ts'
import { descriptorBudget } from './descriptors.ts'
import { judgeStart } from './judge-start.ts'
import { isWithoutDns } from './listen.ts'
import { keepAlive, type LiveData } from './live-data.ts'
import { createLogger } from './log.ts'
import { type RunningPolicy, startPolicy } from './policy.ts'
import { bindPolicySockets } from './policy-sockets.ts'
import { prepare } from './prepare.ts'
import { queryLogOf, statsRecorderOf } from './recording.ts'
import { refuseAsRoot } from './root.ts'
import type { Running } from './running.ts'
import { Serials } from './serials.ts'
import { checkFiles } from './start-checks.ts'
import { startFields, startMessage, tryMessage, updateCommandOf } from './start-line.ts'
import { streamSocketsOf } from './stream-sockets.ts'
import { goOnAfterErrors } from './uncaught.ts'
import { bindWhois, type RunningWhois, startWhois } from './whois.ts'

/** Where the settings are from. */
export interface SettingsOrigin {
  /** Reads them; again with each reload. */
  readonly read: () => Settings
  /** The config file; null when there is none. */
  readonly configFile: string | null
}

/**
 * Binds, loads the data and answers; resolves when it answers.
 *
 * @throws {AsnzoneError} when that can't be done; nothing is answered then.
 */
export async function serve(origin: SettingsOrigin): Promise<void> {
  const handed = receiveHandover<Details>(process.env)
  const settings = handed?.details.settings ?? origin.read()
  try {
    await serveWith(settings, handed, origin)
  } catch (error) {
    throw placed(settings, error)
  }
}

async function serveWith(
  settings: Settings,
  handed: Handover<Details> | null,
  { read, configFile }: SettingsOrigin,
): Promise<void> {
  letV8GiveWay()
  const { setup, isUser, warnings } = await judgeStart(settings, { configFile, handed, isServer: true })
  const { log, open, reopen } = createLogger(settings, settings.log.file)
  const started = performance.now()
  const queryLog = queryLogOf(settings, log)
  const reopenLogs = async (trigger: string): Promise<string | null> => {
    const reasons = { 'log-file': reopen(), 'query-log': (await queryLog?.reopen()) ?? null }
    const failed = Object.entries(reasons).filter(([, reason]) => reason !== null)
    if (failed.length === 0) log.info(`${trigger}: logs reopened`)
    return failed.length === 0 ? null : failed.map((it) => it.join(': ')).join('; ')
  }
  onSignal('SIGUSR1', () => reopenLogs('SIGUSR1'))
  const notifier = await Notifier.of(process.env, (reason) =>
    log.warn(`systemd can't be told how the server is: ${reason}`),
  )
  for (const warning of warnings) log.warn(warning)
  const rows = new ZoneRows(setup.definitions.length)
  const passed = await inheritedSockets(process.env)
  const budget = descriptorBudget(settings, passed, log)
  const { tcpConnections, httpConnections, policyConnections } = budget
  const inherited = handed?.sockets.length ? handed.sockets : passed.dns
  for (const address of handed?.details.missing ?? []) warnOfMissing(log, address)
  const server = await bindServer({ settings, inherited, zones: rows.room, tcpConnections, log, queryLog })
  if (!server.hasUdp && !isWithoutDns(settings)) log.warn('no UDP socket was passed on: only TCP is answered')
  const parts: Parts = {
    server,
    queryLog,
    notifier,
    log,
    recorder: null,
    policy: null,
    whois: null,
    live: null,
    snapshot: null,
  }
  stopOnSignal(parts)
  try {
    const { policySockets: policyHanded = [], whoisSockets: whoisHanded = [] } = handed?.details ?? {}
    const policySockets = await streamSocketsOf(passed.policy, policyHanded, () =>
      bindPolicySockets(settings.policy),
    )
    const whoisSockets = await streamSocketsOf(passed.whois, whoisHanded, () => bindWhois(settings))
    if (!isUser) dropPrivileges(settings.user, settings.group)
    refuseAsRoot(settings.dataDir)
    if (!isUser) checkFiles(settings)
    open()
    await queryLog?.start()
    server.prepare()
    const serials = new Serials(settings.dataDir, (message) => log.warn(message))
    const prepared = await prepare(setup, { log, isServer: true, serials, rows })
    const { table, service, zoneSet, finished } = prepared
    parts.snapshot = finished
    const recorder = statsRecorderOf(settings, log)
    parts.recorder = recorder
    const recordCounts = recorder?.watch(table.buffer, table.recordCount)
    await server.start({ ...service, recordCounts }, zoneSet)
    for (const target of await server.findUnanswered(zoneSet.zones[0]?.name ?? '.')) {
      log.warn(`${target}: a query of our own got no answer: is there a firewall? The server goes on`)
    }
    const beside = { table, connections: policyConnections, log }
    const policy = await startPolicy(settings, policySockets, setup, beside)
    parts.policy = policy
    const whois = await startWhois(whoisSockets, setup, { table, log })
    parts.whois = whois
    const command = updateCommandOf(settings, configFile)
    const running: Running = {
      setup,
      readSettings: read,
      serials,
      rows,
      server,
      recorder,
      policy,
      whois,
      log,
      notifier,
      reopenLogs,
      updateCommand: command,
      httpConnections,
      started: new Date().toISOString(),
    }
    parts.live = await keepAlive(running, table, prepared)
    notifier?.ready(statusLine(server, table, dateTold(table.metadata())))
    notifier?.watch(
      () => server.isAlive(),
      () => log.error('a UDP worker has stopped: the systemd watchdog gets no more keep-alives'),
    )
    const line = {
      settings,
      configFile,
      server,
      table,
      zones: zoneSet.zones.length,
      serial: service.zoneSetOptions.authority.serial,
      milliseconds: Math.round(performance.now() - started),
    }
    log.info(await startFields(line), startMessage(line))
    tellAge(log, settings, table, { command, isStart: true })
    goOnAfterErrors(log)
    const trial = tryMessage(line, zoneSet, setup.treatment)
    if (trial !== null) log.info(trial)
    await finished
    await server.releaseMemory()
  } catch (error) {
    await server.stop()
    await stopBeside(parts)
    throw error
  }
}

/** What is to be stopped. */
interface Parts {
  readonly server: Server
  readonly queryLog: QueryLog | null
  readonly notifier: Notifier | null
  readonly log: Logger
  /** Null until there are data, and without statistics. */
  recorder: StatsRecorder | null
  /** Null until there are data, and without a policy service. */
  policy: RunningPolicy | null
  /** Null until there are data, and without whois. */
  whois: RunningWhois | null
  /** Null until there are data. */
  live: LiveData | null
  /** Resolves when the snapshot of the first table is written; null until there is a table. */
  snapshot: Promise<void> | null
}

/** Stops what runs beside DNS. */
async function stopBeside({ queryLog, recorder, policy, whois }: Parts): Promise<void> {
  await Promise.all([queryLog?.stop(), recorder?.stop(), policy?.service.stop(), whois?.service.stop()])
}

/** Milliseconds in which a second signal is the first one again: npm passes on what the terminal has sent to all. */
const ECHO_MS = 1000

/**
 * Stops cleanly on the first SIGTERM or SIGINT. A later one ends the process without waiting for anything more: with 0
 * as well, because who asks twice for an end gets the end that was asked for.
 */
function stopOnSignal(parts: Parts): void {
  const { server, notifier, log } = parts
  let since: number | null = null
  const stop = (signal: NodeJS.Signals): void => {
    if (since !== null) {
      if (performance.now() - since > ECHO_MS) process.exit()
      return
    }
    since = performance.now()
    log.info(`${signal}: stopping`)
    notifier?.stopping()
    const stopped = server.stop().then(() => stopBeside(parts))
    // A snapshot that is being written is waited for: it is soon done, and the next start is quick.
    void Promise.all([stopped, parts.live?.stop(), parts.snapshot]).then(() => {
      log.info('stopped')
      // A download or a compilation that is going on is nothing to wait for: it leaves the old data.
      process.exit()
    })
  }
  onSignal('SIGTERM', () => stop('SIGTERM'))
  onSignal('SIGINT', () => stop('SIGINT'))
}
