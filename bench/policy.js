// npm run bench:policy: the policy service beside those of Debian, asked as Postfix asks.
//
// Each server runs on one core and the asker on another; in each round every server has its turn with each number of
// connections. What can't be run here is skipped, with a line that says so. The CPU of a store is that of its server, too.
// Then asnzone learns 100,000 accounts, and what these take is measured, in its memory and in its store; and dnsperf asks
// DNS beside it, with policy requests and without.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measureDnsBeside } from './harness/dns-beside.js'
import { BUILT_ASNZONE, readOptions, refuse } from './harness/options.js'
import { versionOf } from './harness/peers.js'
import { askPolicy, policyRequest, policyRequests } from './harness/policy-client.js'
import { folderOf, POLICY_PEERS } from './harness/policy-peers.js'
import { storedOctets } from './harness/policy-stored.js'
import { CORES, cpuTime, freePort, memoryOf, pinBench, startProcess } from './harness/processes.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { median } from './harness/statistics.js'
import { temporaryDirectory } from './harness/temporary.js'

/** What is asked of asnzone: decisions per second over 8 connections, microseconds, megabytes, and shares. */
const BARS = { rate: { asnzone: 15_000, 'asnzone-redis': 10_000 }, p99: 2000, megabytes: 40, dns: 1.03 }

const CONNECTIONS = [1, 8, 64]

/** Accounts with three addresses each, whose memory is measured. */
const ACCOUNTS = 100_000

/** Milliseconds that a server may take for its first answer. */
const START = 60_000

/** Policy requests per second beside DNS. */
const BESIDE = 2000

const HELP = `Usage: npm run bench:policy -- [options]
  --rounds N      rounds, in each of which every server has its turn (5)
  --requests N    requests of each measurement (20000)
  --warm-up N     requests before the first one, of each server (2000)
  --only A,B      only these servers: ${POLICY_PEERS.map(({ id }) => id).join(', ')}
  --no-memory     don't measure what ${ACCOUNTS} accounts take, in memory and in the store
  --no-dns        don't measure DNS beside policy requests
  --seconds S     seconds of each measurement of DNS (5)
  --asnzone FILE  the main.js to measure (dist/cli/main.js)
  --json FILE     where the results go (a new file in bench/results/)`

const options = readOptions(HELP, {
  rounds: 5,
  requests: 20_000,
  'warm-up': 2000,
  only: POLICY_PEERS.map(({ id }) => id).join(','),
  'no-memory': false,
  'no-dns': false,
  seconds: 5,
  asnzone: BUILT_ASNZONE,
  json: '',
})
const only = options.only.split(',')
const unknown = only.find((id) => !POLICY_PEERS.some((peer) => peer.id === id))
if (unknown !== undefined) refuse(`--only ${unknown}: no such server`, HELP)
const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const subjects = await start()
pinBench()
const samples = await measure()
const rows = summarise()
printDecisions()
const asnzone = subjects.find(({ peer }) => peer.id === 'asnzone')
const memory = []
for (const subject of subjects) {
  if (subject.peer.id in BARS.rate && !options['no-memory']) memory.push(await measureMemory(subject))
}
const dns = asnzone === undefined || options['no-dns'] ? null : await measureDns(asnzone)
for (const { process } of subjects) await process.stop()
writeResults(options.json, 'policy', { machine, options, samples, rows, memory, dns })

/** Starts those that are installed. */
async function start() {
  const started = []
  for (const peer of POLICY_PEERS.filter(({ id }) => only.includes(id))) {
    if (versionOf(peer.version) === null || !existsUser(peer)) {
      console.log(`Skipped: ${peer.name}, because ${peer.id} is not installed`)
      continue
    }
    const own = folderOf(peer, directory)
    const port = await freePort()
    const dnsPort = await freePort()
    const { command, pidFile } = peer.prepare({ directory: own, port, dnsPort, asnzone: options.asnzone })
    const log = join(own, 'log')
    const process = await startProcess({
      command,
      directory: own,
      port,
      core: CORES.server,
      ready: () => firstDecision(port),
      log,
      pidFile,
    })
    started.push({ peer, process, dnsPort })
    console.log(`Started: ${peer.name} in ${process.readyAfter.toFixed(2)} s`)
  }
  return started
}

function existsUser({ id, version }) {
  return version[0] !== 'dpkg-query' || existsSync(`/usr/bin/${id}`)
}

/** Asks until there is an answer; what isn't there yet refuses the connection. */
async function firstDecision(port) {
  for (const started = performance.now(); ; ) {
    try {
      await askPolicy({ port, connections: 1, requests: [policyRequest(0, 0, 'first')] })
      return
    } catch (error) {
      if (!/ECONNREFUSED|closed by/.test(String(error)) || performance.now() - started > START) throw error
      await new Promise((done) => setTimeout(done, 20))
    }
  }
}

async function measure() {
  const failed = new Set()
  /** What a server of others can't do is told, and it is left out from then on. */
  const attempt = async ({ peer, process }, connections, requests) => {
    const key = `${peer.id} ${connections}`
    if (failed.has(key)) return null
    try {
      return await askPolicy({ port: process.port, connections, requests })
    } catch (error) {
      if (peer.id === 'asnzone') throw error
      failed.add(key)
      console.log(`Failed: ${peer.name} with ${connections} connections: ${error.message}`)
      return null
    }
  }
  for (const subject of subjects) await attempt(subject, 1, policyRequests(options['warm-up'], 7))
  const measured = []
  for (let round = 0; round < options.rounds; round++) {
    for (const connections of CONNECTIONS) {
      const turn = round % subjects.length
      for (const subject of [...subjects.slice(turn), ...subjects.slice(0, turn)]) {
        const { peer, process } = subject
        const requests = policyRequests(options.requests, 1000 + round * 100 + connections)
        const before = cpuTime(process.pid)
        const run = await attempt(subject, connections, requests)
        if (run === null) continue
        const cpu = (cpuTime(process.pid) - before) / 1000 / requests.length
        const answers = Object.fromEntries(run.answers)
        if (Object.keys(answers).join() !== 'DUNNO') {
          throw new Error(`${peer.name} answered ${JSON.stringify(answers)}; all must pass`)
        }
        const resident = memoryOf(process.pid).resident
        measured.push({ server: peer.id, connections, round, ...run, answers, cpu, resident })
      }
    }
  }
  return measured
}

function summarise() {
  return subjects.flatMap(({ peer }) =>
    CONNECTIONS.map((connections) => {
      const own = samples.filter((sample) => sample.server === peer.id && sample.connections === connections)
      const of = (key) => median(own.map((sample) => sample[key]))
      const [rate, p50, p99, cpu, resident] = ['rate', 'p50', 'p99', 'cpu', 'resident'].map(of)
      return { server: peer.id, name: peer.name, connections, rate, p50, p99, cpu, resident }
    }),
  )
}

function printDecisions() {
  console.log(`\nMedians of ${options.rounds} rounds of ${options.requests} requests each.\n`)
  printTable(
    [
      'server',
      'connections',
      'decisions/s',
      'p50 µs',
      'p99 µs',
      'CPU µs/decision',
      'decisions/s per core',
      'resident MB',
    ],
    rows.map(({ name, connections, rate, p50, p99, cpu, resident }) => [
      name,
      String(connections),
      ...[rate, p50, p99].map((figure) => figure.toFixed(0)),
      cpu.toFixed(1),
      (1e6 / cpu).toFixed(0),
      (resident / 1e6).toFixed(0),
    ]),
  )
  console.log('')
  for (const { server, name, connections, rate, p99 } of rows) {
    const bar = BARS.rate[server]
    if (bar === undefined || connections !== 8) continue
    const late = server === 'asnzone' ? `, the bar is ${BARS.p99}` : ''
    console.log(
      `${name}, 8 connections: ${rate.toFixed(0)} decisions/s, the bar is ${bar}; p99 ${p99.toFixed(0)} µs${late}`,
    )
  }
}

/** What the accounts cost that asnzone remembers: memory of its own, and octets in the store. */
async function measureMemory({ peer, process }) {
  const own = join(directory, peer.id)
  const [before, storedBefore] = [memoryOf(process.pid).resident, storedOctets(own)]
  for (let address = 0; address < 3; address++) {
    const requests = Array.from({ length: ACCOUNTS }, (_, i) => {
      return policyRequest(10_000 + i, address, `m.${address}.${i}`)
    })
    await askPolicy({ port: process.port, connections: 8, requests })
  }
  const more = (memoryOf(process.pid).resident - before) / 1e6
  const stored = storedOctets(own)
  const octets = stored === null || storedBefore === null ? null : (stored - storedBefore) / ACCOUNTS
  const inStore = octets === null ? 'not measured' : `${octets.toFixed(0)} octets each`
  console.log(
    `\n${peer.name}, ${ACCOUNTS} accounts of 3 addresses: ${more.toFixed(1)} MB more resident, the bar is ${BARS.megabytes}; in the store ${inStore}`,
  )
  return { server: peer.id, more, octets }
}

/** CPU time of a DNS query and its latency, at half of the full speed, beside policy requests and without them. */
async function measureDns({ process, dnsPort }) {
  if (versionOf(['dnsperf', '-h']) === null) {
    console.log('\nSkipped: DNS beside policy requests, because dnsperf is not installed')
    return null
  }
  const { samples: runs, figures } = await measureDnsBeside({
    pid: process.pid,
    policyPort: process.port,
    dnsPort,
    directory,
    rounds: options.rounds,
    seconds: options.seconds,
    beside: BESIDE,
  })
  const sides = {
    alone: 'alone',
    control: `beside a program that answers ${BESIDE} policy requests per second with DUNNO`,
    asnzone: `beside ${BESIDE} policy requests per second to asnzone`,
  }
  printTable(
    ['DNS, a quarter of the full speed', 'queries/s', 'p50 µs', 'p99 µs', 'CPU µs/query', 'lost'],
    Object.entries(sides).map(([side, text]) => [
      text,
      ...['rate', 'p50', 'p99'].map((key) => figures(side, key).toFixed(0)),
      figures(side, 'cpu').toFixed(2),
      figures(side, 'lost').toFixed(0),
    ]),
  )
  const ratio = (key) => figures('asnzone', key) / figures('control', key)
  console.log(
    `\nbeside asnzone / beside DUNNO: p99 ${ratio('p99').toFixed(3)}, CPU ${ratio('cpu').toFixed(3)}; the bar is ${BARS.dns}`,
  )
  return { runs, ratio: { p99: ratio('p99'), cpu: ratio('cpu') } }
}
