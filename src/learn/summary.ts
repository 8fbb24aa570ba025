// What the state holds, in three numbers: for a status, not for a model.

import { readState } from './read-state.ts'

/** How much there is. */
export interface LearnSummary {
  /** ASes, countries and networks, with those of each reporter. */
  readonly keys: number
  /** Verdicts as they counted when the newest came: old ones count less, and so do many of one address. */
  readonly verdicts: number
  /** When the newest came, in seconds since the epoch; 0 where none did. */
  readonly newest: number
}

/**
 * Reads it; null where nothing was ever learned.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when it can't be read or is not ours.
 */
export function learnSummary(file: string): LearnSummary | null {
  return readState(file, ({ database }) => {
    const numbers = (sql: string): Record<string, unknown> =>
      database.prepare(sql).get() as Record<string, unknown>
    const { keys } = numbers('SELECT COUNT(*) AS keys FROM LEARNED')
    const { verdicts, newest } = numbers(
      "SELECT SUM(spam + ham) AS verdicts, MAX(seen) AS newest FROM LEARNED WHERE key = 'all'",
    )
    return { keys: Number(keys), verdicts: Number(verdicts ?? 0), newest: Number(newest ?? 0) }
  })
}
