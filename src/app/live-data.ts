// Keeps the data and the settings of a running server fresh: reloads, refreshes, the control socket, warnings of age.

import { join } from 'node:path'
import type { Logger } from 'pino'
import { dateOfData, dateTold } from '../data/sources/age.ts'
import { minuteOf } from '../minute.ts'
import { surfaceOf } from '../policy-server/remote-surface.ts'
import { CONTROL_SOCKET, ControlSocket } from '../server/control.ts'
import { Reloader, type ReloadOutcome, type Replacement } from '../server/reload.ts'
import { statusLine, statusOf } from '../server/status.ts'
import { onSignal } from '../system/early-signals.ts'
import { ofFile } from '../system/file-reason.ts'
import type { Table } from '../table/table.ts'
import { type Baking, keepBaking } from './baking.ts'
import { tellAge } from './data-age.ts'
import { dataWarnings } from './data-warnings.ts'
import { type HttpServices, startHttp } from './http.ts'
import { REFRESH, rebuild } from './new-data.ts'
import { answerPolicyCommand } from './policy-control.ts'
import { keepPulling, rereadPublished, takesSnapshots } from './published-data.ts'
import { writeStatistics } from './recording.ts'
import { keepRefreshing, type Refreshing, type RefreshOptions } from './refreshing.ts'
import type { Running } from './running.ts'
import { nextSetup, type Served, type Setup, servedBy } from './setup.ts'

const DAY_MS = 86_400_000

/** A table, and the setup to answer with from then on; the one in force when not given. */
interface Next extends Replacement {
  readonly setup?: Setup
}

/** The part of a server that looks after its data and its settings. */
export interface LiveData {
  readonly reloader: Reloader
  /** Ends it; a replacement that is going on is not waited for. */
  stop(): Promise<void>
}

/**
 * Begins to look after the data and the settings of a server.
 *
 * @param table the one in service at the start; it and `served` are no part of `running`, which lives on when they
 *   have been replaced
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address of `http` or `publish-csv` can't be bound.
 */
export async function keepAlive(running: Running, table: Table, served: Served): Promise<LiveData> {
  const { serials, rows, server, recorder, policy, whois, log, notifier } = running
  let http: HttpServices | null = null
  let refreshing: Refreshing | null = null
  let baking: Baking | null = null
  const reloader = new Reloader<Next>({
    table,
    swap: async ({ table: next, setup = running.setup }) => {
      await put(setup, next)
      recorder?.dropOldTables()
    },
    onWait: (waiting, { trigger, since }) =>
      log.info(
        { waiting, trigger, since },
        `${waiting}: waits for the reload by ${trigger}, which began ${minuteOf(since)}`,
      ),
    onOutcome: (outcome) => {
      // Of what is refreshed, only the first failure and one a day is told.
      if (outcome.trigger !== REFRESH) logOutcome(log, outcome, reloader.table)
      if (outcome.kind === 'replaced') {
        for (const warning of dataWarnings(running.setup.settings, reloader.table)) log.warn(warning)
      }
      notifier?.ready(statusLine(server, reloader.table, dateTold(reloader.table.metadata())))
    },
    releaseMemory: async () => {
      await http?.collect()
      await policy?.service.collect()
      await whois?.service.collect()
      await server.releaseMemory()
    },
  })
  /** Answers by a setup from a table, and does everything else by it. */
  const put = async (setup: Setup, next: Table): Promise<void> => {
    const { service, zoneSet } = servedBy(setup, next, { serials, rows })
    const recordCounts = recorder?.watch(next.buffer, next.recordCount)
    await server.replace({ ...service, recordCounts }, zoneSet)
    if (setup !== running.setup) {
      running.setup = setup
      log.level = setup.settings.log.level
      refreshing?.adapt()
      baking?.adapt()
    }
    await Promise.all([
      http?.replace(setup, { service, zoneSet }),
      policy?.replace(next, setup),
      whois?.replace(next, setup),
    ])
  }
  const warn = (message: string): void => log.warn(message)
  const reload = (trigger: string, force: boolean): Promise<ReloadOutcome> => {
    notifier?.reloading()
    return reloader.reload(trigger, async (old, tell) => {
      await server.followAddresses()
      const { setup, changed, restart, needsData } = nextSetup(
        running.setup,
        running.readSettings(),
        old,
        warn,
      )
      // Who is to be kept out is not waited for data to be kept out, whatever becomes of them.
      if (changed.length > 0 && !needsData) await put(setup, old)
      if (!needsData) tell({ changed, restart })
      const ready = takesSnapshots(setup.settings)
        ? rereadPublished(setup.settings, old, force)
        : await rebuild(setup.settings, old, force, warn)
      if (!needsData) return ready
      if (ready === null) {
        await put(setup, old)
        tell({ changed, restart })
        return null
      }
      const accept = (): Promise<void> => {
        tell({ changed, restart })
        return ready.accept()
      }
      return { table: ready.table, accept, refuse: () => ready.refuse(), setup }
    })
  }
  http = await startHttp(running, reloader, served, {
    reload: async (trigger) => {
      const { kind, reason } = await reload(trigger, false)
      return kind === 'replaced' || kind === 'unchanged' ? null : (reason ?? kind)
    },
    refreshing: {
      now: () => refreshing?.now(),
      get state() {
        return refreshing?.state ?? { canFetch: false, next: null, since: null }
      },
    },
  })
  const refreshOptions: RefreshOptions = {
    settings: () => running.setup.settings,
    reloader,
    log,
    onOutcome: (outcome) => logOutcome(log, outcome, reloader.table),
  }
  refreshing = takesSnapshots(running.setup.settings)
    ? keepPulling(refreshOptions)
    : keepRefreshing(refreshOptions)
  baking = keepBaking({
    settings: () => running.setup.settings,
    reloader,
    build: (old) => rebuild(running.setup.settings, old, false, warn),
    log,
  })
  const control = await listenForCommands(running, reloader, reload)
  const stopWarning = warnOfAge(running, reloader)
  onSignal('SIGHUP', () => reload('SIGHUP', false))
  return {
    reloader,
    stop: async () => {
      onSignal('SIGHUP', () => {})
      stopWarning()
      refreshing?.stop()
      baking?.stop()
      await Promise.all([control?.close(), http?.stop()])
    },
  }
}

function logOutcome(log: Logger, outcome: ReloadOutcome, table: Table): void {
  const { trigger, kind, reason, milliseconds: ms, changed, restart } = outcome
  const metadata = table.metadata()
  const [date, of] = [dateOfData(metadata.sources), dateTold(metadata)]
  if (changed.length > 0)
    log.info({ trigger, ms, settings: changed }, `new settings in force (${trigger}): ${changed.join(', ')}`)
  if (restart.length > 0) {
    log.warn(
      { trigger, settings: restart },
      `changed in the config, and needs a restart (${trigger}): ${restart.join(', ')}`,
    )
  }
  switch (kind) {
    case 'replaced':
      log.info(
        { trigger, ms, data: date, ases: table.asCount },
        `new data in service (${trigger}): data of ${of}`,
      )
      break
    case 'unchanged':
      if (changed.length + restart.length === 0) log.info({ trigger, ms }, `nothing is new (${trigger})`)
      break
    case 'refused':
      log.error({ trigger, ms, data: date }, `new data refused (${trigger}), that of ${of} stays: ${reason}`)
      break
    case 'failed':
      log.error(
        { trigger, ms, data: date },
        trigger === REFRESH || changed.length > 0
          ? `no new data (${trigger}), that of ${of} stays: ${reason}`
          : `nothing changed (${trigger}), settings and data of ${of} stay: ${reason}`,
      )
  }
}

/** A server without a control socket answers all the same. */
async function listenForCommands(
  { setup, server, log, recorder, reopenLogs, policy, started }: Running,
  reloader: Reloader<Next>,
  reload: (trigger: string, force: boolean) => Promise<ReloadOutcome>,
): Promise<ControlSocket | null> {
  const path = join(setup.settings.dataDir, CONTROL_SOCKET)
  try {
    const socket = await ControlSocket.listen(path, {
      status: async () => statusOf(server, reloader, started),
      reload: async ({ force = false }) => {
        const outcome = await reload(force ? 'asnzone reload --force' : 'asnzone reload', force)
        return { ok: outcome.kind === 'replaced' || outcome.kind === 'unchanged', ...outcome }
      },
      policy: answerPolicyCommand(policy === null ? null : surfaceOf(policy.service)),
      'write-statistics': async () => ({ ok: true, ...(await writeStatistics(recorder)) }),
      reopen: async () => {
        const reason = await reopenLogs('asnzone reopen')
        return { ok: reason === null, reason }
      },
    })
    if (socket === null)
      log.warn(
        `another server has ${path}: this one can't be asked for its status, to reload or to reopen logs`,
      )
    return socket
  } catch (error) {
    const reason = ofFile(path, (error as Error).message)
    log.warn(`no control socket, so status, reload and reopen don't work: ${reason}`)
    return null
  }
}

/** Warns of old data once a day; the start has told of it already. */
function warnOfAge(running: Running, reloader: Pick<Reloader, 'table'>): () => void {
  const { log, updateCommand: command } = running
  const warn = (): void => tellAge(log, running.setup.settings, reloader.table, { command })
  const timer = setInterval(warn, DAY_MS)
  return () => clearInterval(timer)
}
