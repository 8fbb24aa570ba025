// The entry point of the thread that keeps the statistics: a slow, locked or full disk holds nothing else up.

import { parentPort, workerData } from 'node:worker_threads'
import { collectGarbage } from '../system/collect-garbage.ts'
import { Table } from '../table/table.ts'
import { Keeper } from './keeper.ts'
import type { RecordCounts } from './record-counts.ts'

/** What the thread is to do. */
export interface StatsTask {
  readonly file: string
  /** Milliseconds between two writes. */
  readonly interval: number
}

/** What it is told. */
export type StatsOrder =
  | { readonly kind: 'watch'; readonly table: SharedArrayBuffer; readonly counts: RecordCounts }
  /** Nothing answers from the tables before the newest any more. */
  | { readonly kind: 'drop-old-tables' }
  /** Answered by a `StatsWritten`, in the order of the orders. */
  | { readonly kind: 'write' }
  | { readonly kind: 'stop' }

/** That it has written because it was told to. */
export interface StatsWritten {
  /** Why it couldn't; null when it could. */
  readonly written: string | null
}

/** What it tells of itself. */
export interface StatsReport {
  /** Why the last write failed; null when it went well after one that failed. */
  readonly error: string | null
  /** Writes that failed so far. */
  readonly failures: number
}

if (parentPort === null) throw new Error('stats-thread.ts is the entry point of a thread')
const port = parentPort
const { file, interval } = workerData as StatsTask
const keeper = new Keeper(file, (report: StatsReport) => port.postMessage(report))
const timer = setInterval(() => keeper.write(), interval)

port.on('message', (order: StatsOrder) => {
  switch (order.kind) {
    case 'watch':
      keeper.watch(new Table(order.table), order.counts)
      break
    case 'drop-old-tables':
      keeper.dropOldTables()
      // This thread makes so little garbage that it would hold the table for hours.
      collectGarbage()
      break
    case 'write':
      port.postMessage({ written: keeper.write() } satisfies StatsWritten)
      break
    case 'stop':
      clearInterval(timer)
      keeper.close()
      port.close()
  }
})
