// Runs dnsperf and reads what it found.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { CORES, pinned } from './processes.js'
import { percentile } from './statistics.js'

/** Queries that are on their way at a time at most: enough to keep a server busy, few enough to lose none. */
const OUTSTANDING = 100

/**
 * Writes questions as dnsperf reads them.
 *
 * @param {string} file
 * @param {readonly { name: string, type: string }[]} questions
 */
export function writeQuestions(file, questions) {
  writeFileSync(file, questions.map(({ name, type }) => `${name} ${type}\n`).join(''))
}

/**
 * The command that asks a server.
 *
 * @param {object} options
 * @param {number | 'PORT'} options.port
 * @param {string} options.file of `writeQuestions`
 * @param {boolean} options.edns
 * @param {number} options.seconds
 * @param {number} [options.clients] sockets to ask from
 * @param {number} [options.threads] of dnsperf, each with as many queries on their way
 * @param {string | number} [options.cores] where it runs, as taskset takes them
 * @param {number} [options.rate] queries a second; without it as many as the server can answer
 */
export function dnsperfCommand({
  port,
  file,
  edns,
  seconds,
  clients = 1,
  threads = 1,
  cores = CORES.client,
  rate,
}) {
  const ask = ['-s', '127.0.0.1', '-p', String(port), '-d', file, '-c', String(clients)]
  // Every reply on a line of its own shows each latency; dnsperf itself gives the mean only.
  const limits = rate === undefined ? [] : ['-Q', String(Math.round(rate)), '-v']
  const command = ['dnsperf', ...ask, '-l', String(seconds), '-q', String(OUTSTANDING * threads), ...limits]
  if (threads > 1) command.push('-T', String(threads))
  return pinned(cores, edns ? [...command, '-e'] : command)
}

/**
 * Runs dnsperf.
 *
 * @param {string[]} command from `dnsperfCommand`
 * @param {string} output a file for what it prints; it can be long, and is deleted
 */
export async function runDnsperf(command, output) {
  const [program, ...args] = command
  const file = openSync(output, 'w')
  const child = spawn(program, args, { stdio: ['ignore', file, file] })
  closeSync(file)
  const [code] = await once(child, 'exit')
  const text = readFileSync(output, 'latin1')
  rmSync(output)
  if (code !== 0) throw new Error(`${command.join(' ')} failed (${code}):\n${text.slice(-2000)}`)
  return parseDnsperf(text)
}

/**
 * @param {string} text all that dnsperf printed
 * @returns latencies in microseconds; p50 and p99 are NaN unless each query was printed (`-v`)
 */
export function parseDnsperf(text) {
  const number = (pattern) => {
    const found = pattern.exec(text)
    if (found === null) throw new Error(`dnsperf's report has nothing like ${pattern}:\n${text.slice(-2000)}`)
    return Number(found[1])
  }
  const latencies = Array.from(text.matchAll(/^> \S+ \S+ \S+ (\d+\.\d+)$/gm), ([, seconds]) =>
    Number(seconds),
  )
  return {
    completed: number(/^ +Queries completed: +(\d+)/m),
    lost: number(/^ +Queries lost: +(\d+)/m),
    rate: number(/^ +Queries per second: +([\d.]+)/m),
    replyOctets: number(/^ +Average packet size: +request \d+, response (\d+)/m),
    rcodes: /^ +Response codes: +(.*)$/m.exec(text)?.[1] ?? '',
    mean: number(/^ +Average Latency \(s\): +([\d.]+)/m) * 1e6,
    p50: percentile(latencies, 0.5) * 1e6,
    p99: percentile(latencies, 0.99) * 1e6,
  }
}
