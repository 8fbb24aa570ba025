// The process that compiles, as the server sees it: it is told what to do, killed when it takes too long, and whatever
// becomes of it, it has an end.

import { type ChildProcess, fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { printable } from '../../printable.ts'
import { timerMs } from '../../system/timer.ts'
import { WITHOUT_DEBUGGER } from '../../system/without-debugger.ts'
import { type CompileMessage, type CompileTask, TABLE_FD } from './compile-task.ts'

/** Megabytes of names and other objects that the process may have; rows are kept elsewhere. */
const HEAP_MB = 768

/** How much of what it complains of is kept. */
const MAX_COMPLAINT = 8192

/** Milliseconds in which a process that was killed is gone, unless the system itself hangs. */
const DYING_MS = 5000

const LESS = 'give it more memory, or name fewer or smaller sources'

/** A process that compiles. */
export class CompileChild {
  readonly #child: ChildProcess
  readonly #onExit = (): void => this.kill()
  #isLate = false
  /** Resolves when it has ended, or doesn't end though it was killed, with how that came and what to do. */
  readonly death: Promise<string>
  #giveUp: (how: string) => void = () => {}

  /** @param onMessage told what the process tells */
  constructor(onMessage: (message: CompileMessage) => void) {
    this.#child = fork(
      fileURLToPath(new URL('./compile-process.js', import.meta.url)),
      [String(process.pid)],
      {
        execArgv: [`--max-old-space-size=${HEAP_MB}`, WITHOUT_DEBUGGER],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
        // The head of a group of its own, which can be killed with whatever it has started.
        detached: true,
      },
    )
    this.#child.on('message', onMessage)
    // A server that ends by itself ends it; where the server is killed, the kernel does (see die-with-parent.ts).
    process.once('exit', this.#onExit)
    this.death = this.#end()
  }

  /** Tells it something; a process that is gone takes no message, which is told by its death. */
  send(message: CompileTask | string): void {
    // Where it could not be started it has no such method.
    this.#child.send?.(message, () => {})
  }

  /** What comes out of it; null where it could not be started. */
  get output(): Readable | null {
    return (this.#child.stdio?.[TABLE_FD] as Readable | null | undefined) ?? null
  }

  /** Waits for something that it does, and kills it when that takes too long. */
  async inTime<Result>(milliseconds: number, done: Promise<Result>): Promise<Result> {
    const late = (): void => {
      this.#isLate = true
      this.kill()
    }
    const timer = setTimeout(late, timerMs(milliseconds))
    try {
      return await done
    } finally {
      clearTimeout(timer)
    }
  }

  /** Kills it, and what it has started. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It is not yet the head of a group.
      this.#child.kill('SIGKILL')
    }
    const timer = setTimeout(() => this.#giveUp('does not even end when it is killed'), DYING_MS)
    void this.death.then(() => clearTimeout(timer))
  }

  async #end(): Promise<string> {
    const how = await this.#howItEnds()
    process.off('exit', this.#onExit)
    // Where the system hangs, nobody else closes it.
    this.output?.destroy()
    if (!this.#isLate) return how
    return 'took longer than max-time and was ended; does a disk hang, or is a source on a network that is gone?'
  }

  #howItEnds(): Promise<string> {
    const child = this.#child
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < MAX_COMPLAINT) complaint += text
    })
    return new Promise((resolve) => {
      this.#giveUp = resolve
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(`could not be started: ${whyNotStarted(error)}`)
      })
      child.once('close', (code: number | null, signal: string | null) => {
        if (/heap out of memory|heap limit/i.test(complaint)) {
          resolve(`needed more than ${HEAP_MB} MB for names and the like; ${LESS}`)
        } else if (signal === 'SIGKILL') resolve(`was killed, as happens where memory is short; ${LESS}`)
        else if (signal !== null) resolve(`was ended by ${signal}`)
        else resolve(`ended with ${code}: ${printable(reasonIn(complaint))}; ${LESS}`)
      })
    })
  }
}

function whyNotStarted({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EMFILE') return 'there are too many open files; raise the limit (ulimit -n, LimitNOFILE=)'
  if (code === 'EAGAIN') return 'there are too many processes; raise the limit (ulimit -u, TasksMax=)'
  return message
}

/** The line of a stack trace that tells most. */
function reasonIn(complaint: string): string {
  const lines = complaint.split('\n').map((line) => line.trim())
  return lines.find((line) => /^(\w*Error|FATAL ERROR)\b/.test(line)) ?? lines[0]
}
