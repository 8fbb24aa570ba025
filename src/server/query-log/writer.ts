// The entry point of the thread that writes the query log: takes queries out of the rings and appends lines to a
// file. However slow the file is, only this thread waits for it.

import { workerData } from 'node:worker_threads'
import { LineFile } from '../../system/line-file.ts'
import { queryLine } from './line.ts'
import { type RefusedClient, RefusedClients } from './refused.ts'
import { RingOutput } from './ring.ts'

/** Milliseconds between two looks into the rings. */
const LOOK_MS = 10

/** Milliseconds between two reports of queries that found no room. */
const REPORT_MS = 10_000

/** Milliseconds between two reports of clients that got no answer. */
const REFUSED_MS = 1000

/** Characters that are written at a time. */
const BATCH = 1 << 16

/** What the main thread hands to the writer. */
export interface WriterData {
  /** The path of a file, or a descriptor. */
  readonly target: string | number
  readonly buffer: SharedArrayBuffer
  readonly rings: number
  /** Lines that were written and that were lost, as 64-bit floats; the writer's own. */
  readonly counts: SharedArrayBuffer
  /** Takes commands, brings reports. */
  readonly port: import('node:worker_threads').MessagePort
}

/** What the main thread tells the writer: to open the file anew, or to write what is there and end. */
export type WriterCommand = 'reopen' | 'stop'

/** What the writer tells. */
export type WriterReport =
  | { readonly kind: 'open' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'recovered'; readonly lost: number }
  | { readonly kind: 'dropped'; readonly queries: number }
  | ReopenReport
  | RefusedReport

/** The reply to 'reopen': why the old file is kept, null when it is not. */
export interface ReopenReport {
  readonly kind: 'reopened'
  readonly reason: string | null
}

/** The clients that got no answer last, the last first. */
export interface RefusedReport {
  readonly kind: 'refused'
  readonly clients: readonly RefusedClient[]
}

const { target, buffer, rings, counts: countsBuffer, port } = workerData as WriterData
const counts = new Float64Array(countsBuffer)
const outputs = Array.from({ length: rings }, (_, ring) => new RingOutput(buffer, ring))
const report = (message: WriterReport): void => port.postMessage(message)
const file = new LineFile(target, {
  onFailure: (reason) => report({ kind: 'failed', reason }),
  onRecovery: (lost) => report({ kind: 'recovered', lost }),
})

const refused = new RefusedClients()

let lines = ''
let count = 0

function flush(): void {
  if (count === 0) return
  const lostBefore = file.lost
  file.write(lines, count)
  counts[1] = file.lost
  counts[0] += count - (file.lost - lostBefore)
  lines = ''
  count = 0
}

function drain(): void {
  for (const output of outputs) {
    output.drain((query) => {
      const line = queryLine(query)
      lines += line
      refused.note(line, query.outcome)
      count++
      if (lines.length >= BATCH) flush()
    })
  }
  flush()
}

function reportRefused(): void {
  const clients = refused.take()
  if (clients !== null) report({ kind: 'refused', clients })
}

let reported = 0

function reportDropped(): void {
  const dropped = outputs.reduce((sum, output) => sum + output.dropped, 0)
  if (dropped > reported) report({ kind: 'dropped', queries: dropped - reported })
  reported = dropped
}

const drainTimer = setInterval(drain, LOOK_MS)
const reportTimer = setInterval(reportDropped, REPORT_MS)
const refusedTimer = setInterval(reportRefused, REFUSED_MS)
port.on('message', (command: WriterCommand) => {
  drain()
  if (command === 'reopen') {
    report({ kind: 'reopened', reason: file.reopen() })
    return
  }
  clearInterval(drainTimer)
  clearInterval(reportTimer)
  clearInterval(refusedTimer)
  reportDropped()
  file.close()
  port.close()
})
report({ kind: 'open' })
