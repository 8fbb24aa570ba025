// Keeps the statistics: collects what was counted and writes it. What can't be written is kept for the next time.

import { OpenFile } from '../system/open-file.ts'
import type { Table } from '../table/table.ts'
import { Aggregator, type Increments, noIncrements } from './aggregator.ts'
import { StatsWriter } from './database.ts'
import type { RecordCounts } from './record-counts.ts'

/** What became of the writes. */
export interface KeeperReport {
  /** Why a write failed; null when one went well after that. */
  readonly error: string | null
  /** Writes that failed so far. */
  readonly failures: number
}

/** One database and the tables that are counted for it. */
export class Keeper {
  readonly #file: string
  readonly #open: OpenFile
  readonly #tell: (report: KeeperReport) => void
  readonly #now: () => Date
  readonly #aggregator = new Aggregator()
  #writer: StatsWriter | null = null
  #increments: Increments = noIncrements()
  #failures = 0
  #failed = false

  /**
   * @param tell told about each write that fails, and the first that goes well again
   * @param now the clock
   */
  constructor(file: string, tell: (report: KeeperReport) => void, now: () => Date = () => new Date()) {
    this.#file = file
    this.#open = new OpenFile(file)
    this.#tell = tell
    this.#now = now
  }

  /** Counts for another table, too. */
  watch(table: Table, counts: RecordCounts): void {
    this.#aggregator.watch(table, counts)
  }

  /** Nothing answers from the tables before the newest any more: counts what they still have, and drops them. */
  dropOldTables(): void {
    this.#aggregator.collect(this.#increments)
    this.#aggregator.forgetOthers()
  }

  /** Writes what was counted since the last write that went well; returns why it can't, or null. */
  write(): string | null {
    this.#aggregator.collect(this.#increments)
    try {
      // SQLite would go on writing to a file that somebody has removed, or moved another one over.
      if (this.#open.isGone) this.#closeWriter()
      if (this.#increments.countries.size === 0 && this.#writer !== null) return null
      this.#writer ??= this.#openWriter()
      this.#writer.add(this.#increments, this.#now())
      this.#increments = noIncrements()
    } catch (error) {
      const { message } = error as Error
      this.#failures++
      this.#failed = true
      this.#tell({ error: message, failures: this.#failures })
      return message
    }
    if (this.#failed) this.#tell({ error: null, failures: this.#failures })
    this.#failed = false
    return null
  }

  /** Writes for the last time. */
  close(): void {
    this.write()
    this.#closeWriter()
  }

  #openWriter(): StatsWriter {
    const writer = new StatsWriter(this.#file)
    this.#open.opened()
    return writer
  }

  #closeWriter(): void {
    this.#open.closed()
    this.#writer?.close()
    this.#writer = null
  }
}
