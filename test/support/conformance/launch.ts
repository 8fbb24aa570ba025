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
  const waiting = new Set<() => void>()
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine)
    for (const look of [...waiting]) look()
  })
  const until = <T>(found: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const result = found()
        if (result === undefined) return
        waiting.delete(look)
        resolve(result)
      }
      waiting.add(look)
      look()
      void closed.then((code) => reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)))
    })
  const ready = until(() => {
    const listen = log.find((line) => Array.isArray(line.listen))?.listen as string[] | undefined
    return listen?.map(addressOf)
  })
  // Not every test waits for it.
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    log,
    output: () => lines.join('\n'),
    ready,
    printed: (text) => until(() => (lines.some((line) => line.includes(text)) ? true : undefined)),
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
