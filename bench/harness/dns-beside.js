// How DNS fares beside policy requests: alone, beside a program on the same core that answers them and does nothing
// else, and beside asnzone's own policy service. With the askers of both on one core, too, the second shows what the
// cores cost, and the third what asnzone does.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomAddresses } from './addresses.js'
import { dnsperfCommand, runDnsperf, writeQuestions } from './dnsperf.js'
import { askPolicy, policyRequest, policyRequests } from './policy-client.js'
import { CORES, freePort, startProcess } from './processes.js'
import { mixedQuestions } from './questions.js'
import { median } from './statistics.js'

/** What asks DNS goes before what asks for policies on their core, where that may be: it is latencies that are measured. */
const FIRST = ['chrt', '-r', '1']

const DUNNO = new URL('./dunno.js', import.meta.url).pathname

/** Connections of the mail server. */
const CONNECTIONS = 8

/**
 * @param {object} options
 * @param {number} options.pid of asnzone
 * @param {number} options.policyPort
 * @param {number} options.dnsPort
 * @param {string} options.directory for files
 * @param {number} options.rounds
 * @param {number} options.seconds of each measurement
 * @param {number} options.beside policy requests per second
 */
export async function measureDnsBeside({ pid, policyPort, dnsPort, directory, rounds, seconds, beside }) {
  const port = await freePort()
  const control = await startProcess({
    command: [process.execPath, DUNNO, String(port)],
    directory,
    port,
    core: CORES.server,
    ready: () => listening(port),
    log: join(directory, 'dunno.log'),
  })
  const questions = join(directory, 'dns.txt')
  const output = join(directory, 'dnsperf.txt')
  writeQuestions(questions, mixedQuestions(randomAddresses(100_000)))
  const first = spawnSync(FIRST[0], [...FIRST.slice(1), 'true']).status === 0 ? FIRST : []
  const ask = (rate) => {
    const command = dnsperfCommand({ port: dnsPort, file: questions, edns: true, seconds, rate })
    return runDnsperf([...first, ...command], output)
  }
  const before = threadTimes(pid)
  const rate = (await ask(undefined)).rate / 4
  // The thread that has worked meanwhile is the one that answers over UDP.
  const after = threadTimes(pid)
  const busy = (thread) => after.get(thread) - (before.get(thread) ?? 0)
  const [thread] = [...after.keys()].sort((a, b) => busy(b) - busy(a))
  const ports = { alone: null, control: port, asnzone: policyPort }
  const samples = { alone: [], control: [], asnzone: [] }
  const sides = Object.keys(ports)
  for (let round = 0; round < rounds; round++) {
    for (const turn of sides.keys()) {
      const side = sides[(round + turn) % sides.length]
      const requests = policyRequests(beside * (seconds + 1), 5000 + round)
      const flood =
        ports[side] === null
          ? null
          : askPolicy({ port: ports[side], connections: CONNECTIONS, requests, rate: beside })
      const began = threadTimes(pid).get(thread)
      const run = await ask(rate)
      const cpu = (threadTimes(pid).get(thread) - began) / 1000 / (run.rate * seconds)
      samples[side].push({ ...run, cpu })
      await flood
    }
  }
  await control.stop()
  const figures = (side, key) => median(samples[side].map((run) => run[key]))
  return { samples, figures }
}

/** Nanoseconds that each thread of a process has run, by its number. */
function threadTimes(pid) {
  const timeOf = (thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, Number(timeOf(thread))]))
}

async function listening(port) {
  for (;;) {
    try {
      await askPolicy({ port, connections: 1, requests: [policyRequest(0, 0, 'first')] })
      return
    } catch {
      await new Promise((done) => setTimeout(done, 20))
    }
  }
}
