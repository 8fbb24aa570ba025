// What became of the last update, for `asnzone status`: updates are made by several processes.

import { join } from 'node:path'
import { z } from 'zod'
import type { AsnzoneError } from '../../errors.ts'
import { writeFileAtomically } from '../../system/atomic-file.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { readText } from '../../system/safe-file.ts'

/** Its name in the data directory. */
export const LAST_UPDATE_FILE = 'last-update.json'

const lastUpdate = z.object({
  at: z.string(),
  kind: z.enum(['updated', 'unchanged', 'incomplete', 'refused', 'failed']),
  /** Why data is not as new as it could be, in one line. */
  reason: z.string().nullable(),
})

/** What became of an update; `incomplete` when a file of several could not be fetched. */
export type LastUpdate = z.output<typeof lastUpdate>

/** Notes it; a data directory that can't be written is noticed elsewhere. */
export function noteUpdate(directory: string, update: Omit<LastUpdate, 'at'>): void {
  try {
    makeDirectory(directory)
    const noted: LastUpdate = { at: new Date().toISOString(), ...update }
    writeFileAtomically(join(directory, LAST_UPDATE_FILE), `${JSON.stringify(noted)}\n`)
  } catch {
    return
  }
}

/** Notes that an update failed; one that was not even begun, because another is going on, is none. */
export function noteFailure(directory: string, error: unknown): void {
  const { code, message } = error as AsnzoneError
  if (code === 'ASNZONE_BUSY') return
  noteUpdate(directory, { kind: code === 'ASNZONE_REFUSED' ? 'refused' : 'failed', reason: message })
}

/** The last update of a data directory; null when there was none. */
export function readLastUpdate(directory: string): LastUpdate | null {
  try {
    return lastUpdate.parse(JSON.parse(readText(join(directory, LAST_UPDATE_FILE))))
  } catch {
    return null
  }
}
