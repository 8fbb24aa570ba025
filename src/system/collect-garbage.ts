// Collects the garbage of the thread that asks for it, at once.
//
// A table lies outside the heap, in memory that is given back when the last thread has collected the last object
// that points to it. Threads that allocate nothing have no reason to collect for days, and each reload would leave
// a table behind.

import type { Session } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collector = (options?: { readonly type: 'minor' }) => void

let collect: Collector | undefined

/** Takes some milliseconds, the fewer the smaller the heap is. Does nothing where V8 can't be asked to. */
export function collectGarbage(): void {
  collector()()
}

/** Collects what was made last and isn't needed any more, such as the buffers of a stream, in less than a millisecond. */
export function collectYoungGarbage(): void {
  collector()({ type: 'minor' })
}

function collector(): Collector {
  if (collect === undefined) {
    // V8 hands its collector to contexts that are made while the flag is set.
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('globalThis.gc ?? (() => {})') as Collector
  }
  return collect
}

/**
 * Collects the garbage of this thread, and gives back the room for young objects that a start has made it take, some
 * ten megabytes; `collectGarbage` keeps that. Does nothing where V8 can't be asked to.
 */
export async function shrinkHeap(): Promise<void> {
  const session = inspectorSession()
  if (session === null) return
  session.connect()
  // A task of its own, after this one: that it fails changes nothing.
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()))
  session.disconnect()
}

/** Null where Node.js was built without the inspector. */
function inspectorSession(): Session | null {
  try {
    const { Session } = process.getBuiltinModule('node:inspector')
    return new Session()
  } catch {
    return null
  }
}
