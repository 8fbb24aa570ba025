// What was learned, in memory and in DATADIR/learned.sqlite. Several processes may learn at once: each batch is a
// transaction that begins by reading anew what another has changed, so that SQLite's lock is the only one.

import { createHmac } from 'node:crypto'
import type Database from 'libsql'
import { KeyTable } from './key-table.ts'
import { ADDRESS_HIGH, KIND, keyText, kindName, kindOf, MAX_REPORTERS, reporterOf } from './keys.ts'
import { isCount, putLearned } from './learned-rows.ts'
import { Model } from './model.ts'
import { openState, prepareAll, type Statements } from './schema.ts'
import { notOurs, stateFault } from './state-file.ts'

/** The most keys, addresses among them: 28 MB of memory. */
export const MAX_KEYS = 1_000_000

const DAY = 86_400

/** Days that raw verdicts are kept for --check. */
export const KEPT_DAYS = 60

/** Who has told something. */
export interface Reporter {
  readonly number: number
  readonly name: string
  /** The last day that it told something on, in days since the epoch, and how much. */
  day: number
  count: number
}

/** A verdict that was kept. */
export interface KeptVerdict {
  readonly time: number
  readonly address: string
  readonly spam: boolean
  readonly weight: number
}

/** What of the state must be known to open it. */
export interface StateOptions {
  /** In seconds. */
  readonly halfLife: number
  readonly maxKeys?: number
}

/** The state of one data directory. */
export class LearnState {
  readonly #file: string
  readonly #options: StateOptions
  readonly #database: Database.Database
  readonly #statements: Statements
  readonly #touched = new Set<number>()
  readonly #reporters = new Map<string, Reporter>()
  readonly #changed = new Set<Reporter>()
  #hashKey: Buffer = Buffer.alloc(0)
  #swept = 0
  /** What SQLite counts when another connection has written. */
  #changes = -1
  #model: Model

  /** @throws {AsnzoneError} `ASNZONE_DATA` when the file can't be used, with what to do. */
  constructor(file: string, options: StateOptions) {
    this.#file = file
    this.#options = options
    this.#model = this.#emptyModel()
    try {
      this.#database = openState(file)
      this.#statements = prepareAll(this.#database)
      this.transaction(() => {})
    } catch (error) {
      throw stateFault(this.#file, error)
    }
  }

  /** What was learned; another after each transaction in which another process was found to have changed it. */
  get model(): Model {
    return this.#model
  }

  get reporters(): ReadonlyMap<string, Reporter> {
    return this.#reporters
  }

  /**
   * Does something with the model while no other process does, and writes what it has changed: all or nothing.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when the file can't be read or written.
   */
  transaction<Result>(work: () => Result): Result {
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const { data_version: changes } = this.#statements.changes.get() as { data_version: number }
      if (changes !== this.#changes) this.#load()
      this.#changes = changes
      const result = work()
      this.#write()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // What is in memory is no longer what is on the disk: it is read again.
      this.#changes = -1
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      throw stateFault(this.#file, error)
    }
  }

  /** 32 bits that stand for an address in this installation, and in no other. */
  hashOf(address: string): number {
    return createHmac('sha256', this.#hashKey).update(address).digest().readUInt32LE(0)
  }

  /** The reporter of a name, in a transaction; null when there are too many. */
  reporter(name: string): Reporter | null {
    const known = this.#reporters.get(name)
    if (known !== undefined || this.#reporters.size > MAX_REPORTERS) return known ?? null
    const reporter = { number: this.#reporters.size, name, day: 0, count: 0 }
    this.#reporters.set(name, reporter)
    this.#changed.add(reporter)
    return reporter
  }

  /** Counts a verdict of a reporter, in a transaction; false when it has told enough for that day. */
  mayTell(reporter: Reporter, quota: number, now: number): boolean {
    const day = Math.floor(now / DAY)
    if (reporter.day !== day) {
      reporter.day = day
      reporter.count = 0
    }
    if (reporter.count >= quota) return false
    reporter.count++
    this.#changed.add(reporter)
    return true
  }

  /** Drops what is worth nothing any more, once a day and when there is no room for a lesson; in a transaction. */
  makeRoom(now: number): void {
    const isDue = now - this.#swept >= DAY
    if (!isDue && this.#model.hasRoom) return
    this.#writeTouched()
    for (const [high, low] of this.#model.keys.sweep(now, !this.#model.hasRoom)) {
      if (kindOf(high) === KIND.address) this.#statements.dropAddress.run(low)
      else this.#statements.dropLearned.run(kindName(high), keyText(high, low), reporterOf(high))
    }
    this.#statements.dropVerdicts.run(Math.floor(now - KEPT_DAYS * DAY))
    this.#swept = now
    this.#statements.setSetting.run('swept', String(Math.floor(now)))
  }

  /** Keeps a verdict for --check, in a transaction. */
  keep({ time, address, spam, weight }: KeptVerdict): void {
    this.#statements.addVerdict.run(Math.floor(time), address, spam ? 1 : 0, weight)
  }

  /** The newest verdicts that were kept, in the order of time. */
  kept(most: number): KeptVerdict[] {
    try {
      const rows = this.#statements.verdicts.all(most) as Record<'time' | 'spam' | 'weight', number>[]
      return rows.map(({ time, spam, weight, ...rest }) => {
        const { address } = rest as unknown as { address: unknown }
        return {
          time: Number(time),
          address: String(address),
          spam: Number(spam) === 1,
          weight: Number(weight),
        }
      })
    } catch (error) {
      throw stateFault(this.#file, error)
    }
  }

  close(): void {
    this.#database.close()
  }

  #emptyModel(): Model {
    const { halfLife, maxKeys = MAX_KEYS } = this.#options
    return new Model(
      new KeyTable(halfLife, maxKeys),
      () => this.#reporters.size,
      (at) => this.#touched.add(at),
    )
  }

  #load(): void {
    this.#model = this.#emptyModel()
    this.#touched.clear()
    this.#reporters.clear()
    this.#changed.clear()
    const { setting, reporters, learned, addresses } = this.#statements
    const text = (name: string): string => String((setting.get(name) as { value?: unknown })?.value ?? '')
    this.#hashKey = Buffer.from(text('key'), 'hex')
    if (this.#hashKey.length !== 16) throw notOurs('the key of its hashes is missing')
    this.#swept = Number(text('swept')) || 0
    for (const row of reporters.iterate()) {
      const { number, name, day, count } = row as unknown as Reporter
      if (number !== this.#reporters.size) throw notOurs('its reporters are not in order')
      this.#reporters.set(String(name), {
        number,
        name: String(name),
        day: Number(day),
        count: Number(count),
      })
    }
    const { keys } = this.#model
    putLearned(keys, learned.iterate(), this.#reporters.size)
    for (const row of addresses.iterate()) {
      const { hash, verdicts, seen } = row as unknown as Record<'hash' | 'verdicts' | 'seen', number>
      if (![hash, verdicts, seen].every(isCount)) throw notOurs('an address is not a row of what was learned')
      if (keys.isFull) continue
      keys.set(keys.place(ADDRESS_HIGH, hash), verdicts, 0, seen)
    }
  }

  #write(): void {
    this.#writeTouched()
    for (const { number, name, day, count } of this.#changed) {
      this.#statements.setReporter.run(number, name, day, count)
    }
    this.#changed.clear()
  }

  #writeTouched(): void {
    const { keys } = this.#model
    for (const at of this.#touched) {
      const [high, low] = [keys.high(at), keys.low(at)]
      const [spam, ham, seen] = [keys.spamThen(at), keys.hamThen(at), keys.seen(at)]
      if (kindOf(high) === KIND.address) this.#statements.setAddress.run(low, spam, seen)
      else {
        this.#statements.setLearned.run(kindName(high), keyText(high, low), reporterOf(high), spam, ham, seen)
      }
    }
    this.#touched.clear()
  }
}
