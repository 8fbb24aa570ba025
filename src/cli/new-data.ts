// Builds tables to replace the one in service, from what the settings lead to and from updates of it.

import { planOf } from '../config/data-plan.ts'
import type { Settings } from '../config/settings.ts'
import { judgeTable } from '../data/guard.ts'
import { noteUpdate } from '../data/last-update.ts'
import { type ReadyTable, readyTable } from '../data/ready-table.ts'
import type { Source } from '../data/sources.ts'
import { Store } from '../data/store.ts'
import { type UpdateOptions, type UpdateResult, update } from '../data/update.ts'
import { AsnzoneError } from '../errors.ts'
import type { Table } from '../table/table.ts'
import { judgementOf, mostOctetsOf, sourcesOf } from './data-sources.ts'

/** Told on the way. */
export interface NewDataEvents extends Pick<UpdateOptions, 'onFile' | 'onProgress' | 'onRetry'> {
  readonly onWarning?: (message: string) => void
}

/**
 * The table that the files of today make.
 *
 * @param force whether it may be worse than the one in service
 * @returns null when it is the one in service
 * @throws {AsnzoneError} `ASNZONE_DATA` when it can't be built, `ASNZONE_REFUSED` when it is worse.
 */
export async function rebuild(
  settings: Settings,
  inService: Table,
  force: boolean,
): Promise<ReadyTable | null> {
  const ready = await compile(settings, sourcesOf(settings))
  if (isSame(ready.table, inService)) {
    await ready.accept()
    return null
  }
  const reason = force ? null : judgeTable(ready.table, inService, guardOf(settings))
  if (reason === null) return ready
  await ready.refuse()
  throw new AsnzoneError('ASNZONE_REFUSED', reason)
}

/** What an update does besides fetching. */
export interface FetchOptions extends NewDataEvents {
  /** The table that the new one must be no worse than; null for any. */
  readonly inService: () => Promise<Table | null>
  /** The URLs to ask for; all when not given. */
  readonly due?: ReadonlySet<string>
}

/**
 * Fetches what the settings name, and notes what came of it.
 *
 * @throws {AsnzoneError} as `update` does.
 */
export async function fetchNewData(settings: Settings, options: FetchOptions): Promise<UpdateResult> {
  const { inService, onWarning, ...others } = options
  const directory = settings['data-dir']
  try {
    const result = await update({
      ...others,
      plan: planOf(settings),
      store: new Store(directory),
      mostOctets: mostOctetsOf(settings),
      compile: (sources) => compile(settings, sources, onWarning),
      judge: async (table) => {
        const old = await inService()
        return old === null ? null : judgeTable(table, old, guardOf(settings))
      },
    })
    const failed = result.files.find(({ kind }) => kind === 'failed')
    const kind = result.table === null ? 'unchanged' : 'updated'
    noteUpdate(
      directory,
      failed === undefined ? { kind, reason: null } : { kind: 'incomplete', reason: failed.reason },
    )
    return result
  } catch (error) {
    const { code, message } = error as AsnzoneError
    noteUpdate(directory, { kind: code === 'ASNZONE_REFUSED' ? 'refused' : 'failed', reason: message })
    throw error
  }
}

async function compile(
  settings: Settings,
  sources: readonly Source[],
  onWarning?: (message: string) => void,
): Promise<ReadyTable> {
  return readyTable({
    sources,
    judgement: await judgementOf(settings),
    dataDirectory: settings['data-dir'],
    mostOctets: mostOctetsOf(settings),
    isInBackground: true,
    ...(onWarning !== undefined && { onWarning }),
  })
}

function guardOf(settings: Settings) {
  return { leastShare: settings['least-share'], sentinels: settings.sentinels }
}

function isSame(a: Table, b: Table): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer))
}
