// The table of a server that takes published snapshots: at its start, when somebody asks, and from time to time.

import type { Logger } from 'pino'
import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import type { SnapshotSetting } from '../config/snapshot-setting.ts'
import type { ReadyTable } from '../data/compile/ready-table.ts'
import { readPublicKey } from '../data/snapshot/minisign.ts'
import type { Downloading } from '../data/snapshot/origin.ts'
import { pullSnapshot, type TakenSnapshot } from '../data/snapshot/pull.ts'
import { pulledTable } from '../data/snapshot/pulled.ts'
import { Failing } from '../data/update/failing.ts'
import { checkNewTable } from '../data/update/guard.ts'
import { noteFailure, noteUpdate, readLastUpdate } from '../data/update/last-update.ts'
import { AsnzoneError } from '../errors.ts'
import type { Reloader, ReloadOutcome, Replacement } from '../server/reload.ts'
import { timerMs } from '../system/timer.ts'
import type { Table } from '../table/table.ts'
import { limitsOf } from './data-sources.ts'
import type { Sayings } from './log.ts'
import { REFRESH } from './new-data.ts'
import type { Refreshing, RefreshOptions } from './refreshing.ts'

/** Part of the interval by which chance moves each look, so that a fleet does not ask all at once. */
const JITTER = 0.25

/** Milliseconds before the first look after a start, at most: what counts may be old. */
const FIRST_LOOK_MS = 60_000

const nothing = async (): Promise<void> => {}

/**
 * The table that counts; a server that has none takes one.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when there is none and none may be taken here, or as `pullSnapshot` does.
 */
export async function publishedTable(
  settings: Settings & { readonly snapshot: SnapshotSetting },
  isServer: boolean,
  log?: Sayings,
): Promise<ReadyTable> {
  const table = pulledTable(settings.dataDir, isServer, (message) => log?.warn(message))
  if (table !== null) return { table, from: 'snapshot', accept: nothing, refuse: nothing }
  if (!isServer) throw new AsnzoneError('ASNZONE_DATA', 'no snapshot was taken yet; run asnzone update')
  log?.info(`no snapshot was taken yet: takes one from ${settings.snapshot.from}`)
  const taken = await pullNoted(settings, { downloading: { attempts: 2 } })
  if (taken === null)
    throw new AsnzoneError('ASNZONE_DATA', 'no snapshot is there; run asnzone update --force')
  await (await judgedSnapshot(settings, taken, null)).accept()
  return { table: taken.table, from: 'snapshot', accept: nothing, refuse: nothing }
}

/**
 * The table in the data directory, after a command has taken one.
 *
 * @returns null when it is the one in service
 * @throws {AsnzoneError} `ASNZONE_DATA` when there is none, `ASNZONE_REFUSED` when it is worse.
 */
export function rereadPublished(settings: Settings, inService: Table, force: boolean): ReadyTable | null {
  const table = pulledTable(settings.dataDir)
  if (table === null) throw new AsnzoneError('ASNZONE_DATA', 'no snapshot was taken yet; run asnzone update')
  if (Buffer.from(table.buffer).equals(Buffer.from(inService.buffer))) return null
  const reason = force ? null : checkNewTable(table, inService, settings.guard)
  if (reason !== null) throw new AsnzoneError('ASNZONE_REFUSED', reason)
  return { table, from: 'snapshot', accept: nothing, refuse: nothing }
}

/** How a snapshot is taken. */
export interface PullHow {
  readonly isForced?: boolean
  readonly downloading?: Downloading
}

/**
 * Takes a snapshot, and notes it when that fails.
 *
 * @throws {AsnzoneError} as `pullSnapshot` does.
 */
export async function pullNoted(
  settings: Settings & { readonly snapshot: SnapshotSetting },
  how: PullHow,
): Promise<TakenSnapshot | null> {
  const { snapshot, dataDir } = settings
  try {
    const taken = await pullSnapshot({
      ...how,
      from: snapshot.from,
      keys: snapshot.keys.map(readPublicKey),
      directory: dataDir,
      maxOctets: limitsOf(settings).maxOctets,
    })
    if (taken === null) noteUpdate(dataDir, { kind: 'unchanged', reason: null })
    return taken
  } catch (error) {
    noteFailure(dataDir, error)
    throw error
  }
}

/**
 * A snapshot that was taken, as what may replace the table in service.
 *
 * @param inService null for none that it has to be no worse than
 * @throws {AsnzoneError} `ASNZONE_REFUSED` when it is worse; it is refused then.
 */
export async function judgedSnapshot(
  settings: Settings,
  taken: TakenSnapshot,
  inService: Table | null,
): Promise<Replacement> {
  const { table, hasCounted, accept, refuse } = taken
  const reason = inService === null || hasCounted ? null : checkNewTable(table, inService, settings.guard)
  if (reason === null) {
    return {
      table,
      accept: async () => {
        try {
          await accept()
        } catch (error) {
          noteFailure(settings.dataDir, error)
          throw error
        }
        noteUpdate(settings.dataDir, { kind: 'updated', reason: null })
      },
      refuse,
    }
  }
  await refuse()
  const refusal = new AsnzoneError('ASNZONE_REFUSED', reason)
  noteFailure(settings.dataDir, refusal)
  throw refusal
}

/** Begins to look for new snapshots. A change of the setting `snapshot` waits for the next start. */
export function keepPulling({ settings, reloader, log, onOutcome }: RefreshOptions): Refreshing {
  const failing = new Failing()
  let timer: NodeJS.Timeout | undefined
  let next: number | null = null
  let since: number | null = null
  let isStopped = false
  const intervalOf = ({ snapshot }: Settings): number => durationMs(snapshot?.refresh ?? '1d')
  const schedule = (asked: number): void => {
    if (isStopped) return
    const wait = timerMs(asked)
    next = Date.now() + wait
    timer = setTimeout(() => void look(), wait)
  }
  const look = async (): Promise<void> => {
    next = null
    since = Date.now()
    const current = settings()
    const interval = intervalOf(current)
    try {
      if (takesSnapshots(current)) tell(await pullInto(current, reloader, log), interval)
    } finally {
      since = null
      schedule(interval * (1 - JITTER + 2 * JITTER * Math.random()))
    }
  }
  const tell = (outcome: ReloadOutcome, interval: number): void => {
    if (outcome.kind === 'replaced' || outcome.kind === 'unchanged') {
      const after = failing.well(REFRESH)
      if (after !== null) log.info(`snapshots are fetched again, ${after}`)
      if (outcome.kind === 'replaced') onOutcome(outcome)
      return
    }
    failing.failed(REFRESH, interval, Date.now(), 0)
    const words = failing.toTell(REFRESH, Date.now())
    if (words !== null) onOutcome({ ...outcome, reason: `${outcome.reason}${words}` })
  }
  schedule(firstWait(settings(), intervalOf(settings())))
  return {
    get state() {
      return { canFetch: true, next, since }
    },
    now: () => {
      if (since !== null) return
      clearTimeout(timer)
      void look()
    },
    adapt: () => {},
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** Milliseconds until the first look: an interval after the last one, or soon where that is over. */
function firstWait({ dataDir }: Settings, interval: number): number {
  const last = Date.parse(readLastUpdate(dataDir)?.at ?? '')
  const wait = last + interval - Date.now()
  // A clock that was wrong keeps nobody waiting for longer than the interval.
  return wait > 0 && wait <= interval ? wait : Math.min(FIRST_LOOK_MS, interval) * Math.random()
}

/** Takes a snapshot, and puts it into service; the download is over before reloads have to wait. */
async function pullInto(
  settings: Settings & { readonly snapshot: SnapshotSetting },
  reloader: Pick<Reloader, 'reload'>,
  log: Logger,
): Promise<ReloadOutcome> {
  const pulled = await pullNoted(settings, { downloading: { onRetry: (reason) => log.debug(reason) } }).then(
    (taken) => ({ taken }),
    (error: unknown) => ({ error }),
  )
  return reloader.reload(REFRESH, async (inService) => {
    if ('error' in pulled) throw pulled.error
    return pulled.taken === null ? null : judgedSnapshot(settings, pulled.taken, inService)
  })
}

/** Whether the settings name a snapshot. */
export function takesSnapshots(
  settings: Settings,
): settings is Settings & { readonly snapshot: SnapshotSetting } {
  return settings.snapshot !== undefined
}
