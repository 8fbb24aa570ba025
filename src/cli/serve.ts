// asnzone serve: loads the data and answers until it is told to stop.

import type { Command } from 'commander'
import type { Logger } from 'pino'
import { becomeUser, type Details } from '../app/become-user.ts'
import { descriptorBudget } from '../app/descriptors.ts'
import { judgeFiles, judgeSettings } from '../app/judge.ts'
import { isWithoutDns, listenAddresses } from '../app/listen.ts'
import { keepAlive, type LiveData } from '../app/live-data.ts'
import { createLogger } from '../app/log.ts'
import { type RunningPolicy, startPolicy } from '../app/policy.ts'
import { policySocketsOf } from '../app/policy-sockets.ts'
import { prepare } from '../app/prepare.ts'
import { queryLogOf } from '../app/query-log.ts'
import { refuseAsRoot } from '../app/root.ts'
import { Serials } from '../app/serials.ts'
import { startFields, startMessage } from '../app/start-line.ts'
import { statsRecorderOf } from '../app/stats-recorder.ts'
import type { Settings } from '../config/setting-values.ts'
import { readZoneDefinitions } from '../config/zone-files.ts'
import { missingMessage } from '../server/bind-error.ts'
import { receiveHandover } from '../server/handover.ts'
import type { QueryLog } from '../server/query-log.ts'
import { Server } from '../server/server.ts'
import { statusLine } from '../server/status.ts'
import type { WildcardNews } from '../server/udp-front-end.ts'
import type { StatsRecorder } from '../stats/recorder.ts'
import { onSignal } from '../system/early-signals.ts'
import { type InheritedSocket, inheritedSockets } from '../system/inherited-sockets.ts'
import { formatListenAddress, isLoopback, type ListenAddress } from '../system/listen-address.ts'
import { dropPrivileges } from '../system/privileges.ts'
import { Notifier } from '../system/sd-notify.ts'
import { addSettingOptions, configFileOf, settingsOf } from './options.ts'

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('load the data and answer DNS queries')
    .description('Loads the data and answers DNS queries over UDP and TCP until SIGTERM or SIGINT.')
    .addHelpText(
      'after',
      `
Examples:
  asnzone serve
  asnzone serve --listen 127.0.0.1:53 --listen '[::1]:53'
  asnzone serve --config /etc/asnzone/asnzone.yaml --log-format json`,
    )
  addSettingOptions(command).action(async (options: Record<string, unknown>) => {
    const handed = receiveHandover<Details>(process.env)
    const settings = handed?.details.settings ?? settingsOf(options)
    const configFile = handed === null ? configFileOf(options) : handed.details.configFile
    const oddities: string[] = []
    const conduct = judgeSettings(settings, (warning) => oddities.push(warning))
    const isUser = await becomeUser(settings, configFile, handed)
    const { log, open, reopen } = await createLogger(settings, settings.log.file)
    const started = performance.now()
    const queryLog = queryLogOf(settings, log)
    const reopenLogs = async (trigger: string): Promise<string | null> => {
      const reasons = { 'log-file': reopen(), 'query-log': (await queryLog?.reopen()) ?? null }
      const failed = Object.entries(reasons).filter(([, reason]) => reason !== null)
      if (failed.length === 0) log.info(`${trigger}: logs are opened anew`)
      return failed.length === 0 ? null : failed.map((it) => it.join(': ')).join('; ')
    }
    onSignal('SIGUSR1', () => void reopenLogs('SIGUSR1'))
    const notifier = await Notifier.of(process.env, (reason) =>
      log.warn(`systemd can't be told how the server is: ${reason}`),
    )
    const definitions = readZoneDefinitions(settings.zones, settings.disable)
    const passed = await inheritedSockets(process.env)
    const budget = descriptorBudget(settings, passed.policy.length, log)
    const inherited = handed?.sockets.length ? handed.sockets : passed.dns
    for (const oddity of oddities) log.warn(oddity)
    for (const address of handed?.details.missing ?? []) warnOfMissing(log, address)
    const { tcpConnections } = budget
    const server = await bindServer(settings, inherited, definitions.length, tcpConnections, log, queryLog)
    if (!server.hasUdp && !isWithoutDns(settings))
      log.warn('no UDP socket was passed on: only TCP is answered')
    const running: Running = {
      server,
      queryLog,
      notifier,
      log,
      recorder: null,
      policy: null,
      live: null,
      snapshot: null,
    }
    stopOnSignal(running)
    try {
      const handedForPolicy = handed?.details.policySockets ?? []
      const policySockets = await policySocketsOf(settings.policy, passed.policy, handedForPolicy)
      if (!isUser) dropPrivileges(settings.user, settings.group)
      refuseAsRoot(settings.dataDir)
      judgeFiles(settings)
      open()
      await queryLog?.start()
      server.prepare()
      const serials = new Serials(settings, (message) => log.warn(message))
      const { table, zoneSet, service, finished } = await prepare(settings, {
        definitions,
        log,
        isServer: true,
        serials,
      })
      running.snapshot = finished
      const recorder = statsRecorderOf(settings, log)
      running.recorder = recorder
      const recordCounts = recorder?.watch(table.buffer, table.recordCount)
      await server.start({ ...service, recordCounts }, zoneSet)
      for (const target of await server.findUnanswered(zoneSet.zones[0]?.name ?? '.')) {
        log.warn(`${target}: a query of our own got no answer: is there a firewall? The server goes on`)
      }
      const { httpConnections, policyConnections } = budget
      const parts = { table, connections: policyConnections, log }
      const policy = await startPolicy(settings, policySockets, conduct, parts)
      running.policy = policy
      const told = { recorder, log, notifier, reopenLogs }
      running.live = await keepAlive(
        {
          settings,
          definitions,
          serials,
          treatment: service.treatment,
          server,
          httpConnections,
          policy,
          ...told,
        },
        table,
      )
      notifier?.ready(statusLine(server, table))
      notifier?.watch(
        () => server.isAlive(),
        () => log.error('a UDP worker stands still: the watchdog of systemd is not fed'),
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
      await finished
      await server.releaseMemory()
    } catch (error) {
      await server.stop()
      await Promise.all([queryLog?.stop(), running.recorder?.stop(), running.policy?.service.stop()])
      throw error
    }
  })
}

async function bindServer(
  settings: Settings,
  inherited: readonly InheritedSocket[],
  zones: number,
  tcpConnections: number,
  log: Logger,
  queryLog: QueryLog | null,
): Promise<Server> {
  const listen = listenAddresses(settings)
  const isDefault = (texts: readonly string[]): boolean => texts.every((text) => /^(127\.|::1$)/.test(text))
  if (!listen.every(isLoopback) && isDefault(settings.allow)) {
    log.warn('listens beyond loopback but answers loopback only: name the networks to be answered with allow')
  }
  return Server.bind({
    listen,
    inherited,
    tcp: {
      connections: tcpConnections,
      perClient: settings.tcp.perClient,
      idle: settings.tcp.idle * 1000,
    },
    udp: listen.length + inherited.length === 0 ? 'dgram' : settings.udp,
    workers: settings.workers,
    zones,
    queryLog,
    onMissingAddress: (address) => warnOfMissing(log, address),
    onFallback: (reason) => log.warn(`UDP is received with node:dgram in one thread, because ${reason}`),
    onWildcard: (news) => logWildcard(log, news),
    onWorkerDeath: (worker, reason) =>
      log.error(`UDP worker ${worker} died and is started again: ${reason.message}`),
  })
}

function logWildcard(log: Logger, { address, bound, faults }: WildcardNews): void {
  for (const fault of faults) log.warn(fault)
  if (bound.length === 0) return
  const where = `${formatListenAddress(address)} over UDP`
  log.info(
    { addresses: bound },
    `${where} is ${bound.join(', ')}, and no other address: asnzone reload looks for new ones`,
  )
}

function warnOfMissing(log: Logger, address: ListenAddress): void {
  log.warn(missingMessage(address))
}

/** What is to be stopped. */
interface Running {
  readonly server: Server
  readonly queryLog: QueryLog | null
  readonly notifier: Notifier | null
  readonly log: Logger
  /** Null until there are data, and without statistics. */
  recorder: StatsRecorder | null
  /** Null until there are data, and without a policy service. */
  policy: RunningPolicy | null
  /** Null until there are data. */
  live: LiveData | null
  /** Resolves when the snapshot of the first table is written; null until there is a table. */
  snapshot: Promise<void> | null
}

/** Milliseconds in which a second signal is the first one again: npm passes on what the terminal has sent to all. */
const ECHO_MS = 1000

/**
 * Stops cleanly on the first SIGTERM or SIGINT. A later one ends the process without waiting for anything more: with 0
 * as well, because who asks twice for an end gets the end that was asked for.
 */
function stopOnSignal(running: Running): void {
  const { server, queryLog, notifier, log } = running
  let since: number | null = null
  const stop = (signal: NodeJS.Signals): void => {
    if (since !== null) {
      if (performance.now() - since > ECHO_MS) process.exit()
      return
    }
    since = performance.now()
    log.info(`${signal}: stopping`)
    notifier?.stopping()
    const stopped = server
      .stop()
      .then(() => Promise.all([queryLog?.stop(), running.recorder?.stop(), running.policy?.service.stop()]))
    // A snapshot that is being written is waited for: it is soon done, and the next start is quick.
    void Promise.all([stopped, running.live?.stop(), running.snapshot]).then(() => {
      log.info('stopped')
      // A download or a compilation that is going on is nothing to wait for: it leaves the old data.
      process.exit()
    })
  }
  onSignal('SIGTERM', () => stop('SIGTERM'))
  onSignal('SIGINT', () => stop('SIGINT'))
}
