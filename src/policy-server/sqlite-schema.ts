// The file of the SQLite store: its tables, what brings an older one up to date, and the statements.

import type Database from 'libsql'
import { AsnzoneError } from '../errors.ts'
import { PERMANENT } from '../policy/state.ts'

/** The version of the schema below. */
const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE subject (user TEXT PRIMARY KEY, first INTEGER, last INTEGER, requests INTEGER, refused INTEGER,
    block_since INTEGER, block_until INTEGER, block_reason TEXT, notified INTEGER,
    lat REAL, lon REAL, radius INTEGER, city INTEGER, country TEXT, placed INTEGER) WITHOUT ROWID;
  CREATE INDEX subject_block ON subject (block_until) WHERE block_until IS NOT NULL;
  CREATE TABLE seen (user TEXT, kind INTEGER, value TEXT, home INTEGER, refused INTEGER, first INTEGER, last INTEGER,
    PRIMARY KEY (user, kind, value)) WITHOUT ROWID;
  CREATE INDEX seen_last ON seen (last);
  CREATE TABLE event (id INTEGER PRIMARY KEY, time INTEGER, user TEXT, address TEXT, country TEXT, asn INTEGER, rule TEXT,
    action TEXT, source TEXT);
  CREATE INDEX event_user ON event (user, time);
  CREATE INDEX event_time ON event (time);
  CREATE TABLE record (position INTEGER PRIMARY KEY, json TEXT);
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT);
`

/** A row of `subject`, without `notified`. */
export interface SubjectRow {
  readonly user: string
  readonly first: number
  readonly last: number
  readonly requests: number
  readonly refused: number
  readonly block_since: number | null
  readonly block_until: number | null
  readonly block_reason: string | null
  readonly lat: number | null
  readonly lon: number | null
  readonly radius: number | null
  readonly city: number | null
  readonly country: string | null
  readonly placed: number | null
}

/** What has come since; an older asnzone doesn't miss it. */
const ADDED = `
  CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, token TEXT, until INTEGER) WITHOUT ROWID;
`

const EVENT = 'id, time, user, address, country, asn, rule, action, source'

const SUBJECT =
  'user, first, last, requests, refused, block_since, block_until, block_reason, lat, lon, radius, city, country, placed'

/** Tables that the file has had from the first version on. */
const OURS = ['subject', 'seen', 'event', 'record', 'setting']

/**
 * Looks whether a database is one of ours, before anything of it is changed.
 *
 * @param mayBeNew whether there may be no table in it
 * @throws {AsnzoneError} `ASNZONE_DATA` when it is another one.
 */
export function checkOurs(database: Database.Database, file: string, mayBeNew: boolean): void {
  const found = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const tables = new Set((found as { name: string }[]).map(({ name }) => name))
  if (OURS.every((name) => tables.has(name)) || (mayBeNew && tables.size === 0)) return
  throw new AsnzoneError(
    'ASNZONE_DATA',
    `${file}: this database is not a policy.sqlite: it hasn't the tables of the policy service; name another file, or move it away`,
  )
}

/**
 * Looks whether this asnzone knows the version of the file.
 *
 * @returns the version, 0 where nothing has been written yet
 * @throws {AsnzoneError} `ASNZONE_DATA` when a newer asnzone has written the file.
 */
export function refuseNewer(database: Database.Database, file: string): number {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > SCHEMA_VERSION) {
    throw new AsnzoneError(
      'ASNZONE_DATA',
      `${file}: a newer asnzone has written it (version ${version}, this one knows ${SCHEMA_VERSION}); update asnzone, or move the file away`,
    )
  }
  return version
}

/**
 * Makes the tables, unless they are there.
 *
 * @throws {AsnzoneError} as `refuseNewer` does.
 */
export function migrate(database: Database.Database, file: string): void {
  const isNew = refuseNewer(database, file) === 0
  if (!isNew && database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'told'").get() !== undefined)
    return
  database.exec('BEGIN IMMEDIATE')
  try {
    if (isNew) database.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`)
    database.exec(ADDED)
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const IS_BLOCKED = `block_until IS NOT NULL AND (block_until = ${PERMANENT} OR block_until > ?)`
const LIFT = 'UPDATE subject SET block_since = NULL, block_until = NULL, block_reason = NULL'

const TEXTS = {
  subject: `SELECT ${SUBJECT} FROM subject WHERE user = ?`,
  // Of many rows, one text costs a third of what the rows do.
  seen: 'SELECT json_group_array(json_array(kind, value, home, refused, first, last)) AS seen FROM seen WHERE user = ?',
  list: `SELECT ${SUBJECT} FROM subject WHERE user > ? AND instr(user, ?) > 0 ORDER BY user LIMIT ?`,
  listBlocked: `SELECT ${SUBJECT} FROM subject WHERE user > ? AND instr(user, ?) > 0 AND ${IS_BLOCKED} ORDER BY user LIMIT ?`,
  eventsOf: `SELECT ${EVENT} FROM event WHERE user = ? AND id < ? AND time > ? ORDER BY id DESC LIMIT ?`,
  allEvents: `SELECT ${EVENT} FROM event WHERE id < ? AND time > ? ORDER BY id DESC LIMIT ?`,
  told: 'SELECT token FROM told WHERE name = ? AND until > ?',
  addTold: 'INSERT OR REPLACE INTO told (name, token, until) VALUES (?, ?, ?)',
  forgetTold: 'DELETE FROM told WHERE name = ?',
  expireTold: 'DELETE FROM told WHERE name IN (SELECT name FROM told WHERE until <= ? LIMIT ?)',
  touchSubject: `INSERT INTO subject (user, first, last, requests, refused) VALUES (?, ?, ?, 1, ?) ON CONFLICT (user) DO UPDATE
       SET last = max(last, excluded.last), requests = requests + 1, refused = refused + excluded.refused`,
  addSubject: 'INSERT INTO subject (user, first, last, requests, refused) VALUES (?, ?, ?, ?, ?)',
  block: 'UPDATE subject SET block_since = ?, block_until = ?, block_reason = ? WHERE user = ?',
  place: 'UPDATE subject SET lat = ?, lon = ?, radius = ?, city = ?, country = ?, placed = ? WHERE user = ?',
  touchSeen:
    'INSERT OR REPLACE INTO seen (user, kind, value, home, refused, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)',
  dropSeen: 'DELETE FROM seen WHERE user = ? AND kind = ? AND value = ?',
  addEvent:
    'INSERT INTO event (time, user, address, country, asn, rule, action, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  unblock: `${LIFT} WHERE user = ? AND ${IS_BLOCKED}`,
  unblockAll: `${LIFT} WHERE ${IS_BLOCKED}`,
  unrefuse: 'DELETE FROM seen WHERE user = ? AND refused = 1',
  unrefuseAll: `DELETE FROM seen WHERE refused = 1 AND user IN (SELECT user FROM subject WHERE ${IS_BLOCKED})`,
  forget: 'DELETE FROM subject WHERE user = ?',
  forgetSeen: 'DELETE FROM seen WHERE user = ?',
  forgetEvents: 'DELETE FROM event WHERE user = ?',
  hasRecords: "SELECT 1 FROM setting WHERE name = 'records'",
  noteRecords: "INSERT INTO setting (name, value) VALUES ('records', 'set')",
  unnoteRecords: "DELETE FROM setting WHERE name = 'records'",
  records: 'SELECT json FROM record ORDER BY position',
  clearRecords: 'DELETE FROM record',
  addRecord: 'INSERT INTO record (position, json) VALUES (?, ?)',
  users: 'SELECT count(*) AS count FROM subject',
  blocked: `SELECT count(*) AS count FROM subject WHERE ${IS_BLOCKED}`,
  // What a block was laid on stays until the block is over: who was known then may pass it.
  expireSeen: `DELETE FROM seen WHERE (user, kind, value) IN (SELECT user, kind, value FROM seen WHERE last <= ?
       AND user NOT IN (SELECT user FROM subject WHERE ${IS_BLOCKED}) LIMIT ?)`,
  // What a clock that was ahead has written is of now: a block lasts from now on as long as it was to last.
  settleBlocks: `UPDATE subject SET block_since = ?1, block_until =
       CASE block_until WHEN ${PERMANENT} THEN ${PERMANENT} ELSE ?1 + block_until - block_since END
       WHERE block_until IS NOT NULL AND block_since > ?1`,
  settleSubjects: `UPDATE subject SET first = min(first, ?1), last = min(last, ?1), placed = min(placed, ?1)
       WHERE last > ?1 OR placed > ?1`,
  settleSeen: 'UPDATE seen SET first = min(first, ?1), last = ?1 WHERE last > ?1',
  settleEvents: 'UPDATE event SET time = ?1 WHERE time > ?1',
  expireEvents: 'DELETE FROM event WHERE id IN (SELECT id FROM event WHERE time <= ? LIMIT ?)',
  expireSubjects: `DELETE FROM subject WHERE user IN (SELECT user FROM subject WHERE NOT (${IS_BLOCKED}) IS TRUE AND last <= ?
       AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.user = subject.user) LIMIT ?)`,
}

/** The statements of the store, by what they do. */
export type Statements = Readonly<Record<keyof typeof TEXTS, Database.Statement>>

/** Prepares them. */
export function prepareAll(database: Database.Database): Statements {
  const prepared = Object.entries(TEXTS).map(([name, text]) => [name, database.prepare(text)])
  return Object.fromEntries(prepared) as Statements
}
