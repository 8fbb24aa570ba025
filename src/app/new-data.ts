// Builds tables to replace the one in service, from what the settings lead to and from updates of it.

import type { Settings } from '../config/setting-values.ts'
import { withMend } from '../data/compile/attempt.ts'
import { type ReadyTable, readyTable } from '../data/compile/ready-table.ts'
import type { Source } from '../data/sources/sources.ts'
import { Store } from '../data/sources/store.ts'
import { checkNewTable } from '../data/update/guard.ts'
import { noteFailure, noteUpdate } from '../data/update/last-update.ts'
import { type Candidate, type FetchedUpdate, type FetchOptions, fetchUpdate } from '../data/update/update.ts'
import { AsnzoneError } from '../errors.ts'
import type { Build, Reloader, ReloadOutcome } from '../server/reload.ts'
import type { Table } from '../table/table.ts'
import { limitsOf, planOf, scoringOf, sourcesOf } from './data-sources.ts'

/** The trigger of what is refreshed. */
export const REFRESH = 'refresh'

/** Told on the way. */
export interface NewDataEvents extends Pick<FetchOptions, 'onFile' | 'onProgress' | 'onRetry'> {
  readonly onWarning?: (message: string) => void
}

/**
 * The table that the files of today make.
 *
 * @param force whether it may be worse than the one in service
 * @param onWarning told of what is left out of it
 * @returns null when it is the one in service
 * @throws {AsnzoneError} `ASNZONE_DATA` when it can't be built, `ASNZONE_REFUSED` when it is worse.
 */
export async function rebuild(
  settings: Settings,
  inService: Table,
  force: boolean,
  onWarning?: (message: string) => void,
): Promise<ReadyTable | null> {
  const ready = await mended('asnzone reload --force tries it', () =>
    compile(settings, sourcesOf(settings), { isForced: force, onWarning }),
  )
  if (isSame(ready.table, inService)) {
    await ready.accept()
    return null
  }
  const reason = force ? null : checkNewTable(ready.table, inService, settings.guard)
  if (reason === null) return ready
  await ready.refuse()
  throw new AsnzoneError('ASNZONE_REFUSED', reason)
}

/** What is fetched, and who is told. */
export interface FetchNewOptions extends NewDataEvents {
  /** The URLs to ask for; all when not given. */
  readonly due?: ReadonlySet<string>
}

/** New data that don't count yet; until they are closed, no other process updates the data directory. */
export interface NewData {
  readonly files: FetchedUpdate['files']
  /**
   * Compiles them, lets them count when they are no worse, and notes what came of it.
   *
   * @param inService the table that the new one must be no worse than; null for any
   * @returns the table, which is still to be accepted; null when nothing is new
   * @throws {AsnzoneError} as `install` of the update does.
   */
  install(inService: () => Promise<Table | null>): Promise<Candidate | null>
  close(): void
}

/**
 * Fetches what the settings name, and notes it when that fails.
 *
 * @throws {AsnzoneError} as `fetchUpdate` does.
 */
export async function fetchNewData(settings: Settings, options: FetchNewOptions): Promise<NewData> {
  const { onWarning } = options
  const directory = settings.dataDir
  const [plan, store, { maxOctets }] = [planOf(settings), new Store(directory), limitsOf(settings)]
  const fetched = await noted(directory, () => fetchUpdate({ ...options, plan, store, maxOctets }))
  const { files } = fetched
  return {
    files,
    close: fetched.close,
    install: async (inService) => {
      const candidate = await noted(directory, () =>
        fetched.install({
          compile: (sources) =>
            mended('asnzone update --force tries it', () => compile(settings, sources, { onWarning })),
          checkTable: async (table) => {
            const old = await inService()
            return old === null ? null : checkNewTable(table, old, settings.guard)
          },
        }),
      )
      const failed = files.find(({ kind }) => kind === 'failed')
      const kind = candidate === null ? 'unchanged' : 'updated'
      noteUpdate(
        directory,
        failed === undefined ? { kind, reason: null } : { kind: 'incomplete', reason: failed.reason },
      )
      return candidate
    },
  }
}

/**
 * Fetches what is due for a server, and puts it into service. Reloads wait for compiling, but not for a download.
 *
 * @param settingsNow the settings in force
 * @returns what became of it
 */
export async function refreshData(
  settingsNow: () => Settings,
  reloader: Pick<Reloader, 'reload'>,
  options: FetchNewOptions,
): Promise<ReloadOutcome> {
  let data: NewData | null = null
  let build: Build
  const settings = settingsNow()
  try {
    const fetched = await fetchNewData(settings, options)
    data = fetched
    build = (inService) => {
      // A reload that came in between asks for something else: what was fetched is fetched again when that is due.
      if (settingsNow() !== settings) return rebuild(settingsNow(), inService, false)
      return fetched.install(async () => inService)
    }
  } catch (error) {
    build = () => Promise.reject(error)
  }
  try {
    return await reloader.reload(REFRESH, build)
  } finally {
    data?.close()
  }
}

/** Tells of data that are not tried again with what lets them be tried. */
async function mended<Result>(mend: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof AsnzoneError ? withMend(error, mend) : error
  }
}

async function noted<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    noteFailure(directory, error)
    throw error
  }
}

async function compile(
  settings: Settings,
  sources: readonly Source[],
  {
    onWarning,
    isForced = false,
  }: { onWarning?: ((message: string) => void) | undefined; isForced?: boolean },
): Promise<ReadyTable> {
  return readyTable({
    sources,
    scoring: await scoringOf(settings),
    dataDirectory: settings.dataDir,
    limits: limitsOf(settings),
    isForced,
    isInBackground: true,
    onSource: ({ doubt }) => {
      if (doubt !== undefined) onWarning?.(doubt)
    },
    ...(onWarning !== undefined && { onWarning }),
  })
}

function isSame(a: Table, b: Table): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer))
}
