// The file of what was learned, for those who look at it without SQLite.

import { AsnzoneError } from '../errors.ts'
import { fileReason, ofFile } from '../system/file-reason.ts'

/** Its name in the data directory. */
export const STATE_FILE = 'learned.sqlite'

/** The code of what SQLite has read and asnzone has not written. */
const NOT_OURS = 'ASNZONE_NOT_OURS'

/** How codes of a file begin that is good for nothing any more. One that another process writes, or for which the disk is full, is. */
const DAMAGED: readonly string[] = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', NOT_OURS]

/** SQLite has no code of its own for a database without our tables. */
const NO_TABLE = /^no such (?:table|column): /

/** What is thrown of a row that asnzone has not written. */
export const notOurs = (reason: string): Error => Object.assign(new Error(reason), { code: NOT_OURS })

/** What is said of a state that can't be read or written. */
export function stateFault(file: string, error: unknown): AsnzoneError {
  if (error instanceof AsnzoneError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const isDamaged = DAMAGED.some((it) => code.startsWith(it)) || NO_TABLE.test(message)
  const mend = isDamaged ? '; move it away: what was learned begins anew' : ''
  return new AsnzoneError('ASNZONE_DATA', `${ofFile(file, fileReason(error))}${mend}`, { cause: error })
}
