// The store of a single host: an SQLite file in the data directory, in WAL mode, which is this process's alone. Decisions
// of the same moment share a transaction, which has ended before any of them is told; those that change nothing need none.

import type Database from 'libsql'
import { apply } from '../policy/apply.ts'
import { type Decision, isChange } from '../policy/decision.ts'
import { decide } from '../policy/rules.ts'
import { isBlocked, KINDS, type SubjectState } from '../policy/state.ts'
import { type OwnDatabase, openAlone } from '../system/sqlite.ts'
import { isEvent } from './event.ts'
import { Accounts } from './sqlite-accounts.ts'
import { checkOurs, migrate, prepareAll, type Statements, type SubjectRow } from './sqlite-schema.ts'
import type {
  Claim,
  EventQuery,
  Forgotten,
  JudgedRequest,
  ListQuery,
  PolicyEvent,
  Store,
  SubjectReport,
} from './store.ts'
import { WaitingRequests } from './waiting-requests.ts'

/**
 * Pages of the log after which SQLite takes it into the file, 16 MB: that waits for the disk, and would otherwise come
 * ten times a second.
 */
const CHECKPOINT_PAGES = 4000

/** Milliseconds that it waits at the start for another process to close the file. */
const BUSY_MS = 200

/**
 * Pages of 4 KiB that the file may have, 1 GiB: about a million accounts. Who may ask can make up names, and is not to
 * fill the disk that the data lies on as well.
 */
const MAX_PAGES = 262_144

/** Rows that go in one slice of what is too old. */
const SLICE = 1000

/** A row that is written to see whether one can be; it takes pages of its own. */
const PROBE = 'probe'
const PROBE_TEXT = '-'.repeat(8192)

/** What belongs to a database that is open. */
interface Opened extends OwnDatabase {
  readonly statements: Statements
  readonly accounts: Accounts
}

/** No policy.sqlite is older: a clock that says less is wrong, as that of a host without a battery before it is set. */
const FIRST_STORE = Date.UTC(2026, 10, 1)

/** Keeps accounts in a file. */
export class SqliteStore implements Store {
  readonly mendsItself = false
  /** In one place, so that nothing of it is left when it is closed. */
  #opened: Opened | null
  /** When it was asked last, by the clock that requests are judged by: before the first time anything may have been ahead. */
  #asked = Number.POSITIVE_INFINITY
  readonly #waiting = new WaitingRequests((requests) => this.#decideAll(requests))

  private constructor(own: OwnDatabase) {
    const statements = prepareAll(own.database)
    this.#opened = { ...own, statements, accounts: new Accounts(statements) }
  }

  /**
   * Opens the file, and makes it where there is none.
   *
   * @param pages how many it may have; a change that needs more is refused by SQLite as it is on a full disk
   * @param mayBeNew whether there may be none, or an empty one
   * @throws {AsnzoneError} `ASNZONE_DATA` when a newer asnzone or another program has written it.
   * @throws {Error} of SQLite or the file system, and when another process has it open.
   */
  static open(file: string, pages = MAX_PAGES, mayBeNew = true): SqliteStore {
    const check = (database: Database.Database): void => checkOurs(database, file, mayBeNew)
    const own = openAlone(file, { busy: BUSY_MS, check })
    const { database } = own
    try {
      database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA max_page_count = ${pages}`)
      migrate(database, file)
      return new SqliteStore(own)
    } catch (error) {
      void own.close()
      throw error
    }
  }

  decide(request: JudgedRequest): Promise<Decision> {
    return this.#waiting.add(request)
  }

  async look(request: Omit<JudgedRequest, 'source'>): Promise<Decision> {
    this.#settle(request.now)
    return judge(this.#open.accounts.stateOf(request.user), request)
  }

  async prove(): Promise<void> {
    const { addTold, forgetTold } = this.#open.statements
    // In a transaction of its own, since a full disk is noticed at the end of one.
    this.#inTransaction(() => addTold.run(PROBE, PROBE_TEXT, 0))
    this.#inTransaction(() => forgetTold.run(PROBE))
  }

  async report(user: string): Promise<SubjectReport | null> {
    const row = this.#open.statements.subject.get(user) as SubjectRow | undefined
    return row === undefined ? null : this.#open.accounts.reportOf(row)
  }

  async list({ blocked, text, after, limit }: ListQuery, now: number): Promise<readonly SubjectReport[]> {
    const which = blocked ? this.#open.statements.listBlocked : this.#open.statements.list
    const rows = which.all(...[after, text, ...(blocked ? [now] : []), limit]) as SubjectRow[]
    return rows.map((row) => this.#open.accounts.reportOf(row))
  }

  async events({ user = null, before = '', since = 0, limit }: EventQuery): Promise<readonly PolicyEvent[]> {
    const { eventsOf, allEvents } = this.#open.statements
    const below = before === '' ? Number.MAX_SAFE_INTEGER : Number.parseInt(before, 10)
    const rows = user === null ? allEvents.all(below, since, limit) : eventsOf.all(user, below, since, limit)
    return (rows as (Omit<PolicyEvent, 'host'> & { id: number })[]).map(({ id, ...event }) => {
      return { id: String(id), ...event, host: null }
    })
  }

  async claim({ user, token, milliseconds }: Claim, now: number): Promise<boolean> {
    const { told, addTold } = this.#open.statements
    const name = toldName(user)
    return this.#inTransaction(() => {
      const before = told.get(name, now) as { token: string } | undefined
      if (before !== undefined && (token === '' || before.token === token)) return false
      addTold.run(name, token, now + milliseconds)
      return true
    })
  }

  async unblock(user: string | null, now: number): Promise<number> {
    const { unblock, unblockAll, unrefuse, unrefuseAll } = this.#open.statements
    this.#open.accounts.forget(user)
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

  async forget(user: string): Promise<Forgotten> {
    const { forget, forgetSeen, forgetEvents, forgetTold } = this.#open.statements
    this.#open.accounts.forget(user)
    return this.#inTransaction(() => {
      const found = [forget, forgetSeen, forgetEvents].map((it) => it.run(user))
      found.push(forgetTold.run(toldName(user)))
      return { isFound: found.some(({ changes }) => changes > 0), left: [] }
    })
  }

  async adopt(report: SubjectReport, window: number, now: number): Promise<boolean> {
    const { subject, addSubject } = this.#open.statements
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
      this.#open.accounts.writeChanges(user, { entries, removed: [], block: state.block, place: state.place })
      this.#open.accounts.forget(user)
      return true
    })
  }

  async records(): Promise<readonly string[] | null> {
    const { hasRecords, records } = this.#open.statements
    if (hasRecords.get() === undefined) return null
    return (records.all() as { json: string }[]).map(({ json }) => json)
  }

  async setRecords(records: readonly string[] | null): Promise<void> {
    const { clearRecords, addRecord, noteRecords, unnoteRecords } = this.#open.statements
    this.#inTransaction(() => {
      clearRecords.run()
      unnoteRecords.run()
      if (records === null) return
      noteRecords.run()
      for (const [position, json] of records.entries()) addRecord.run(position, json)
    })
  }

  async counts(now: number): Promise<{ readonly users: number; readonly blocked: number }> {
    const { users, blocked } = this.#open.statements
    const count = (row: unknown): number => (row as { count: number }).count
    return { users: count(users.get()), blocked: count(blocked.get(now)) }
  }

  async expire({ entries, events, now }: { entries: number; events: number; now: number }): Promise<boolean> {
    this.#settle(now)
    const { expireSeen, expireEvents, expireSubjects, expireTold } = this.#open.statements
    return this.#inTransaction(() => {
      const gone = [
        expireSeen.run(entries, now, SLICE),
        expireEvents.run(events, SLICE),
        expireSubjects.run(now, entries, SLICE),
        expireTold.run(now, SLICE),
      ]
      if (gone.some(({ changes }) => changes > 0)) this.#open.accounts.forget(null)
      return gone.some(({ changes }) => changes >= SLICE)
    })
  }

  async close(): Promise<void> {
    this.#waiting.decideRest()
    const close = this.#opened?.close
    this.#opened = null
    await close?.()
  }

  get #open(): Opened {
    if (this.#opened === null) throw new Error('it is closed')
    return this.#opened
  }

  #decideAll(requests: readonly JudgedRequest[]): readonly Decision[] {
    const accounts = this.#open.accounts
    this.#settle(Math.min(...requests.map(({ now }) => now)))
    const { decisions, states } = this.#judgeAll(requests)
    if (!decisions.some((it) => isChange(it.changes) || isEvent(it))) return decisions
    this.#inTransaction(() => {
      for (const [i, request] of requests.entries()) accounts.write(request, decisions[i])
    })
    for (const [user, state] of states) accounts.remember(user, state)
    return decisions
  }

  /** Judges one request after the other, each by what those before it change. */
  #judgeAll(requests: readonly JudgedRequest[]) {
    const states = new Map<string, SubjectState>()
    const decisions = requests.map((request) => {
      const { user } = request
      const state = states.get(user) ?? this.#open.accounts.stateOf(user)
      const decision = judge(state, request)
      if (isChange(decision.changes)) states.set(user, apply(state, decision.changes))
      return decision
    })
    return { decisions, states }
  }

  /**
   * Whatever is later than now when a clock that was ahead is right again is cut to now, once, so that it ends. A clock that
   * can't be right cuts nothing: what was written by a right one would be lost.
   */
  #settle(now: number): void {
    if (now < FIRST_STORE) return
    if (now < this.#asked) {
      const { settleBlocks, settleSubjects, settleSeen, settleEvents } = this.#open.statements
      const all = [settleBlocks, settleSubjects, settleSeen, settleEvents]
      const changed = this.#inTransaction(() => all.reduce((sum, it) => sum + it.run(now).changes, 0))
      if (changed > 0) this.#open.accounts.forget(null)
    }
    this.#asked = now
  }

  #inTransaction<Result>(work: () => Result): Result {
    const { database } = this.#open
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite rolls some failures back by itself.
      if (database.inTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

const toldName = (user: string | null): string => (user === null ? 'digest' : `user:${user}`)

const judge = (
  state: SubjectState,
  { client, rules, now }: Pick<JudgedRequest, 'client' | 'rules' | 'now'>,
): Decision => decide(state, client, rules, now)
