// The entry point of the thread that makes the rows of a compile of the state, while the server answers: it is started for
// that, and ends.

import { parentPort, workerData } from 'node:worker_threads'
import { giveWay } from '../system/thread-priority.ts'
import { Table } from '../table/table.ts'
import { type ExcludeSetting, excludedBy } from './excluded.ts'
import { Learner } from './learner.ts'
import { LearnState } from './state.ts'

/** What the thread is to do. */
export interface BakeTask {
  /** The table in service: what addresses belong to. */
  readonly table: SharedArrayBuffer
  /** Where the rows go. */
  readonly directory: string
  /** The file of the state. */
  readonly state: string
  /** In seconds. */
  readonly halfLife: number
  readonly exclude: ExcludeSetting
}

if (parentPort === null) throw new Error('bake-thread.ts is the entry point of a thread')
giveWay()
const { table, directory, state: file, halfLife, exclude } = workerData as BakeTask
const state = new LearnState(file, { halfLife })
try {
  const known = new Table(table)
  const settings = { halfLife, quota: 0, excluded: excludedBy(exclude), trusted: [], keep: false }
  const learner = new Learner(
    state,
    () => known,
    settings,
    () => Date.now() / 1000,
  )
  parentPort.postMessage(learner.writeProduct(directory))
} finally {
  state.close()
}
