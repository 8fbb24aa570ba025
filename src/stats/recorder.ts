// The server's side of the statistics: the thread that keeps them, and what it is told.

import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { createRecordCounts, type RecordCounts } from './record-counts.ts'
import { STATS_FILE } from './stats-file.ts'
import type { StatsOrder, StatsReport, StatsTask, StatsWritten } from './stats-thread.ts'

/** Why nothing can be written when the thread is gone. */
const ENDED = 'what writes them has ended'

/** Settings of the statistics. */
export interface RecorderOptions {
  /** The directory of the database. */
  readonly directory: string
  /** Milliseconds between two writes: what a crash may lose. */
  readonly interval: number
  /** Threads that count at a time. */
  readonly slices: number
  /** Told when writing fails, and with null when it goes on; what couldn't be written is kept until then. */
  readonly onTrouble: (message: string | null) => void
}

/** Keeps statistics in a thread of their own. */
export class StatsRecorder {
  readonly #thread: Worker
  readonly #ended: Promise<void>
  readonly #slices: number
  /** Who waits for a write, in the order of their orders. */
  readonly #waiting: ((reason: string | null) => void)[] = []
  #hasEnded = false
  #failures = 0
  #isFailing = false
  #watched: { readonly table: SharedArrayBuffer; readonly counts: RecordCounts } | null = null

  constructor({ directory, interval, slices, onTrouble }: RecorderOptions) {
    const task: StatsTask = { file: join(directory, STATS_FILE), interval }
    this.#slices = slices
    this.#thread = new Worker(new URL('./stats-thread.js', import.meta.url), { workerData: task })
    this.#ended = new Promise((resolve) =>
      this.#thread.once('exit', () => {
        this.#hasEnded = true
        for (const tell of this.#waiting.splice(0)) tell(ENDED)
        resolve()
      }),
    )
    this.#thread.on('message', (message: StatsReport | StatsWritten) => {
      if ('written' in message) {
        this.#waiting.shift()?.(message.written)
        return
      }
      const { error, failures } = message
      const wasFailing = this.#isFailing
      this.#failures = failures
      this.#isFailing = error !== null
      if (this.#isFailing !== wasFailing) onTrouble(error === null ? null : `${task.file}: ${error}`)
    })
    // Statistics are not worth a server.
    this.#thread.on('error', (error) => onTrouble(`${task.file}: no statistics any more: ${error.message}`))
  }

  /** Writes that failed so far. */
  get failures(): number {
    return this.#failures
  }

  /** Counters for a table that is going to be answered from, or still is; they are read from now on. */
  watch(table: SharedArrayBuffer, records: number): RecordCounts {
    if (this.#watched?.table === table) return this.#watched.counts
    const counts = createRecordCounts(records, this.#slices)
    this.#watched = { table, counts }
    this.#order({ kind: 'watch', table, counts })
    return counts
  }

  /** Nothing answers from the tables before the newest any more. */
  dropOldTables(): void {
    this.#order({ kind: 'drop-old-tables' })
  }

  /** Writes now what was counted until now; resolves with why it can't be, or null. */
  write(): Promise<string | null> {
    if (this.#hasEnded) return Promise.resolve(ENDED)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#order({ kind: 'write' })
    })
  }

  /** Writes for the last time; resolves when that is done. */
  async stop(): Promise<void> {
    this.#order({ kind: 'stop' })
    await this.#ended
  }

  #order(order: StatsOrder): void {
    this.#thread.postMessage(order)
  }
}
