// asnzone where it was installed by itself: started without a config, asked, probed and stopped.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What came of it. */
export interface Trial {
  /** How UDP is served. */
  readonly udp: string | undefined
  /** The answer to `8.8.8.8.geo.asnzone.internal`. */
  readonly answer: string
  readonly probe: string
  /** The exit code after SIGTERM. */
  readonly code: number | null
}

/**
 * Serves on free ports, asks once and stops.
 *
 * @param command the program and what stands before its own arguments
 * @param folder the working directory and home, which gets the data directory, too
 */
export async function tryOut(command: readonly string[], folder: string): Promise<Trial> {
  const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }
  const [program, ...first] = command
  const server = spawn(program, [...first, 'serve', '--listen', '127.0.0.1:0', '--log-format', 'json'], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(server, 'close')
  try {
    const { address, udp } = await startOf(server)
    const ask = ['query', '8.8.8.8.geo.asnzone.internal', '--server', address]
    const { stdout: answer } = await run(program, [...first, ...ask], options)
    const { stdout: probe } = await run(program, [...first, 'probe', '--listen', address], options)
    server.kill('SIGTERM')
    const [code] = (await closed) as [number | null]
    return { udp, answer, probe, code }
  } finally {
    server.kill('SIGKILL')
    await closed
  }
}

/** The line of the log that tells where it listens. */
async function startOf(server: ChildProcess): Promise<{ address: string; udp: string | undefined }> {
  let said = ''
  for await (const line of createInterface({ input: server.stderr as NodeJS.ReadableStream })) {
    said += `${line}\n`
    const entry = line.startsWith('{') ? (JSON.parse(line) as { listen?: string[]; udp?: string }) : {}
    if (entry.listen !== undefined) return { address: entry.listen[0], udp: entry.udp }
  }
  throw new Error(`it ended before it listened:\n${said}`)
}
