// The entry point of the process that compiles: whatever becomes of it, the server that started it goes on, and what
// it needs besides the table is gone when it ends.

import { once } from 'node:events'
import { closeSync, writeFileSync } from 'node:fs'
import { AsnzoneError } from '../../errors.ts'
import { collectGarbage } from '../../system/collect-garbage.ts'
import { dieWithParent } from '../../system/die-with-parent.ts'
import { yieldToOthers } from '../../system/thread-priority.ts'
import { writeAll } from '../../system/write-all.ts'
import type { Table } from '../../table/table.ts'
import { writeSnapshot } from '../snapshot/snapshot.ts'
import { type CompileMessage, type CompileTask, TABLE_FD } from './compile-task.ts'
import { loadTable, type SourceReport } from './load.ts'

// Who stops all processes of a service means the server, which ends this one. SIGUSR1 would start the debugger.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => {})
// Not by exit(), which waits for a file that is being read, though it be a pipe that nobody writes to.
const die = (): void => void process.kill(process.pid, 'SIGKILL')
process.once('disconnect', die)
const told = once(process, 'message') as Promise<[CompileTask]>
await dieWithParent(Number(process.argv[2]))
goFirst()
const [task] = await told
if (task.isInBackground) yieldToOthers()
await compile(task)
process.off('disconnect', die)
process.disconnect()

async function compile({
  sources,
  limits,
  scoring,
  dataDirectory,
  snapshot,
  identity,
}: CompileTask): Promise<void> {
  try {
    const onSource = (report: SourceReport): void => void tell({ kind: 'source', report })
    const onWarning = (message: string): void => void tell({ kind: 'warning', message })
    const table = await loadTable(sources, { ...scoring, ...limits, dataDirectory, onSource, onWarning })
    // The server takes as much memory for the table as this process gives back now.
    collectGarbage()
    handOver(table)
    await once(process, 'message')
    try {
      writeSnapshot(snapshot, table, Buffer.from(identity))
      await tell({ kind: 'snapshot', error: null })
    } catch (error) {
      await tell({ kind: 'snapshot', error: (error as Error).message })
    }
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    await tell({ kind: 'failure', code: error.code, message: error.message })
  }
}

/** Resolves when the message has left. */
function tell(message: CompileMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}

/** Fails when the server is gone, and with it this process. */
function handOver({ buffer }: Table): void {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(buffer.byteLength))
  for (const octets of [length, new Uint8Array(buffer)]) writeAll(TABLE_FD, octets)
  closeSync(TABLE_FD)
}

/** Where memory is short, this process ends before the server does or anything else (Linux alone). */
function goFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Without /proc the system decides.
  }
}
