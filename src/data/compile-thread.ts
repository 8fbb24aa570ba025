// The entry point of the thread that compiles: what it needs besides the table is gone when it ends.

import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { AsnzoneError, type ErrorCode } from '../errors.ts'
import { type JudgementSettings, loadTable, type SourceReport } from './load.ts'
import { yieldToOthers } from './low-priority.ts'
import { writeSnapshot } from './snapshot.ts'
import type { Source } from './sources.ts'

/** What the thread is to do. */
export interface CompileTask {
  readonly sources: readonly Source[]
  /** The most octets that one file may unpack to. */
  readonly mostOctets: number
  readonly judgement: JudgementSettings
  /** Where the snapshot goes. */
  readonly snapshot: string
  readonly identity: Uint8Array
  /** Whether everything else goes first. */
  readonly isInBackground: boolean
}

/**
 * What the thread tells, in this order: its sources, then the table or a failure. When it is told to go on, it
 * writes the snapshot and tells its fate.
 */
export type CompileMessage =
  | { readonly kind: 'source'; readonly report: SourceReport }
  | { readonly kind: 'table'; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'snapshot'; readonly error: string | null }

const { sources, judgement, mostOctets, snapshot, identity, isInBackground } = workerData as CompileTask
if (isInBackground) yieldToOthers()

const tell = (message: CompileMessage): void => parentPort?.postMessage(message)

try {
  const onSource = (report: SourceReport): void => tell({ kind: 'source', report })
  const table = await loadTable(sources, { ...judgement, onSource, mostOctets })
  tell({ kind: 'table', buffer: table.buffer })
  if (parentPort !== null) await once(parentPort, 'message')
  try {
    writeSnapshot(snapshot, table, Buffer.from(identity))
    tell({ kind: 'snapshot', error: null })
  } catch (error) {
    tell({ kind: 'snapshot', error: (error as Error).message })
  }
} catch (error) {
  if (!(error instanceof AsnzoneError)) throw error
  tell({ kind: 'failure', code: error.code, message: error.message })
}
