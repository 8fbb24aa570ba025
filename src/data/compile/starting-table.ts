// The table that a server starts with: where the data of today end the process that compiles them, older ones. An
// answer of last week is better at night than none.

import { join } from 'node:path'
import { AsnzoneError } from '../../errors.ts'
import { readSnapshot, SNAPSHOT_FILE } from '../snapshot/snapshot.ts'
import { dateTold } from '../sources/age.ts'
import type { Source } from '../sources/sources.ts'
import { withMend } from './attempt.ts'
import { type ReadyTable, type ReadyTableOptions, readyTable } from './ready-table.ts'

/** Settings of `startingTable`. */
export interface StartingTableOptions extends ReadyTableOptions {
  /** What is compiled where there is no snapshot, however old: the embedded data, or nothing. */
  readonly standIn: readonly Source[]
  /** Told that the server starts with other data than those of today, and why. */
  readonly onAlarm: (message: string) => void
}

/** @throws {AsnzoneError} as `readyTable` does, but `ASNZONE_COMPILE` only when there is nothing older. */
export async function startingTable(options: StartingTableOptions): Promise<ReadyTable> {
  const { sources, standIn, dataDirectory, onAlarm } = options
  try {
    return await readyTable(options)
  } catch (error) {
    if (!(error instanceof AsnzoneError) || error.code !== 'ASNZONE_COMPILE') throw error
    // Once the server answers, of whatever, it can be told; as long as none runs, nobody can.
    const reason = withMend(error, 'asnzone reload --force tries it').message
    const old = olderSnapshot(join(dataDirectory, SNAPSHOT_FILE))
    if (old !== null) {
      const date = dateTold(old.table.metadata())
      onAlarm(`answers from the old snapshot, of data of ${date}, because ${reason}`)
      return old
    }
    if (standIn.length === 0) throw withMend(error, 'asnzone update --force lets the next start try it')
    const paths = new Set(sources.map(({ path }) => path))
    if (standIn.every(({ path }) => paths.has(path)) && paths.size === standIn.length) {
      // There is nothing else to answer from, and the process may have been ended for another reason than the data.
      onAlarm(`tries the embedded data all the same: ${error.message}`)
      return readyTable({ ...options, isForced: true })
    }
    onAlarm(`answers from the embedded data, because ${reason}`)
    // As a guest: nothing is noted of these data, and what is noted of those of today stays.
    return readyTable({ ...options, sources: standIn, isGuest: true })
  }
}

/** Whatever it was made of, as long as it is whole. */
function olderSnapshot(file: string): ReadyTable | null {
  const nothing = async (): Promise<void> => {}
  try {
    const table = readSnapshot(file)
    return table === null ? null : { table, from: 'snapshot', accept: nothing, refuse: nothing }
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return null
  }
}
