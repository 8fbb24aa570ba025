// Keeps the data of a running server fresh: reloads, refreshes, the control socket, warnings of age.

import { join } from 'node:path'
import type { Logger } from 'pino'
import { readDuration } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { originPointWarning } from '../data/compile/origin-point.ts'
import { ageWarning, staleSources } from '../data/sources/age.ts'
import type { Policy } from '../dns/treatment.ts'
import { surfaceOf } from '../policy-server/remote-surface.ts'
import { CONTROL_SOCKET, ControlSocket } from '../server/control.ts'
import { Reloader, type ReloadOutcome } from '../server/reload.ts'
import type { Server } from '../server/server.ts'
import { statusLine, statusOf } from '../server/status.ts'
import type { StatsRecorder } from '../stats/recorder.ts'
import { onSignal } from '../system/early-signals.ts'
import type { Notifier } from '../system/sd-notify.ts'
import type { Table } from '../table/table.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { type HttpServices, startHttp } from './http.ts'
import { REFRESH, rebuild } from './new-data.ts'
import type { RunningPolicy } from './policy.ts'
import { answerPolicyCommand } from './policy-control.ts'
import { keepRefreshing } from './refreshing.ts'
import type { Serials } from './serials.ts'
import { zoneSetOptions } from './zone-set.ts'

const DAY_MS = 86_400_000

/** What a running server consists of. */
export interface Running {
  readonly settings: Settings
  readonly definitions: readonly ZoneDefinition[]
  readonly serials: Serials
  readonly treatment: Policy
  readonly server: Server
  /** Counts queries by country and AS; null when they aren't counted. */
  readonly recorder: StatsRecorder | null
  readonly log: Logger
  /** The service manager, told of each reload; null when there is none. */
  readonly notifier: Notifier | null
  /** Opens the logs anew for whoever asks; resolves with why an old one is kept, null when none is. */
  readonly reopenLogs: (trigger: string) => Promise<string | null>
  /** The policy service; null when there is none. */
  readonly policy: RunningPolicy | null
  /** HTTP connections that may be open at a time. */
  readonly httpConnections: number
}

/** The part of a server that looks after its data. */
export interface LiveData {
  readonly reloader: Reloader
  /** Ends it; a replacement that is going on is not waited for. */
  stop(): Promise<void>
}

/**
 * Begins to look after the data of a server.
 *
 * @param table the one in service at the start; not a part of `running`, which lives on when it has been replaced
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address of `http` or `publish-csv` can't be bound.
 */
export async function keepAlive(running: Running, table: Table): Promise<LiveData> {
  const { settings, definitions, serials, treatment, server, recorder, policy, log, notifier } = running
  let http: HttpServices | null = null
  const reloader = new Reloader({
    table,
    swap: async (next) => {
      await server.replace({
        table: next.buffer,
        definitions,
        zoneSetOptions: zoneSetOptions(settings, next.metadata(), serials.of(next, definitions)),
        treatment,
        recordCounts: recorder?.watch(next.buffer, next.recordCount),
      })
      recorder?.dropOldTables()
      await Promise.all([http?.replace(next), policy?.replace(next)])
    },
    onWait: (waiting, { trigger, since }) =>
      log.info(
        { waiting, trigger, since },
        `${waiting}: comes after the reload by ${trigger}, since ${since}`,
      ),
    onOutcome: (outcome) => {
      // Of what is refreshed, only the first failure and one a day is told.
      if (outcome.trigger !== REFRESH) logOutcome(log, outcome, reloader.table)
      const warning = outcome.kind === 'replaced' ? originPointWarning(settings.here, reloader.table) : null
      if (warning !== null) log.warn(warning)
      notifier?.ready(statusLine(server, reloader.table))
    },
    releaseMemory: async () => {
      await http?.collect()
      await policy?.service.collect()
      await server.releaseMemory()
    },
  })
  const reload = async (trigger: string, force: boolean): Promise<ReloadOutcome> => {
    notifier?.reloading()
    return reloader.reload(trigger, async (inService) => {
      await server.followAddresses()
      return rebuild(settings, inService, force)
    })
  }
  const started = new Date().toISOString()
  http = await startHttp(running, reloader, started)
  const control = await listenForCommands(running, reloader, reload, started)
  const stopRefreshing = keepRefreshing({
    settings,
    reloader,
    log,
    onOutcome: (outcome) => logOutcome(log, outcome, reloader.table),
  })
  const stopWarning = warnOfAge(running, reloader)
  onSignal('SIGHUP', () => {
    void policy?.reload()
    void reload('SIGHUP', false)
  })
  return {
    reloader,
    stop: async () => {
      onSignal('SIGHUP', () => {})
      stopWarning()
      stopRefreshing()
      await Promise.all([control?.close(), http?.stop()])
    },
  }
}

function logOutcome(log: Logger, outcome: ReloadOutcome, table: Table): void {
  const { trigger, kind, reason, milliseconds: ms } = outcome
  const { date } = table.metadata()
  switch (kind) {
    case 'replaced':
      log.info(
        { trigger, ms, data: date, ases: table.asCount },
        `new data in service (${trigger}): data of ${date}`,
      )
      break
    case 'unchanged':
      log.info({ trigger, ms }, `nothing is new (${trigger})`)
      break
    case 'refused':
      log.error(
        { trigger, ms, data: date },
        `new data refused (${trigger}), those of ${date} stay: ${reason}`,
      )
      break
    case 'failed':
      log.error({ trigger, ms, data: date }, `no new data (${trigger}), those of ${date} stay: ${reason}`)
  }
}

/** A server without a control socket answers all the same. */
async function listenForCommands(
  { settings, server, log, reopenLogs, policy }: Running,
  reloader: Reloader,
  reload: (trigger: string, force: boolean) => Promise<ReloadOutcome>,
  started: string,
): Promise<ControlSocket | null> {
  const path = join(settings.dataDir, CONTROL_SOCKET)
  try {
    const socket = await ControlSocket.listen(path, {
      status: async () => statusOf(server, reloader, started),
      reload: async ({ force = false }) => {
        const fault = (await policy?.reload()) ?? null
        const outcome = await reload(force ? 'asnzone reload --force' : 'asnzone reload', force)
        const ok = outcome.kind === 'replaced' || outcome.kind === 'unchanged'
        if (!ok || fault === null) return { ok, ...outcome }
        return { ...outcome, ok: false, reason: `records of the policy service: ${fault}` }
      },
      reopen: async () => {
        const reason = await reopenLogs('asnzone reopen')
        return { ok: reason === null, reason }
      },
      policy: answerPolicyCommand(policy === null ? null : surfaceOf(policy.service)),
    })
    if (socket === null)
      log.warn(
        `another server has ${path}: this one can't be asked for its status, to reload or to reopen logs`,
      )
    return socket
  } catch (error) {
    log.warn(
      `no control socket, so that status, reload and reopen don't work: ${path}: ${(error as Error).message}`,
    )
    return null
  }
}

/** Warns of old data now and once a day. */
function warnOfAge({ settings, log }: Running, reloader: Reloader): () => void {
  const maxAge = readDuration(settings.maxAge)
  const warn = (): void => {
    const metadata = reloader.table.metadata()
    const warning = ageWarning(metadata, maxAge, Date.now())
    if (warning === null) return
    const stale = staleSources(metadata, maxAge.milliseconds, Date.now())
    log.warn({ sources: stale.map(({ name, date }) => `${name} of ${date}`) }, warning)
  }
  warn()
  const timer = setInterval(warn, DAY_MS)
  return () => clearInterval(timer)
}
