// Makes the rows of a compile of the state in a thread of its own, so that nothing else waits for the database or the model.

import { Worker } from 'node:worker_threads'
import type { BakeTask } from './bake-thread.ts'

/** Megabytes of rows and other objects that the thread may have; keys are kept elsewhere. */
const HEAP_MB = 512

/**
 * Writes the rows, and tells how many there are.
 *
 * It can't be stopped: a thread that is ended within SQLite takes the process along.
 *
 * @throws {Error} when the state can't be read, the rows can't be written, or the thread has died.
 */
export function bakeBeside(task: BakeTask): Promise<number> {
  const worker = new Worker(new URL('./bake-thread.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  worker.unref()
  return new Promise((resolve, reject) => {
    let rows: number | null = null
    worker.once('message', (count: number) => {
      rows = count
    })
    worker.once('error', reject)
    // Once it has ended the table is nobody's, and neither is its memory.
    worker.once('exit', () => {
      if (rows === null) reject(new Error('the thread that reads what was learned has ended'))
      else resolve(rows)
    })
  })
}
