// What a soak and a bench of reloads have in common: the server in a process of its own, what it can take, and a
// thread that asks it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { randomAddresses } from './addresses.js'
import { dnsperfCommand, runDnsperf, writeQuestions } from './dnsperf.js'
import { CORES, pinBench, pinned } from './processes.js'
import { composeQuery, mixedQuestions } from './questions.js'
import { expectedReplies, pack } from './soak-services.js'
import { COUNTERS, LATENCY_STEP_MS, LATENCY_STEPS } from './soak-udp.js'

/** Seconds to find out what the server can take. */
const SATURATION_SECONDS = 10

/** The share of what the server can take that it gets. */
const SHARE = 0.5

/** Sockets that dnsperf asks from. */
const DNSPERF_CLIENTS = 8

/**
 * Starts a server, makes so many queries and the replies that are right, and finds out how fast to ask.
 *
 * @param {{ workers: number, questions: number }} options
 * @param {string} directory for files that are not kept
 */
export async function readySoak(options, directory) {
  pinBench()
  const questions = mixedQuestions(randomAddresses(options.questions))
  const queries = questions.map((question) => composeQuery(question, { edns: true }))
  const replies = await expectedReplies(directory, queries)
  const server = await startSoakServer({ workers: options.workers, dataDirectory: directory })
  const rate = (await saturationOf(server.port, questions, directory)) * SHARE
  return { queries, replies, server, rate }
}

/**
 * Starts the server on its own core and waits until it answers.
 *
 * @param {{ workers: number, dataDirectory: string }} options
 */
async function startSoakServer(options) {
  const file = fileURLToPath(new URL('./soak-server.js', import.meta.url))
  const [program, ...args] = pinned(CORES.server, [process.execPath, file, JSON.stringify(options)])
  // A group of its own, as memoryOf wants it.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  process.once('exit', () => child.kill('SIGKILL'))
  let reloads = 0
  child.on('message', (message) => {
    reloads = message.reloads ?? reloads
  })
  let isStopping = false
  child.once('exit', (code) => {
    if (isStopping) return
    console.error(`the server ended with ${code}`)
    process.exit(1)
  })
  const [{ port }] = await once(child, 'message')
  return {
    port,
    pid: child.pid,
    reloads: () => reloads,
    /** @param {import('./soak-server.js').SoakServerOrder} order */
    order: (order) => void child.send(order),
    /** Orders, and waits until it is done. */
    carryOut: async (order) => {
      child.send(order)
      await once(child, 'message')
    },
    stop: () => {
      isStopping = true
      child.kill('SIGTERM')
    },
  }
}

/**
 * Queries a second that a server can take.
 *
 * @param {number} port
 * @param {{ name: string, type: string }[]} questions
 * @param {string} directory for files that are not kept
 */
async function saturationOf(port, questions, directory) {
  const file = join(directory, 'questions.txt')
  writeQuestions(file, questions)
  const load = { port, file, edns: true, seconds: SATURATION_SECONDS, clients: DNSPERF_CLIENTS }
  const { rate } = await runDnsperf(dnsperfCommand(load), join(directory, 'dnsperf.txt'))
  console.log(`${rate.toFixed(0)} queries a second is what the server can take from dnsperf`)
  return rate
}

/**
 * Starts a thread that asks and checks.
 *
 * @param {object} options
 * @param {number} options.port
 * @param {number} options.rate messages a second
 * @param {Uint8Array[]} options.queries
 * @param {Buffer[][]} options.replies to the queries, by each of the services
 * @param {Uint8Array[]} [options.hostile] messages to send between
 */
export function startAsker({ port, rate, queries, replies, hostile = [] }) {
  const counters = new SharedArrayBuffer(COUNTERS.length * 8)
  const latencies = new SharedArrayBuffer(LATENCY_STEPS * 4)
  const stop = new SharedArrayBuffer(4)
  const packed = { queries: pack(queries), replies: replies.map(pack), hostile: pack(hostile) }
  const thread = new Worker(new URL('./soak-udp.js', import.meta.url), {
    workerData: { port, rate, ...packed, counters, latencies, stop },
  })
  const ended = once(thread, 'exit')
  thread.once('error', (error) => {
    console.error(error)
    process.exit(1)
  })
  return {
    /** What was counted so far, by the names of COUNTERS. */
    counts: () => {
      const counts = new Float64Array(counters)
      return Object.fromEntries(COUNTERS.map((name, i) => [name, counts[i]]))
    },
    /** Milliseconds within which this share of the replies came. */
    latency: (share) => {
      const steps = new Uint32Array(latencies)
      const wanted = steps.reduce((sum, count) => sum + count, 0) * share
      let seen = 0
      const step = steps.findIndex((count) => {
        seen += count
        return seen >= wanted
      })
      return (step + 1) * LATENCY_STEP_MS
    },
    /** Ends it once the last replies have had their time. */
    end: async () => {
      Atomics.store(new Int32Array(stop), 0, 1)
      await ended
    },
  }
}
