// Fetches new data when somebody asks for it, and lets it count when it is no worse than what is in service.

import type { Settings } from '../config/setting-values.ts'
import { forgetAttempts } from '../data/compile/attempt.ts'
import { pulledTable } from '../data/snapshot/pulled.ts'
import { clockWarning } from '../data/sources/date.ts'
import { fetchedParts } from '../data/sources/plan.ts'
import type { FetchOptions } from '../data/update/update.ts'
import { AsnzoneError } from '../errors.ts'
import type { Table } from '../table/table.ts'
import { workAsOwner } from './as-owner.ts'
import { planOf } from './data-sources.ts'
import { fetchNewData, type NewData } from './new-data.ts'
import { prepareTable } from './prepare.ts'
import { judgedSnapshot, pullNoted, takesSnapshots } from './published-data.ts'

/** How data is asked for, and who is told on the way. */
export interface UpdateOptions extends Required<Pick<FetchOptions, 'onFile' | 'onProgress' | 'onRetry'>> {
  /** Whether it may be older or smaller than what is in service, or have ended the process that compiles before. */
  readonly isForced: boolean
  readonly onWarning: (message: string) => void
}

/** What came of it: `none` where the config names nothing to fetch, `failed` where no file came, which was told of each. */
export type UpdateOutcome =
  | { readonly kind: 'data'; readonly table: Table }
  | {
      readonly kind: 'snapshot'
      readonly table: Table
      readonly serial: number
      readonly date: string
      readonly octets: number
    }
  | { readonly kind: 'same-snapshot' | 'unchanged' | 'none' | 'failed' }

/**
 * Fetches data, or the published snapshot where the config names one, and lets it count in the data directory. A server
 * that runs knows nothing of it yet.
 *
 * @throws {AsnzoneError} when it can't be had, or must not count.
 */
export async function updateData(settings: Settings, options: UpdateOptions): Promise<UpdateOutcome> {
  const { isForced } = options
  await workAsOwner(settings)
  if (takesSnapshots(settings)) {
    const { onRetry, onProgress } = options
    const taken = await pullNoted(settings, {
      isForced,
      downloading: { onRetry, onProgress: (progress) => onProgress('snapshot', progress) },
    })
    if (taken === null) return { kind: 'same-snapshot' }
    const judged = await judgedSnapshot(settings, taken, isForced ? null : pulledTable(settings.dataDir))
    await judged.accept()
    const { serial, date, octets } = taken.manifest
    const doubt = clockWarning('the snapshot', date)
    if (doubt !== null) options.onWarning(doubt)
    return { kind: 'snapshot', table: judged.table, serial, date, octets }
  }
  if (isForced) forgetAttempts(settings.dataDir)
  if (fetchedParts(planOf(settings)).length === 0) return { kind: 'none' }
  const data = await fetchTold(settings, options)
  if (data === null) return { kind: 'failed' }
  const table = await installed(data, () => (isForced ? Promise.resolve(null) : tableOfToday(settings)))
  return table === null ? { kind: 'unchanged' } : { kind: 'data', table }
}

/** Fetches; null when that failed for a reason that was told already. */
async function fetchTold(settings: Settings, options: UpdateOptions): Promise<NewData | null> {
  const told = new Set<string | null>()
  try {
    return await fetchNewData(settings, {
      ...options,
      onFile: (report) => {
        if (report.kind === 'failed') told.add(report.reason)
        options.onFile(report)
      },
    })
  } catch (error) {
    if (error instanceof AsnzoneError && told.has(error.message)) return null
    throw error
  }
}

/** Lets new data count; null when nothing is new. */
async function installed(data: NewData, inService: () => Promise<Table | null>): Promise<Table | null> {
  try {
    const candidate = await data.install(inService)
    await candidate?.accept()
    return candidate?.table ?? null
  } finally {
    data.close()
  }
}

/** What the new data must be no worse than; nothing when what is there can't be read. */
async function tableOfToday(settings: Settings): Promise<Table | null> {
  try {
    const ready = await prepareTable(settings)
    await ready.refuse()
    return ready.table
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return null
  }
}
