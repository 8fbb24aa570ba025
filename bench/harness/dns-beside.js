// How DNS fares beside policy requests: alone, beside a program on the same core that answers them and does nothing
// else, and beside asnzone's own policy service. With the askers of both on one core, too, the second shows what the
// cores cost, and the third what asnzone does.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { randomAddresses } from './addresses.js'
import { dnsperfCommand, runDnsperf, writeQuestions } from './dnsperf.js'
import { startDunno } from './dunno-control.js'
import { askPolicy, policyRequests } from './policy-client.js'
import { mixedQuestions } from './questions.js'
import { median } from './statistics.js'
import { busiestDuring, threadTime } from './threads.js'

/** What asks DNS goes before what asks for policies on their core, where that may be: it is latencies that are measured. */
const FIRST = ['chrt', '-r', '1']

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
  const control = await startDunno(directory)
  const questions = join(directory, 'dns.txt')
  const output = join(directory, 'dnsperf.txt')
  writeQuestions(questions, mixedQuestions(randomAddresses(100_000)))
  const first = spawnSync(FIRST[0], [...FIRST.slice(1), 'true']).status === 0 ? FIRST : []
  const ask = (rate) => {
    const command = dnsperfCommand({ port: dnsPort, file: questions, edns: true, seconds, rate })
    return runDnsperf([...first, ...command], output)
  }
  const { thread, result: full } = await busiestDuring(pid, () => ask(undefined))
  const rate = full.rate / 4
  const ports = { alone: null, control: control.port, asnzone: policyPort }
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
      const began = threadTime(pid, thread)
      const run = await ask(rate)
      const cpu = (threadTime(pid, thread) - began) / 1000 / (run.rate * seconds)
      samples[side].push({ ...run, cpu })
      await flood
    }
  }
  await control.stop()
  const figures = (side, key) => median(samples[side].map((run) => run[key]))
  return { samples, figures }
}
