// Starts the built server as a service manager does: as another user, with sockets that are bound already.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../folders.ts'
import type { LogLine } from '../programs.ts'
import type { Address } from '../transports.ts'

/** Where the snapshot of the bundled data lies: see compile-once.ts. */
export const COMPILED_DATA = process.env.TEST_DATA_DIRECTORY ?? temporaryFolder()

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** `asnzone serve` with a JSON log and these options, as a command to run. */
export const serveCommand = (args: readonly string[]): string[] => [
  process.execPath,
  MAIN,
  'serve',
  '--log-format',
  'json',
  ...args,
]

/** A server that was started. */
export interface LaunchedServer {
  readonly pid: number
  /** What was logged so far. */
  readonly log: readonly LogLine[]
  /** What was written to standard error so far, the log included. */
  readonly output: () => string
  /** Resolves with the addresses that it answers on, once it does. */
  readonly ready: Promise<readonly Address[]>
  /** Resolves when a line of standard error holds this text. */
  readonly printed: (text: string) => Promise<true>
  readonly stop: () => Promise<number | null>
}

/** Starts a command. */
export function launch(
  [program, ...args]: readonly string[],
  options: {
    readonly stdio?: readonly number[]
    readonly env?: NodeJS.ProcessEnv
    readonly cwd?: string
  } = {},
): LaunchedServer {
  const { stdio = [], env = process.env, cwd } = options
  const pipes: StdioOptions = ['ignore', 'ignore', 'pipe', ...stdio]
  const child: ChildProcess = spawn(program, args, { stdio: pipes, env, cwd })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const closed = once(child, 'close').then(([code]) => {
    process.removeListener('exit', kill)
    return code as number | null
  })
  const log: LogLine[] = []
  const lines: string[] = []
  const waiting = new Set<(line: string) => void>()
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine)
    for (const look of [...waiting]) look(line)
  })
  // Each line is looked at once: a server that writes ten thousands of them would else be read too slowly to go on.
  const until = <T>(found: (line: string) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (line: string): boolean => {
        const result = found(line)
        if (result === undefined) return false
        waiting.delete(look)
        resolve(result)
        return true
      }
      if (lines.some(look)) return
      waiting.add(look)
      void closed.then((code) => reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)))
    })
  let answering: readonly Address[] | undefined
  const ready = until((line) => {
    if (!line.startsWith('{')) return undefined
    const entry = JSON.parse(line) as LogLine
    // The age of the data is the last that is always told.
    if (!Array.isArray(entry.listen)) return 'days' in entry ? answering : undefined
    answering = (entry.listen as string[]).map(addressOf)
    return undefined
  })
  // Not every test waits for it.
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    log,
    output: () => lines.join('\n'),
    ready,
    printed: (text) => until((line) => line.includes(text) || undefined),
    stop: () => {
      child.kill('SIGTERM')
      return closed
    },
  }
}

function addressOf(text: string): Address {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) }
}
