// Starts the built asnzone, and dig, as child processes.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { compiledData } from './compiled-data.ts'
import { temporaryFolder } from './folders.ts'
import type { Address } from './transports.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** The state of the commands of a test file, with the snapshot of compile-once.ts: `check` of a config with other data replaces it. */
const DATA_DIRECTORY = compiledData()

/** A folder without an asnzone.yaml to work in. */
const WORKING_DIRECTORY = temporaryFolder()

/** How a program ended. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  /** But for the line that tells of the config. */
  readonly stderr: string
  /** Which config a command has found, as it tells; null where it tells of none. */
  readonly config: string | null
}

/** A line of the JSON log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string }

/** Where and with what a program runs. */
export interface RunOptions {
  /** Added to an environment without any ASNZONE_ variable. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** File descriptors that it may have; those of the tests when not given. */
  readonly descriptors?: number
}

/** Runs a command of asnzone to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return outcomeOf(startCli(args, options))
}

/** Runs dig and gives what it prints. */
export async function dig(server: Address, args: readonly string[]): Promise<string> {
  const child = spawn('dig', [`@${server.host}`, '-p', String(server.port), '+tries=1', '+time=5', ...args])
  const { code, stdout, stderr } = await outcomeOf(child)
  if (code !== 0) throw new Error(`dig ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout.trimEnd()
}

/** A running `asnzone serve`. */
export interface RunningServer {
  /** In the order of --listen. */
  readonly addresses: readonly Address[]
  readonly pid: number
  /** All that was logged so far. */
  readonly log: readonly LogLine[]
  /** Stops it; gives how it ended. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>
}

/**
 * Starts `asnzone serve` and waits until it answers. Unless told otherwise its data directory is its own, as a server's
 * is: what it keeps there, such as the serial, is of what it serves.
 *
 * @param args options besides --log-format; without --listen it answers on a free port of 127.0.0.1 and of ::1
 */
export async function startServer(
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunningServer> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0', '--listen', '[::1]:0']
  const env: Record<string, string> = args.includes('--data-dir') ? {} : { ASNZONE_DATA_DIR: compiledData() }
  const child = startCli(['serve', '--log-format', 'json', ...listen, ...args], {
    ...options,
    env: { ...env, ...options.env },
  })
  const outcome = outcomeOf(child)
  const log: LogLine[] = []
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
  const addresses = await new Promise<readonly Address[]>((resolve, reject) => {
    let answering: readonly Address[] | null = null
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return
      const entry = JSON.parse(line) as LogLine
      log.push(entry)
      if (Array.isArray(entry.listen)) answering = entry.listen.map((address) => addressOf(String(address)))
      // The age of the data is the last that is always told.
      else if (answering !== null && 'days' in entry) resolve(answering)
    })
    void outcome.then(({ code, stderr }) => reject(new Error(`asnzone ended with ${code}: ${stderr}`)))
  })
  return {
    addresses,
    pid: child.pid ?? 0,
    log,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return outcome
    },
  }
}

function startCli(args: readonly string[], options: RunOptions): ChildProcess {
  const { env = {}, cwd = WORKING_DIRECTORY, descriptors } = options
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm test builds it, as does npm run build`)
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ASNZONE_'))
  const limited = ['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh']
  const [program, ...words] = [...(descriptors === undefined ? [] : limited), process.execPath, MAIN, ...args]
  const child = spawn(program, words, {
    cwd,
    env: { ...Object.fromEntries(inherited), ASNZONE_DATA_DIR: DATA_DIRECTORY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('close', () => process.removeListener('exit', kill))
  return child
}

/** How a program ends, and what it prints. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const [program] = child.spawnargs
      reject(
        error.code === 'ENOENT' ? new Error(`${program} is not installed: apt-get install dnsutils`) : error,
      )
    })
    child.once('close', (code, signal) => {
      const [line, config = null] = /^asnzone: config (.*)\n/m.exec(output.stderr) ?? ['']
      resolve({ code, signal, ...output, stderr: output.stderr.replace(line, ''), config })
    })
  })
}

function addressOf(text: string): Address {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) }
}
