// A table that is ready to be served: from the snapshot when nothing has changed since it was written,
// otherwise compiled from the sources in a thread of its own.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AsnzoneError } from '../errors.ts'
import { Table } from '../table/table.ts'
import type { CompileMessage, CompileTask } from './compile-thread.ts'
import { COUNTRY_POINTS_FILE } from './country-points-file.ts'
import type { JudgementSettings, SourceReport } from './load.ts'
import { REGISTRY_FILES } from './registries-file.ts'
import { GUEST_SNAPSHOT_FILE, identityOf, readSnapshot, SNAPSHOT_FILE } from './snapshot.ts'
import type { Source } from './sources.ts'

/** Settings of `readyTable`, and what it tells on the way. */
export interface ReadyTableOptions {
  readonly sources: readonly Source[]
  /** How addresses are judged. */
  readonly judgement: JudgementSettings
  /** Where the snapshot lies. */
  readonly dataDirectory: string
  /** Leaves a snapshot of other sources where it is, because a server may start from it: writes beside it. */
  readonly isGuest?: boolean
  /** Compiles when nothing else wants the processor, because a server answers meanwhile. */
  readonly isInBackground?: boolean
  /** The most octets that one file may unpack to. */
  readonly mostOctets: number
  readonly onSource?: (report: SourceReport) => void
  /** A snapshot that can't be read or written; the table is compiled from the sources all the same. */
  readonly onWarning?: (message: string) => void
}

/** A table, and where it came from. */
export interface ReadyTable {
  readonly table: Table
  readonly from: 'snapshot' | 'sources'
  /** Writes the snapshot, if it is to be; resolves when the memory that compiling took is free. */
  accept(): Promise<void>
  /** Forgets the table: no snapshot is written of it. Resolves when the memory is free. */
  refuse(): Promise<void>
}

/** @throws {AsnzoneError} `ASNZONE_DATA` when the table has to be compiled and a source is wrong. */
export async function readyTable(options: ReadyTableOptions): Promise<ReadyTable> {
  const { sources, judgement, dataDirectory, mostOctets, isGuest = false, isInBackground = false } = options
  const served = join(dataDirectory, SNAPSHOT_FILE)
  const guests = join(dataDirectory, GUEST_SNAPSHOT_FILE)
  const files = [...sources.map(({ path }) => path), ...Object.values(REGISTRY_FILES), COUNTRY_POINTS_FILE]
  const identity = identityOf(files, [sources, judgement])
  for (const file of isGuest ? [served, guests] : [served]) {
    const table = readUsable(file, identity, options)
    const nothing = async (): Promise<void> => {}
    if (table !== null) return { table, from: 'snapshot', accept: nothing, refuse: nothing }
  }
  const snapshot = isGuest && existsSync(served) ? guests : served
  return compile({ sources, judgement, mostOctets, snapshot, identity, isInBackground }, options)
}

/** The table in a snapshot; null when there is none of these sources that is whole. */
function readUsable(file: string, identity: Buffer, { onWarning }: ReadyTableOptions): Table | null {
  try {
    return readSnapshot(file, identity)
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    onWarning?.(`the snapshot is not used and will be written anew: ${error.message}`)
    return null
  }
}

function compile(task: CompileTask, { onSource, onWarning }: ReadyTableOptions): Promise<ReadyTable> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./compile-thread.js', import.meta.url), { workerData: task })
    const ended = new Promise<void>((resolveEnded) => thread.once('exit', () => resolveEnded()))
    const accept = (): Promise<void> => {
      thread.postMessage('go on')
      return ended
    }
    const refuse = async (): Promise<void> => {
      await thread.terminate()
    }
    thread.on('message', (message: CompileMessage) => {
      switch (message.kind) {
        case 'source':
          onSource?.(message.report)
          break
        case 'table':
          resolve({ table: new Table(message.buffer), from: 'sources', accept, refuse })
          break
        case 'failure':
          reject(new AsnzoneError(message.code, message.message))
          break
        case 'snapshot':
          if (message.error !== null)
            onWarning?.(`no snapshot, so that the next start is slow: ${message.error}`)
      }
    })
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('the compiling thread ended without a table')))
  })
}
