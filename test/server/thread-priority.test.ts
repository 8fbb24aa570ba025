// Who answers has the processor soon: its threads work for a short time each, as Linux tells of them.

import { readdirSync } from 'node:fs'
import { getPriority, release } from 'node:os'
import koffi from 'koffi'
import { expect, test } from 'vitest'
import { launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'

/** Of sched_getattr(2), which reads what sched_setattr sets. */
const SCHED_GETATTR = process.arch === 'x64' ? 315 : 275
const SIZE = 48

/** Nanoseconds that a thread may work at a time. */
function sliceOf(thread: number): number {
  const syscall = koffi
    .load(null)
    .func('long syscall(long call, int thread, _Inout_ uint8_t *attributes, uint size, uint flags)')
  const attributes = new Uint8Array(SIZE)
  expect(syscall(SCHED_GETATTR, thread, attributes, SIZE, 0)).toBe(0)
  return Number(new DataView(attributes.buffer).getBigUint64(24, true))
}

/** Linux before 6.12 has no time of its own for a thread. */
const [major, minor] = release().split('.').map(Number)
const hasSlices = process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 12))

test.skipIf(!hasSlices)(
  'the threads that answer over UDP work for a tenth of a millisecond at a time, others as they always do',
  async () => {
    const options = ['--data-dir', temporaryFolder(), '--listen', '127.0.0.1:0', '--workers', '2']
    const server = launch(serveCommand(options))
    await server.ready
    const threads = readdirSync(`/proc/${server.pid}/task`).map(Number)
    const answering = threads.filter((thread) => sliceOf(thread) === 100_000)
    const others = threads.filter((thread) => !answering.includes(thread))
    expect(answering).toHaveLength(2)
    expect(new Set(others.map(sliceOf))).toEqual(new Set([sliceOf(process.pid)]))
    for (const thread of answering) expect(getPriority(thread)).toBe(getPriority())
    // V8's own threads go after them.
    expect(new Set(others.map((thread) => getPriority(thread)))).toEqual(new Set([getPriority(), 10]))
    await server.stop()
  },
)
