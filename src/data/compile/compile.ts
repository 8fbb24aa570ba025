// Compiles in a process of its own: see compile-process.ts for what runs there.

import { type ChildProcess, fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { AsnzoneError } from '../../errors.ts'
import { printable } from '../../printable.ts'
import { WITHOUT_DEBUGGER } from '../../system/without-debugger.ts'
import { Table } from '../../table/table.ts'
import type { CompileMessage, CompileTask } from './compile-task.ts'
import { TABLE_FD } from './compile-task.ts'
import type { SourceReport } from './load.ts'

/** Megabytes of names and other objects that the process may have; rows are kept elsewhere. */
const HEAP_MB = 768

/** How much of what it complains of is kept. */
const MOST_COMPLAINT = 8192

/** Told on the way. */
export interface CompileEvents {
  readonly onSource?: (report: SourceReport) => void
  /** A snapshot that could not be written. */
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
 * @throws {AsnzoneError} as `loadTable` does, and `ASNZONE_COMPILE` when the process has died.
 */
export async function compile(task: CompileTask, events: CompileEvents = {}): Promise<Compiled> {
  const child = fork(fileURLToPath(new URL('./compile-process.js', import.meta.url)), {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, WITHOUT_DEBUGGER],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
  })
  // It outlives no server that ends by itself; where that is killed, it notices.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const death = deathOf(child)
  void death.then(() => process.off('exit', kill))
  let failure: AsnzoneError | null = null
  let isWritten: boolean | null = null
  child.on('message', (message: CompileMessage) => {
    if (message.kind === 'source') events.onSource?.(message.report)
    else if (message.kind === 'failure') failure = new AsnzoneError(message.code, message.message)
    else {
      isWritten = message.error === null
      if (message.error !== null) events.onWarning?.(withoutSnapshot(message.error))
    }
  })
  send(child, task)
  const buffer = await readTable(child.stdio[TABLE_FD] as Readable)
  if (buffer === null) {
    const how = await death
    throw failure ?? new AsnzoneError('ASNZONE_COMPILE', diedMessage(how))
  }
  return {
    table: new Table(buffer),
    accept: async () => {
      send(child, 'go on')
      const how = await death
      if (isWritten === null) events.onWarning?.(withoutSnapshot(diedMessage(how)))
    },
    refuse: async () => {
      kill()
      await death
    },
  }
}

/** A process that is gone takes no message, which is told by its death. */
function send(child: ChildProcess, message: CompileTask | string): void {
  child.send(message, () => {})
}

/** Resolves when the process has ended, with how that came. */
function deathOf(child: ChildProcess): Promise<string> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < MOST_COMPLAINT) complaint += text
  })
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`could not be started: ${message}`))
    child.once('close', (code: number | null, signal: string | null) => {
      if (/heap out of memory|heap limit/i.test(complaint)) {
        resolve(`needed more than ${HEAP_MB} MB for names and the like`)
      } else if (signal === 'SIGKILL') resolve('was killed, as happens where memory is short')
      else if (signal !== null) resolve(`was ended by ${signal}`)
      else resolve(`ended with ${code}: ${printable(reasonIn(complaint))}`)
    })
  })
}

/** The line of a stack trace that tells most. */
function reasonIn(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.trim())
  return lines.find((line) => /^(\w*Error|FATAL ERROR)\b/.test(line)) ?? lines[0]
}

function diedMessage(how: string): string {
  return `the process that compiles the data ${how}; give it more memory, or name fewer or smaller sources`
}

function withoutSnapshot(reason: string): string {
  return `no snapshot, so that the next start is slow: ${reason}`
}

/** The table that comes out of a pipe; null when it ends before. */
async function readTable(pipe: Readable): Promise<SharedArrayBuffer | null> {
  let head = Buffer.alloc(0)
  let bytes: Uint8Array | null = null
  let octets = 0
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
    }
  } catch {
    // What was written by a process that has died is told by its death.
    return null
  }
  return bytes === null || octets < bytes.length ? null : (bytes.buffer as SharedArrayBuffer)
}
