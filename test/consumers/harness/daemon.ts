// A program that stays, and what it has said so far.

import type { ChildProcess } from 'node:child_process'

/** Seconds that a program may take to say what is waited for. */
const PATIENCE = 120

/** A running program; it ends with its machine. */
export class Daemon {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #listeners = new Set<() => void>()
  #output = ''
  #ended = false

  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk
        this.#tell()
      })
    }
    const end = (): void => {
      this.#ended = true
      this.#tell()
    }
    child.once('error', end)
    child.once('close', end)
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output
  }

  /** Waits until it has printed something that matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = (): RegExpExecArray | null => pattern.exec(this.#output)
    await new Promise<void>((resolve, reject) => {
      const settle = (failure?: string): void => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        if (failure === undefined) resolve()
        else reject(new Error(`${this.#name} ${failure} ${pattern}; it said:\n${this.#output}`))
      }
      const look = (): void => {
        if (found()) settle()
        else if (this.#ended) settle('ended without saying')
      }
      const timer = setTimeout(() => settle('took too long to say'), PATIENCE * 1000)
      this.#listeners.add(look)
      look()
    })
    return found()!
  }

  /** Ends it: its output closes when the last process that has it ends, not just nsenter. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill()
    await closed
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
