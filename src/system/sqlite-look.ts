// Looks into a database of SQLite without touching it: no lock is taken, no file is made beside it, and nothing is
// brought up to date. What another process writes meanwhile may look damaged: ask only where none has it open.

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import Database from 'libsql'
import { checkDatabase } from './safe-file.ts'

/**
 * Looks into a database as it lies on the disk, without what is in its log only; nothing where there is none.
 *
 * @throws {Error} of SQLite or the file system, with the reason when the file is not ours, or what `look` throws.
 */
export function lookInto(file: string, look: (database: Database.Database) => void): void {
  checkDatabase(file)
  if (!existsSync(file)) return
  const database = new Database(`${pathToFileURL(file).href}?immutable=1`, { readonly: true })
  try {
    // Reads its header, and the tables that it has.
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    look(database)
  } finally {
    database.close()
  }
}
