// The store of a single host: an SQLite file in the data directory, in WAL mode. A decision that changes something is one
// transaction; one that changes nothing is none.

import { closeSync, existsSync } from 'node:fs'
import Database from 'libsql'
import { AsnzoneError } from '../errors.ts'
import { type Changes, type Decision, decide, isChange } from '../policy/rules.ts'
import { type Entry, isBlocked, KINDS, type Kind, PERMANENT, type SubjectState } from '../policy/state.ts'
import { checkDatabase, createFile } from '../system/safe-file.ts'
import { eventOf, isEvent } from './event.ts'
import type {
  Claim,
  EventQuery,
  JudgedRequest,
  ListQuery,
  PolicyEvent,
  Store,
  SubjectReport,
} from './store.ts'

/** Milliseconds that a decision waits for another process that writes. */
const BUSY_MS = 200

/** Rows that go in one slice of what is too old. */
const SLICE = 1000

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

/** What has come since; an older asnzone doesn't miss it. */
const ADDED = `
  CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, token TEXT, until INTEGER) WITHOUT ROWID;
`

const SUBJECT =
  'user, first, last, requests, refused, block_since, block_until, block_reason, lat, lon, radius, city, country, placed'

const EVENT = 'id, time, user, address, country, asn, rule, action, source'

interface SubjectRow {
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

interface SeenRow {
  readonly kind: Kind
  readonly value: string
  readonly home: number
  readonly refused: number
  readonly first: number
  readonly last: number
}

/** Keeps accounts in a file. */
export class SqliteStore implements Store {
  readonly mendsItself = false
  readonly #database: Database.Database
  readonly #statements: Statements

  private constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepareAll(database)
  }

  /**
   * Opens the file, and makes it where there is none.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when a newer asnzone has written it.
   * @throws {Error} of SQLite or the file system.
   */
  static open(file: string): SqliteStore {
    checkDatabase(file)
    // SQLite gives the files beside it the mode of this one.
    if (!existsSync(file)) closeSync(createFile(file))
    const database = new Database(file)
    try {
      database.exec(
        `PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
      )
      migrate(database, file)
      return new SqliteStore(database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  async decide(request: JudgedRequest): Promise<Decision> {
    const first = this.#judge(request)
    if (!isChange(first.changes) && !isEvent(first)) return first
    return this.#inTransaction(() => {
      // Another process may have written since.
      const decision = this.#judge(request)
      this.#remember(request, decision)
      return decision
    })
  }

  async look(request: Omit<JudgedRequest, 'source'>): Promise<Decision> {
    return this.#judge(request)
  }

  async report(user: string): Promise<SubjectReport | null> {
    const row = this.#statements.subject.get(user) as SubjectRow | undefined
    return row === undefined ? null : this.#reportOf(row)
  }

  async list({ blocked, text, after, limit }: ListQuery, now: number): Promise<readonly SubjectReport[]> {
    const which = blocked ? this.#statements.listBlocked : this.#statements.list
    const rows = which.all(...[after, text, ...(blocked ? [now] : []), limit]) as SubjectRow[]
    return rows.map((row) => this.#reportOf(row))
  }

  async events({ user = null, before = '', since = 0, limit }: EventQuery): Promise<readonly PolicyEvent[]> {
    const { eventsOf, allEvents } = this.#statements
    const below = before === '' ? Number.MAX_SAFE_INTEGER : Number.parseInt(before, 10)
    const rows = user === null ? allEvents.all(below, since, limit) : eventsOf.all(user, below, since, limit)
    return (rows as (Omit<PolicyEvent, 'host'> & { id: number })[]).map(({ id, ...event }) => {
      return { id: String(id), ...event, host: null }
    })
  }

  async claim({ user, token, milliseconds }: Claim, now: number): Promise<boolean> {
    const { told, addTold } = this.#statements
    const name = toldName(user)
    return this.#inTransaction(() => {
      const before = told.get(name, now) as { token: string } | undefined
      if (before !== undefined && (token === '' || before.token === token)) return false
      addTold.run(name, token, now + milliseconds)
      return true
    })
  }

  async unblock(user: string | null, now: number): Promise<number> {
    const { unblock, unblockAll, unrefuse, unrefuseAll } = this.#statements
    return this.#inTransaction(() => {
      if (user === null) {
        unrefuseAll.run(now)
        return unblockAll.run(now).changes
      }
      // What was refused may try again as if for the first time.
      unrefuse.run(user)
      return unblock.run(user, now).changes
    })
  }

  async forget(user: string): Promise<boolean> {
    const { forget, forgetSeen, forgetEvents, forgetTold } = this.#statements
    return this.#inTransaction(() => {
      const found = [forget, forgetSeen, forgetEvents].map((it) => it.run(user))
      found.push(forgetTold.run(toldName(user)))
      return found.some(({ changes }) => changes > 0)
    })
  }

  async adopt(report: SubjectReport, window: number, now: number): Promise<boolean> {
    const { subject, addSubject, block, place, touchSeen, dropSeen } = this.#statements
    const { user, first, last, requests, refused, state } = report
    const entries = KINDS.flatMap((kind) =>
      [...state.entries[kind]]
        .filter(([, entry]) => entry.last > now - window)
        .map(([value, entry]) => ({ kind, value, entry })),
    )
    if (entries.length === 0 && !isBlocked(state, now)) return false
    return this.#inTransaction(() => {
      if (subject.get(user) !== undefined) return false
      addSubject.run(user, first, last, requests, refused)
      const changes = { entries, removed: [], block: state.block, place: state.place }
      this.#write(user, changes, { block, place, touchSeen, dropSeen })
      return true
    })
  }

  async records(): Promise<readonly string[] | null> {
    const { hasRecords, records } = this.#statements
    if (hasRecords.get() === undefined) return null
    return (records.all() as { json: string }[]).map(({ json }) => json)
  }

  async setRecords(records: readonly string[] | null): Promise<void> {
    const { clearRecords, addRecord, noteRecords, unnoteRecords } = this.#statements
    this.#inTransaction(() => {
      clearRecords.run()
      unnoteRecords.run()
      if (records === null) return
      noteRecords.run()
      for (const [position, json] of records.entries()) addRecord.run(position, json)
    })
  }

  async counts(now: number): Promise<{ readonly users: number; readonly blocked: number }> {
    const { users, blocked } = this.#statements
    const count = (row: unknown): number => (row as { count: number }).count
    return { users: count(users.get()), blocked: count(blocked.get(now)) }
  }

  async expire({ entries, events, now }: { entries: number; events: number; now: number }): Promise<boolean> {
    const { expireSeen, expireEvents, expireSubjects, expireTold } = this.#statements
    return this.#inTransaction(() => {
      const gone = [
        expireSeen.run(entries, now, SLICE),
        expireEvents.run(events, SLICE),
        expireSubjects.run(now, entries, SLICE),
        expireTold.run(now, SLICE),
      ]
      return gone.some(({ changes }) => changes >= SLICE)
    })
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  #judge({ user, client, rules, now }: Omit<JudgedRequest, 'source'>): Decision {
    const row = this.#statements.subject.get(user) as SubjectRow | undefined
    const state = row === undefined ? EMPTY : this.#stateOf(row)
    return decide(state, client, rules, now)
  }

  #stateOf(row: SubjectRow): SubjectState {
    const entries = [new Map<string, Entry>(), new Map<string, Entry>(), new Map<string, Entry>()] as const
    for (const { kind, value, home, refused, first, last } of this.#statements.seen.all(
      row.user,
    ) as SeenRow[]) {
      entries[kind]?.set(value, { first, last, home: home !== 0, refused: refused !== 0 })
    }
    return { entries, block: blockOf(row), place: placeOf(row) }
  }

  #reportOf(row: SubjectRow): SubjectReport {
    const { user, first, last, requests, refused } = row
    return { user, first, last, requests, refused, state: this.#stateOf(row) }
  }

  #remember(request: JudgedRequest, decision: Decision): void {
    const { touchSubject, block, place, touchSeen, dropSeen, addEvent } = this.#statements
    const { user, now } = request
    const { changes, action } = decision
    const isRefused = action === 'reject' || action === 'defer'
    if (isChange(changes)) {
      touchSubject.run(user, now, now, isRefused ? 1 : 0)
      this.#write(user, changes, { block, place, touchSeen, dropSeen })
    }
    if (isEvent(decision)) {
      const { time, address, country, asn, rule, action: what, source } = eventOf(request, decision)
      addEvent.run(time, user, address, country, asn, rule, what, source)
    }
  }

  #write(
    user: string,
    { entries, removed, block: blocked, place: placed }: Changes,
    { block, place, touchSeen, dropSeen }: Pick<Statements, 'block' | 'place' | 'touchSeen' | 'dropSeen'>,
  ): void {
    for (const { kind, value } of removed) dropSeen.run(user, kind, value)
    for (const { kind, value, entry } of entries) {
      touchSeen.run(user, kind, value, Number(entry.home), Number(entry.refused), entry.first, entry.last)
    }
    if (blocked !== null) block.run(blocked.since, blocked.until, blocked.reason, user)
    if (placed !== null) {
      const { latitude, longitude, radius, isCity, country, time } = placed
      place.run(latitude, longitude, radius, Number(isCity), country, time, user)
    }
  }

  #inTransaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite rolls some failures back by itself.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

const toldName = (user: string | null): string => (user === null ? 'digest' : `user:${user}`)

const EMPTY: SubjectState = { entries: [new Map(), new Map(), new Map()], block: null, place: null }

function blockOf({
  block_since: since,
  block_until: until,
  block_reason: reason,
}: SubjectRow): SubjectState['block'] {
  return since === null || until === null ? null : { since, until, reason: reason ?? '' }
}

function placeOf({ lat, lon, radius, city, country, placed }: SubjectRow): SubjectState['place'] {
  if (lat === null || lon === null || placed === null) return null
  return {
    latitude: lat,
    longitude: lon,
    radius: radius ?? 0,
    isCity: city === 1,
    country: country ?? '',
    time: placed,
  }
}

function migrate(database: Database.Database, file: string): void {
  const version = (): number =>
    (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  if (version() > SCHEMA_VERSION) {
    throw new AsnzoneError(
      'ASNZONE_DATA',
      `${file}: a newer asnzone has written it (version ${version()}, this one knows ${SCHEMA_VERSION}); update asnzone, or move the file away`,
    )
  }
  const isNew = version() === 0
  if (!isNew && database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'told'").get() !== undefined)
    return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have made it meanwhile.
    if (version() === 0) database.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`)
    database.exec(ADDED)
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

type Statements = ReturnType<typeof prepareAll>

function prepareAll(database: Database.Database) {
  const of = (text: string): Database.Statement => database.prepare(text)
  const isBlocked = `block_until IS NOT NULL AND (block_until = ${PERMANENT} OR block_until > ?)`
  const lift = 'UPDATE subject SET block_since = NULL, block_until = NULL, block_reason = NULL'
  return {
    subject: of(`SELECT ${SUBJECT} FROM subject WHERE user = ?`),
    seen: of('SELECT kind, value, home, refused, first, last FROM seen WHERE user = ?'),
    list: of(`SELECT ${SUBJECT} FROM subject WHERE user > ? AND instr(user, ?) > 0 ORDER BY user LIMIT ?`),
    listBlocked: of(
      `SELECT ${SUBJECT} FROM subject WHERE user > ? AND instr(user, ?) > 0 AND ${isBlocked} ORDER BY user LIMIT ?`,
    ),
    eventsOf: of(
      `SELECT ${EVENT} FROM event WHERE user = ? AND id < ? AND time > ? ORDER BY id DESC LIMIT ?`,
    ),
    allEvents: of(`SELECT ${EVENT} FROM event WHERE id < ? AND time > ? ORDER BY id DESC LIMIT ?`),
    told: of('SELECT token FROM told WHERE name = ? AND until > ?'),
    addTold: of('INSERT OR REPLACE INTO told (name, token, until) VALUES (?, ?, ?)'),
    forgetTold: of('DELETE FROM told WHERE name = ?'),
    expireTold: of('DELETE FROM told WHERE name IN (SELECT name FROM told WHERE until <= ? LIMIT ?)'),
    touchSubject: of(
      `INSERT INTO subject (user, first, last, requests, refused) VALUES (?, ?, ?, 1, ?) ON CONFLICT (user) DO UPDATE
       SET last = max(last, excluded.last), requests = requests + 1, refused = refused + excluded.refused`,
    ),
    addSubject: of('INSERT INTO subject (user, first, last, requests, refused) VALUES (?, ?, ?, ?, ?)'),
    block: of('UPDATE subject SET block_since = ?, block_until = ?, block_reason = ? WHERE user = ?'),
    place: of(
      'UPDATE subject SET lat = ?, lon = ?, radius = ?, city = ?, country = ?, placed = ? WHERE user = ?',
    ),
    touchSeen: of(
      'INSERT OR REPLACE INTO seen (user, kind, value, home, refused, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    dropSeen: of('DELETE FROM seen WHERE user = ? AND kind = ? AND value = ?'),
    addEvent: of(
      'INSERT INTO event (time, user, address, country, asn, rule, action, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    unblock: of(`${lift} WHERE user = ? AND ${isBlocked}`),
    unblockAll: of(`${lift} WHERE ${isBlocked}`),
    unrefuse: of('DELETE FROM seen WHERE user = ? AND refused = 1'),
    unrefuseAll: of(
      `DELETE FROM seen WHERE refused = 1 AND user IN (SELECT user FROM subject WHERE ${isBlocked})`,
    ),
    forget: of('DELETE FROM subject WHERE user = ?'),
    forgetSeen: of('DELETE FROM seen WHERE user = ?'),
    forgetEvents: of('DELETE FROM event WHERE user = ?'),
    hasRecords: of("SELECT 1 FROM setting WHERE name = 'records'"),
    noteRecords: of("INSERT INTO setting (name, value) VALUES ('records', 'set')"),
    unnoteRecords: of("DELETE FROM setting WHERE name = 'records'"),
    records: of('SELECT json FROM record ORDER BY position'),
    clearRecords: of('DELETE FROM record'),
    addRecord: of('INSERT INTO record (position, json) VALUES (?, ?)'),
    users: of('SELECT count(*) AS count FROM subject'),
    blocked: of(`SELECT count(*) AS count FROM subject WHERE ${isBlocked}`),
    // What a block was laid on stays until the block is over: who was known then may pass it.
    expireSeen: of(
      `DELETE FROM seen WHERE (user, kind, value) IN (SELECT user, kind, value FROM seen WHERE last <= ?
       AND user NOT IN (SELECT user FROM subject WHERE ${isBlocked}) LIMIT ?)`,
    ),
    expireEvents: of('DELETE FROM event WHERE id IN (SELECT id FROM event WHERE time <= ? LIMIT ?)'),
    expireSubjects: of(
      `DELETE FROM subject WHERE user IN (SELECT user FROM subject WHERE NOT (${isBlocked}) IS TRUE AND last <= ?
       AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.user = subject.user) LIMIT ?)`,
    ),
  }
}
