// A table that is ready to be served: from the snapshot when nothing has changed since it was written,
// otherwise compiled from the sources in a process of its own.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AsnzoneError } from '../../errors.ts'
import { PRODUCT_FILE, productState } from '../../learn/product.ts'
import type { Table } from '../../table/table.ts'
import { sumsOf } from '../snapshot/file-sums.ts'
import { GUEST_SNAPSHOT_FILE, identityOf, readSnapshot, SNAPSHOT_FILE } from '../snapshot/snapshot.ts'
import type { Source } from '../sources/sources.ts'
import { Attempt, triedTwice } from './attempt.ts'
import { compile } from './compile.ts'
import type { CompileTask } from './compile-task.ts'
import { COUNTRY_POINTS_FILE } from './country-points-file.ts'
import type { CompileLimits } from './limits.ts'
import type { ScoringSettings, SourceReport } from './load.ts'
import { REGISTRY_FILES } from './registries-file.ts'

/** Settings of `readyTable`, and what it tells on the way. */
export interface ReadyTableOptions {
  readonly sources: readonly Source[]
  /** What distances are counted from, and what scores are made of. */
  readonly scoring: ScoringSettings
  /** Where the snapshot lies. */
  readonly dataDirectory: string
  /** Leaves a snapshot of other sources where it is, because a server may start from it: writes beside it. */
  readonly isGuest?: boolean
  /** Compiles when nothing else wants the processor, because a server answers meanwhile. */
  readonly isInBackground?: boolean
  /** Compiles data that have ended the process that did so twice. */
  readonly isForced?: boolean
  readonly limits: CompileLimits
  readonly onSource?: (report: SourceReport) => void
  /** Told the files of the sources before they are compiled, which takes seconds or more. */
  readonly onCompile?: (paths: readonly string[]) => void
  /** A snapshot that can't be read or written, and what was learned; the table is compiled from the sources all the same. */
  readonly onWarning?: (message: string) => void
}

/** A table, and where it came from. */
export interface ReadyTable {
  readonly table: Table
  readonly from: 'snapshot' | 'sources'
  /** Of what the table was made of, and by; a published one has none. */
  readonly identity?: Buffer
  /** Writes the snapshot, if it is to be; resolves when that is done. */
  accept(): Promise<void>
  /** Forgets the table: no snapshot is written of it. */
  refuse(): Promise<void>
}

/**
 * @throws {AsnzoneError} `ASNZONE_DATA` when the table has to be compiled and a source is wrong, `ASNZONE_COMPILE` when
 *   the process that compiles died, or did so twice before.
 */
export async function readyTable(options: ReadyTableOptions): Promise<ReadyTable> {
  const { sources, scoring, dataDirectory, limits, isGuest = false, isInBackground = false } = options
  const served = join(dataDirectory, SNAPSHOT_FILE)
  const guests = join(dataDirectory, GUEST_SNAPSHOT_FILE)
  const hasLearned = scoring.learned !== undefined && productState(dataDirectory) !== null
  const files = [
    ...sources.map(({ path }) => path),
    ...Object.values(REGISTRY_FILES),
    COUNTRY_POINTS_FILE,
    ...(hasLearned ? [join(dataDirectory, PRODUCT_FILE)] : []),
  ]
  const identity = identityOf(sumsOf(files, dataDirectory, isGuest), judgedBy(sources, scoring))
  for (const file of isGuest ? [served, guests] : [served]) {
    const table = readUsable(file, identity, options)
    const nothing = async (): Promise<void> => {}
    if (table !== null) return { table, from: 'snapshot', identity, accept: nothing, refuse: nothing }
  }
  const snapshot = isGuest && existsSync(served) ? guests : served
  const task = { sources, scoring, limits, dataDirectory, snapshot, identity, isInBackground }
  return isGuest ? compiled(task, options) : attempt(task, options)
}

/** What shapes a table besides the contents of files: where they lie doesn't. */
export function judgedBy(sources: readonly Source[], scoring: ScoringSettings): unknown {
  return [sources.map(({ path: _, ...source }) => source), scoring]
}

async function compiled(task: CompileTask, options: ReadyTableOptions): Promise<ReadyTable> {
  options.onCompile?.([...new Set(task.sources.map(({ path }) => path))])
  return { ...(await compile(task, options)), from: 'sources', identity: Buffer.from(task.identity) }
}

/** Compiles, and remembers that it began until it has ended. */
async function attempt(task: CompileTask, options: ReadyTableOptions): Promise<ReadyTable> {
  const { dataDirectory, isForced = false } = options
  const trial = new Attempt(dataDirectory, Buffer.from(task.identity))
  if (trial.isHopeless && !isForced) throw triedTwice()
  trial.begin()
  try {
    const ready = await compiled(task, options)
    trial.forget()
    return ready
  } catch (error) {
    if (error instanceof AsnzoneError && error.code !== 'ASNZONE_COMPILE') trial.forget()
    else trial.leave()
    throw error
  }
}

/** The table in a snapshot; null when there is none of these sources that is whole. */
function readUsable(file: string, identity: Buffer, { onWarning }: ReadyTableOptions): Table | null {
  try {
    return readSnapshot(file, identity)
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    onWarning?.(`the snapshot is not used and will be written again: ${error.message}`)
    return null
  }
}
