// Collects the garbage of the thread that asks for it, at once.
//
// A table lies outside the heap, in memory that is given back when the last thread has collected the last object
// that points to it. Threads that allocate nothing have no reason to collect for days, and each reload would leave
// a table behind.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Takes some milliseconds, the fewer the smaller the heap is. Does nothing where V8 can't be asked to. */
export function collectGarbage(): void {
  if (collect === undefined) {
    // V8 hands its collector to contexts that are made while the flag is set.
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('globalThis.gc ?? (() => {})') as () => void
  }
  collect()
}
