// The file of what was learned: its tables, its version, and the statements.
//
//     LEARNED    kind, key, reporter, spam, ham, seen     counts as they were at `seen`; key: all, US, AS14061, 192.0.2.0/24
//     ADDRESS    hash, verdicts, seen                     keyed hashes of 32 bits, so that one address is limited
//     REPORTER   number, name, day, count                 and how much each has told on its last day
//     VERDICT    time, address, spam, weight              for --check, where they are to be kept
//     SETTING    name, value                              the key of the hashes among them
//
// The journal is SQLite's own, not WAL: every batch is one transaction, and a reader waits for it.

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync } from 'node:fs'
import type Database from 'libsql'
import { AsnzoneError } from '../errors.ts'
import { checkDatabase, createFile } from '../system/safe-file.ts'
import { openShared } from '../system/sqlite.ts'
import { LEARNED_COLUMNS } from './learned-rows.ts'

const SCHEMA_VERSION = 1

/** Milliseconds that a batch waits for that of another process. */
const BUSY_MS = 10_000

/**
 * What SQLite may keep of the file in memory, in KiB: all of a million keys, so that a batch of any addresses reads and
 * writes each page once. With its 2 MB it wrote them in the midst of a batch, and waited for the disk each time.
 */
const CACHE_KIB = 40 << 10

const SCHEMA = `
  CREATE TABLE LEARNED (kind TEXT, key TEXT, reporter INTEGER, spam REAL, ham REAL, seen INTEGER,
    PRIMARY KEY (kind, key, reporter)) WITHOUT ROWID;
  CREATE TABLE ADDRESS (hash INTEGER PRIMARY KEY, verdicts REAL, seen INTEGER);
  CREATE TABLE REPORTER (number INTEGER PRIMARY KEY, name TEXT UNIQUE, day INTEGER, count INTEGER);
  CREATE TABLE VERDICT (time INTEGER, address TEXT, spam INTEGER, weight REAL);
  CREATE INDEX VERDICT_TIME ON VERDICT (time);
  CREATE TABLE SETTING (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
`

/** Only the owner reads what tells which networks write to him. */
const MODE = 0o600

/**
 * Opens the file, which is made where there is none.
 *
 * @throws {Error} of SQLite or the file system; {AsnzoneError} `ASNZONE_DATA` when a newer asnzone has written it.
 */
export function openState(file: string): Database.Database {
  checkDatabase(file)
  if (!existsSync(file)) closeSync(createFile(file, MODE))
  const database = openShared(file, { busy: BUSY_MS, check: (opened) => refuseNewer(opened, file) })
  try {
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const versionOf = (database: Database.Database): number =>
  (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

function refuseNewer(database: Database.Database, file: string): void {
  const version = versionOf(database)
  if (version <= SCHEMA_VERSION) return
  throw new AsnzoneError(
    'ASNZONE_DATA',
    `${file}: a newer asnzone has written it (version ${version}, this one knows ${SCHEMA_VERSION}); update asnzone, or move the file away`,
  )
}

function migrate(database: Database.Database): void {
  if (versionOf(database) === SCHEMA_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have made it meanwhile.
    if (versionOf(database) === 0) {
      database.exec(SCHEMA)
      const key = randomBytes(16).toString('hex')
      database.prepare("INSERT INTO SETTING (name, value) VALUES ('key', ?)").run(key)
      database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const TEXTS = {
  changes: 'PRAGMA data_version',
  learned: `SELECT ${LEARNED_COLUMNS} FROM LEARNED`,
  addresses: 'SELECT hash, verdicts, seen FROM ADDRESS',
  reporters: 'SELECT number, name, day, count FROM REPORTER ORDER BY number',
  setting: 'SELECT value FROM SETTING WHERE name = ?',
  setSetting: 'INSERT OR REPLACE INTO SETTING (name, value) VALUES (?, ?)',
  setLearned:
    'INSERT OR REPLACE INTO LEARNED (kind, key, reporter, spam, ham, seen) VALUES (?, ?, ?, ?, ?, ?)',
  dropLearned: 'DELETE FROM LEARNED WHERE kind = ? AND key = ? AND reporter = ?',
  setAddress: 'INSERT OR REPLACE INTO ADDRESS (hash, verdicts, seen) VALUES (?, ?, ?)',
  dropAddress: 'DELETE FROM ADDRESS WHERE hash = ?',
  setReporter: 'INSERT OR REPLACE INTO REPORTER (number, name, day, count) VALUES (?, ?, ?, ?)',
  addVerdict: 'INSERT INTO VERDICT (time, address, spam, weight) VALUES (?, ?, ?, ?)',
  dropVerdicts: 'DELETE FROM VERDICT WHERE time < ?',
  verdicts: `SELECT time, address, spam, weight FROM
    (SELECT rowid AS number, * FROM VERDICT ORDER BY time DESC, number DESC LIMIT ?) ORDER BY time, number`,
}

/** The statements, by what they do. */
export type Statements = Readonly<Record<keyof typeof TEXTS, Database.Statement>>

/** Prepares them. */
export function prepareAll(database: Database.Database): Statements {
  const prepared = Object.entries(TEXTS).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(prepared) as Statements
}
