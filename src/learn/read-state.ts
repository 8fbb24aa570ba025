// Reads the state as it lies on the disk, and writes nothing: for those who look at it while others learn.

import Database from 'libsql'
import { checkDatabase, fileStats } from '../system/safe-file.ts'
import type { ExcludeSetting } from './excluded.ts'
import { stateFault } from './state-file.ts'

/** Milliseconds to wait for who is writing. */
const BUSY_MS = 1000

/** Where something was learned, and by which settings; plain data, for other threads. */
export interface LearnedSource {
  /** The file of the state. */
  readonly file: string
  /** In seconds. */
  readonly halfLife: number
  readonly exclude: ExcludeSetting
}

/** The open state. */
export interface ReadableState {
  readonly database: Database.Database
  /** How many reporters there are: the numbers of keys are lower. */
  readonly reporters: number
}

/**
 * Opens the state for as long as something reads it.
 *
 * @returns null where nothing was ever learned
 * @throws {AsnzoneError} `ASNZONE_DATA` when it can't be read or is not ours.
 */
export function readState<Result>(file: string, read: (state: ReadableState) => Result): Result | null {
  if (fileStats(file) === null) return null
  let database: Database.Database | null = null
  try {
    checkDatabase(file)
    database = new Database(file, { readonly: true })
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
    const counted = database.prepare('SELECT COUNT(*) AS reporters FROM REPORTER').get()
    return read({ database, reporters: (counted as { readonly reporters: number }).reporters })
  } catch (error) {
    throw stateFault(file, error)
  } finally {
    database?.close()
  }
}
