// The file of what was learned, for those who look at it without SQLite.

import { AsnzoneError } from '../errors.ts'

/** Its name in the data directory. */
export const STATE_FILE = 'learned.sqlite'

/** What is said of a state that can't be read or written. */
export function stateFault(file: string, error: unknown): AsnzoneError {
  if (error instanceof AsnzoneError) return error
  const { message } = error as Error
  // One that another process writes is not to be moved away.
  const mend =
    message === 'database is locked' ? '' : '; if it is damaged, move it away: what was learned begins anew'
  return new AsnzoneError('ASNZONE_DATA', `${file}: ${message}${mend}`, { cause: error })
}
