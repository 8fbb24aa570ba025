// The shell of SQLite, which is a process of its own: when it has ended, nothing of it keeps a file locked, as what libsql
// hasn't let go of yet would.

import { execFileSync } from 'node:child_process'

/**
 * What sqlite3 says to a statement.
 *
 * @param busy milliseconds that it waits for others
 * @throws {Error} with what it complains of
 */
export function sqlite3(file: string, sql: string, busy = 5000): string {
  return execFileSync('sqlite3', ['-cmd', `.timeout ${busy}`, file, sql], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}
