// Compiles in a process of its own: see compile-process.ts for what runs there.

import type { Readable } from 'node:stream'
import { AsnzoneError } from '../../errors.ts'
import { collectYoungGarbage } from '../../system/collect-garbage.ts'
import { Table } from '../../table/table.ts'
import { CompileChild } from './child.ts'
import type { CompileMessage, CompileTask } from './compile-task.ts'
import type { SourceReport } from './load.ts'

/** Told on the way. */
export interface CompileEvents {
  readonly onSource?: (report: SourceReport) => void
  /** A snapshot that could not be written; what is left out of the table. */
  readonly onWarning?: (message: string) => void
}

/** A compiled table, and the process that waits for its fate. */
export interface Compiled {
  readonly table: Table
  /** Lets the process write the snapshot; resolves when it has ended. */
  accept(): Promise<void>
  /** Ends the process; resolves when it has. */
  refuse(): Promise<void>
}

/**
 * Compiles a table.
 *
 * @throws {AsnzoneError} as `loadTable` does, and `ASNZONE_COMPILE` when the process has died, or took too long.
 */
export async function compile(task: CompileTask, events: CompileEvents = {}): Promise<Compiled> {
  const { maxTime } = task.limits
  let failure: AsnzoneError | null = null
  let isWritten: boolean | null = null
  const child = new CompileChild((message: CompileMessage) => {
    if (message.kind === 'source') events.onSource?.(message.report)
    else if (message.kind === 'warning') events.onWarning?.(message.message)
    else if (message.kind === 'failure') failure = new AsnzoneError(message.code, message.message)
    else {
      isWritten = message.error === null
      if (message.error !== null) events.onWarning?.(withoutSnapshot(message.error))
    }
  })
  child.send(task)
  const buffer = await child.inTime(maxTime, readTable(child.output))
  if (buffer === null) {
    const how = await child.inTime(maxTime, child.death)
    throw failure ?? new AsnzoneError('ASNZONE_COMPILE', `the process that compiles the data ${how}`)
  }
  return {
    table: new Table(buffer),
    accept: async () => {
      child.send('go on')
      const how = await child.inTime(maxTime, child.death)
      if (isWritten === null) events.onWarning?.(withoutSnapshot(`the process that writes it ${how}`))
    },
    refuse: async () => {
      child.kill()
      await child.death
    },
  }
}

function withoutSnapshot(reason: string): string {
  return `no snapshot was written, so the next start will be slow: ${reason}`
}

/** After how many octets the buffers that they came in are given back. */
const COLLECTED_OCTETS = 2 << 20

/** The table that comes out of a pipe; null when it ends before. */
async function readTable(pipe: Readable | null): Promise<SharedArrayBuffer | null> {
  if (pipe === null) return null
  let head = Buffer.alloc(0)
  let bytes: Uint8Array | null = null
  let octets = 0
  let uncollected = 0
  try {
    for await (const chunk of pipe as AsyncIterable<Buffer>) {
      let rest = chunk
      if (bytes === null) {
        head = Buffer.concat([head, chunk])
        if (head.length < 8) continue
        bytes = new Uint8Array(new SharedArrayBuffer(Number(head.readBigUInt64LE())))
        rest = head.subarray(8)
      }
      bytes.set(rest, octets)
      octets += rest.length
      // V8 sees small objects only, and would keep as much memory in buffers as the table has.
      uncollected += chunk.length
      if (uncollected < COLLECTED_OCTETS) continue
      collectYoungGarbage()
      uncollected = 0
    }
  } catch {
    // What was written by a process that has died is told by its death.
    return null
  }
  return bytes === null || octets < bytes.length ? null : (bytes.buffer as SharedArrayBuffer)
}
