// The query log: queries are noted in rings of shared memory by the thread that answers them, and written by a thread of
// its own. A disk that is slow or full costs lines of the log, never an answer.

import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { AsnzoneError } from '../errors.ts'
import { fileReason } from '../system/file-reason.ts'
import { LineFile } from '../system/line-file.ts'
import type { RefusedClient } from './query-log/refused.ts'
import { type RingHandle, RingOutput, ringMemory } from './query-log/ring.ts'
import type {
  RefusedReport,
  ReopenReport,
  WriterCommand,
  WriterData,
  WriterReport,
} from './query-log/writer.ts'

const STANDARD_OUTPUT = 1

/** Why a query log can't be opened anew whose writer has died. */
const NO_WRITER = 'its thread has ended'

/** Milliseconds that the writer has for its last lines. */
const STOP_MS = 1000

/** Settings of a query log. */
export interface QueryLogOptions {
  /** The file, `-` for standard output. */
  readonly file: string
  /** Every how many queries one is logged. */
  readonly every: number
  /** Threads that may answer. */
  readonly threads: number
  /** Told of what goes wrong, and of its end. */
  readonly onReport: (report: Exclude<WriterReport, { kind: 'open' } | ReopenReport | RefusedReport>) => void
}

/** How many queries were noted and became what. */
export interface QueryLogCounts {
  readonly written: number
  /** They could not be written, because the disk is full for instance. */
  readonly lost: number
  /** They came faster than the file could take them. */
  readonly dropped: number
}

/** A query log. */
export class QueryLog {
  readonly #options: QueryLogOptions
  readonly #buffer: SharedArrayBuffer
  readonly #counts = new SharedArrayBuffer(16)
  #writer: { readonly worker: Worker; readonly port: MessagePort } | null = null
  #hasEnded = false
  #refused: readonly RefusedClient[] = []
  /** Who waits for the file to be opened anew, in the order in which they have asked. */
  readonly #reopening: ((reason: string | null) => void)[] = []

  constructor(options: QueryLogOptions) {
    this.#options = options
    this.#buffer = ringMemory(options.threads)
  }

  /** Where the thread of this number notes its queries. */
  handle(thread: number): RingHandle {
    return { buffer: this.#buffer, ring: thread, every: this.#options.every }
  }

  /** Every how many queries one is logged. */
  get every(): number {
    return this.#options.every
  }

  /** The clients that got no answer last, of those whose queries are logged; the last first. */
  get refused(): readonly RefusedClient[] {
    return this.#refused
  }

  get counts(): QueryLogCounts {
    const [written, lost] = new Float64Array(this.#counts)
    const { threads } = this.#options
    const rings = Array.from({ length: threads }, (_, ring) => new RingOutput(this.#buffer, ring))
    return { written, lost, dropped: rings.reduce((sum, { dropped }) => sum + dropped, 0) }
  }

  /**
   * Begins to write.
   *
   * @throws {AsnzoneError} `ASNZONE_CONFIG` when the file can't be opened.
   */
  async start(): Promise<void> {
    const { file, threads, onReport } = this.#options
    const target = file === '-' ? STANDARD_OUTPUT : file
    try {
      // The writer opens it for itself; here it is tried, so that the reason comes in one line.
      new LineFile(target, { onFailure: () => {}, onRecovery: () => {} }).close()
    } catch (cause) {
      throw new AsnzoneError('ASNZONE_CONFIG', `query-log ${file}: ${fileReason(cause)}`, { cause })
    }
    const { port1: port, port2 } = new MessageChannel()
    const data: WriterData = {
      target,
      buffer: this.#buffer,
      rings: threads,
      counts: this.#counts,
      port: port2,
    }
    const worker = new Worker(new URL('./query-log/writer.js', import.meta.url), {
      workerData: data,
      transferList: [port2],
    })
    // Lines are lost when it dies, and counted as dropped; answers go on.
    worker.on('error', ({ message }) => onReport({ kind: 'failed', reason: message }))
    await Promise.race([once(port, 'message'), once(worker, 'exit')])
    port.on('message', (report: Exclude<WriterReport, { kind: 'open' }>) => {
      if (report.kind === 'refused') this.#refused = report.clients
      else if (report.kind === 'reopened') this.#reopening.shift()?.(report.reason)
      else onReport(report)
    })
    worker.once('exit', () => {
      this.#hasEnded = true
      for (const resolve of this.#reopening.splice(0)) resolve(NO_WRITER)
    })
    this.#writer = { worker, port }
  }

  /** Reopens the file, for logrotate. Resolves with why the old one is kept, null when it is not. */
  reopen(): Promise<string | null> {
    if (this.#hasEnded) return Promise.resolve(NO_WRITER)
    // It is going to be opened.
    if (this.#writer === null) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#reopening.push(resolve)
      this.#send('reopen')
    })
  }

  /** Writes what is there, if that doesn't take long, and ends. */
  async stop(): Promise<void> {
    const writer = this.#writer
    if (writer === null || this.#hasEnded) return
    const ended = once(writer.worker, 'exit')
    this.#send('stop')
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())])
  }

  #send(command: WriterCommand): void {
    this.#writer?.port.postMessage(command)
  }
}
