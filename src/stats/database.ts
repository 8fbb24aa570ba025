// The statistics on disk: a SQLite database that sqlite3 and everything else that speaks SQLite can read.
//
//     GEO_STATS   country, counter, interval         unique by country and interval
//     ASN_STATS   asn, name, counter, interval       unique by asn and interval
//
// An interval is `total`, a year, a month or a day; see intervals.ts. The library is SQLite itself, compiled for
// the machine, and locks as sqlite3 does: readers and the writer wait for each other, for as long as a write takes.

import { chmodSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type Database from 'libsql'
import { AsnzoneError } from '../errors.ts'
import { collectYoungGarbage } from '../system/collect-garbage.ts'
import { ofFile } from '../system/file-reason.ts'
import { makeDirectory } from '../system/make-directory.ts'
import { checkDatabase, MODE } from '../system/safe-file.ts'
import { closeDatabase, openShared } from '../system/sqlite.ts'
import type { Increments } from './aggregator.ts'
import { ClockCourse } from './clock-course.ts'
import { countedIntervals, intervalsOf } from './intervals.ts'

/** Milliseconds that a write waits for others that read or write, and a reader for a write. */
const BUSY_MS = 1000

/** How many days are kept, of those that queries were counted on; months and years stay. */
const KEPT_DAYS = 400

/** More days than these in the future are true, and it is the clock that is behind. */
const MAX_DAYS_AHEAD = 31

const DAY_MS = 86_400_000

const TABLES = ['GEO_STATS', 'ASN_STATS'] as const

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS GEO_STATS (
    id INTEGER PRIMARY KEY,
    country VARCHAR(2) NOT NULL,
    counter INTEGER NOT NULL,
    interval VARCHAR(25) NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS GEO_STATS_COUNTRY_INTERVAL ON GEO_STATS (country, interval);
  CREATE TABLE IF NOT EXISTS ASN_STATS (
    asn INTEGER NOT NULL,
    name TEXT NOT NULL,
    counter INTEGER NOT NULL,
    interval VARCHAR(25) NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS ASN_STATS_ASN_INTERVAL ON ASN_STATS (asn, interval);
  CREATE INDEX IF NOT EXISTS ASN_STATS_INTERVAL ON ASN_STATS (interval);
`

/** Databases of 0.1 have no id in GEO_STATS, which Geo Weight's own table begins with. */
const HAS_ID = "SELECT count(*) AS found FROM pragma_table_info('GEO_STATS') WHERE name = 'id'"
const IS_THERE = "SELECT count(*) AS found FROM sqlite_schema WHERE type = 'table' AND name = 'GEO_STATS'"
const MOVE_AWAY =
  'ALTER TABLE GEO_STATS RENAME TO GEO_STATS_WITHOUT_ID; DROP INDEX IF EXISTS GEO_STATS_COUNTRY_INTERVAL'
const MOVE_BACK = `
  INSERT INTO GEO_STATS (country, counter, interval)
    SELECT country, counter, interval FROM GEO_STATS_WITHOUT_ID ORDER BY rowid;
  DROP TABLE GEO_STATS_WITHOUT_ID`

const ADD_COUNTRY = `
  INSERT INTO GEO_STATS (country, counter, interval) VALUES (?, ?, ?)
  ON CONFLICT (country, interval) DO UPDATE SET counter = counter + excluded.counter`

const ADD_AS = `
  INSERT INTO ASN_STATS (asn, name, counter, interval) VALUES (?, ?, ?, ?)
  ON CONFLICT (asn, interval) DO UPDATE SET counter = counter + excluded.counter, name = excluded.name`

/** SQLite lets a column hold a text whatever its type, and others may write to the file. */
const COUNTER = 'CAST(counter AS INTEGER) AS counter'

/** Queries of one country in one interval. */
export interface CountryRow {
  readonly interval: string
  readonly country: string
  readonly counter: number
}

/** All queries of one interval. */
export interface IntervalRow {
  readonly interval: string
  readonly counter: number
}

/** Queries of one AS in one interval. */
export interface AsRow {
  readonly interval: string
  readonly asn: number
  readonly name: string
  readonly counter: number
}

/** How many queries were about something, of all that were counted. */
export interface QueryShare {
  readonly queries: number
  readonly of: number
}

/** What belongs to a database that is open. */
interface Opened {
  readonly database: Database.Database
  readonly addCountry: Database.Statement
  readonly addAs: Database.Statement
}

/** The database of the server that counts. */
export class StatsWriter {
  /** In one place, so that nothing of it is left when it is closed: a statement would keep the file open. */
  #opened: Opened | null
  readonly #course = new ClockCourse()
  #day = ''

  /** @throws {Error} of SQLite or the file system. */
  constructor(file: string) {
    makeDirectory(dirname(file))
    checkDatabase(file)
    // SQLite gives the files beside it the mode of this one.
    if (existsSync(file)) chmodSync(file, MODE)
    const database = openShared(file, { busy: BUSY_MS })
    try {
      makeTables(database)
      this.#opened = { database, addCountry: database.prepare(ADD_COUNTRY), addAs: database.prepare(ADD_AS) }
    } catch (error) {
      void closeDatabase(database)
      throw error
    }
  }

  /**
   * Adds queries to the intervals of a time, all or none.
   *
   * @throws {Error} of SQLite, when the database is locked or the disk is full, for instance.
   */
  add({ countries, ases }: Increments, time: Date): void {
    const intervals = countedIntervals(time)
    const day = intervals[intervals.length - 1]
    const isSteady = this.#course.isSteady(time)
    const { database, addCountry, addAs } = this.#open
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const interval of intervals) {
        for (const [country, queries] of countries) addCountry.run(country, queries, interval)
        for (const { asn, name, queries } of ases.values()) addAs.run(asn, name, queries, interval)
      }
      if (this.#day !== day) forgetOldDays(database)
      if (this.#day !== day && isSteady) forgetTheFuture(database, time)
      database.exec('COMMIT')
      this.#day = day
    } catch (error) {
      // SQLite rolls some failures back by itself.
      if (database.inTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    const database = this.#opened?.database
    this.#opened = null
    if (database !== undefined) void closeDatabase(database)
  }

  get #open(): Opened {
    if (this.#opened === null) throw new Error('it is closed')
    return this.#opened
  }
}

/** Makes the tables that are missing, and gives the one of an older asnzone its id; all or nothing. */
function makeTables(database: Database.Database): void {
  const isTrue = (question: string): boolean =>
    (database.prepare(question).get() as { found: number }).found > 0
  database.exec('BEGIN IMMEDIATE')
  try {
    const isOld = isTrue(IS_THERE) && !isTrue(HAS_ID)
    if (isOld) database.exec(MOVE_AWAY)
    database.exec(SCHEMA)
    if (isOld) database.exec(MOVE_BACK)
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** By how many there are, not by the date of today: a clock that is years ahead would empty the database. */
function forgetOldDays(database: Database.Database): void {
  for (const table of TABLES) {
    const oldest = `SELECT DISTINCT interval FROM ${table} WHERE length(interval) = 10
      ORDER BY interval DESC LIMIT 1 OFFSET ${KEPT_DAYS - 1}`
    database.prepare(`DELETE FROM ${table} WHERE length(interval) = 10 AND interval < (${oldest})`).run()
  }
}

/** Forgets what was counted by a clock that was ahead, unless there is so much that it is the one of now that is behind. */
function forgetTheFuture(database: Database.Database, time: Date): void {
  // Tomorrow, since the offset of local time may change as well.
  const [, ...tomorrow] = intervalsOf(new Date(time.getTime() + DAY_MS))
  for (const table of TABLES) {
    const ahead = `SELECT count(DISTINCT interval) AS days FROM ${table} WHERE length(interval) = 10 AND interval > ?`
    const { days } = database.prepare(ahead).get(tomorrow[2]) as { days: number }
    if (days === 0 || days > MAX_DAYS_AHEAD) continue
    const remove = database.prepare(
      `DELETE FROM ${table} WHERE length(interval) = length(?1) AND interval > ?1`,
    )
    for (const interval of tomorrow) remove.run(interval)
  }
}

/** The database as it is read beside a server that writes to it. */
export class StatsReader {
  readonly #database: Database.Database

  /** @throws {AsnzoneError} `ASNZONE_DATA` when there is none, or it can't be read. */
  constructor(file: string) {
    if (!existsSync(file)) {
      throw new AsnzoneError('ASNZONE_DATA', `${file}: no statistics yet; serve counts with 'stats: true'`)
    }
    let database: Database.Database | undefined
    try {
      database = openShared(file, { busy: BUSY_MS })
      database.prepare('SELECT count(*) FROM GEO_STATS, ASN_STATS WHERE 0').get()
    } catch (cause) {
      database?.close()
      throw new AsnzoneError('ASNZONE_DATA', ofFile(file, (cause as Error).message), { cause })
    }
    this.#database = database
  }

  /** The countries of an interval, or of all when none is given; the most queries first. */
  countries(interval?: string): CountryRow[] {
    return this.#rows<CountryRow>(`interval, country, ${COUNTER} FROM GEO_STATS`, 'country', interval)
  }

  /** The ASes of an interval, or of all when none is given; the most queries first, and no more than `most`. */
  ases(interval?: string, max?: number): AsRow[] {
    return this.#rows<AsRow>(
      `interval, CAST(asn AS INTEGER) AS asn, name, ${COUNTER} FROM ASN_STATS`,
      'asn',
      interval,
      max,
    )
  }

  /** The queries about an AS or a country in an interval, and all of that interval. */
  shareOf(about: { readonly asn: number } | { readonly country: string }, interval: string): QueryShare {
    const [table, column, value] =
      'asn' in about
        ? (['ASN_STATS', 'asn', about.asn] as const)
        : (['GEO_STATS', 'country', about.country] as const)
    const one = `SELECT ${COUNTER} FROM ${table} WHERE ${column} = ? AND interval = ?`
    const all = 'SELECT CAST(sum(counter) AS INTEGER) FROM GEO_STATS WHERE interval = ?'
    const row = this.#database
      .prepare(`SELECT (${one}) AS queries, (${all}) AS total`)
      .get(value, interval, interval)
    const { queries, total } = row as { readonly queries: number | null; readonly total: number | null }
    return { queries: queries ?? 0, of: total ?? 0 }
  }

  /** All intervals that were counted in, the oldest first, with the queries of all countries. */
  intervals(): IntervalRow[] {
    const sums = 'SELECT interval, sum(counter) AS counter FROM GEO_STATS GROUP BY interval ORDER BY interval'
    return this.#database.prepare(sums).all() as IntervalRow[]
  }

  close(): void {
    this.#database.close()
    // Its statements, which have been made just now, keep the file open.
    collectYoungGarbage()
  }

  #rows<Row>(what: string, key: string, interval: string | undefined, max = -1): Row[] {
    const where = interval === undefined ? '' : 'WHERE interval = ?'
    const order = `ORDER BY interval = 'total' DESC, interval, counter DESC, ${key}`
    const statement = this.#database.prepare(`SELECT ${what} ${where} ${order} LIMIT ?`)
    return statement.all(...(interval === undefined ? [] : [interval]), max) as Row[]
  }
}
