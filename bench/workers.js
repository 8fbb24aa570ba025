// npm run bench:workers: whether twice as many workers answer twice as many queries, beside the C echo with as many
// processes.
//
// The server has cores of its own, one for each worker, and dnsperf has as many others. Where there are not enough for
// two workers nothing can be told of how it grows, and that is said.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomAddresses } from './harness/addresses.js'
import { dnsperfCommand, runDnsperf, writeQuestions } from './harness/dnsperf.js'
import { BUILT_ASNZONE, readOptions } from './harness/options.js'
import { asnzoneCommand, ECHO_SOURCE, versionOf } from './harness/peers.js'
import { canPin, cpuTime, freePort, startServer } from './harness/processes.js'
import { COMPARED_ZONE, composeQuery, MEASURED_ZONES, questionsOf } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { median } from './harness/statistics.js'
import { temporaryDirectory } from './harness/temporary.js'

const ADDRESSES = 100_000

/** Sockets for each worker that dnsperf asks from: the kernel spreads them over the workers by chance. */
const CLIENTS_PER_WORKER = 16

/** The share of its cores below which the server was not what was measured. */
const BUSY = 0.9

const options = readOptions(
  `Usage: npm run bench:workers -- [options]
  --rounds N      rounds, in each of which asnzone and the echo have their turn (3)
  --seconds S     seconds of each measurement (5)
  --most N        the most workers (half of the cores)
  --asnzone FILE  the main.js to measure (dist/cli/main.js)
  --json FILE     where the results go (a new file in bench/results/)`,
  { rounds: 3, seconds: 5, most: 1e9, asnzone: BUILT_ASNZONE, json: '' },
)
if (versionOf(['dnsperf', '-h']) === null) {
  throw new Error('dnsperf is not installed; there is no load without it')
}
const machine = await describeMachine()
printMachine(machine)
const hasEcho = versionOf(['gcc', '--version']) !== null
if (!hasEcho) console.log('Skipped: C echo, because gcc is not installed')

const half = Math.max(1, Math.min(Math.floor(machine.cores / 2), Math.floor(options.most)))
const counts = Array.from({ length: Math.floor(Math.log2(half)) + 1 }, (_, power) => 2 ** power)
const directory = temporaryDirectory()
const zone = MEASURED_ZONES.find(({ apex }) => apex === COMPARED_ZONE)
const questions = questionsOf(zone, randomAddresses(ADDRESSES))
const file = join(directory, 'questions.txt')
writeQuestions(file, questions)
const query = composeQuery(questions[0])
const echo = join(directory, 'echo')
if (hasEcho) {
  const { status, stderr } = spawnSync('gcc', ['-O2', '-o', echo, ECHO_SOURCE], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`gcc: ${stderr}`)
}

/** So many cores from one on, as taskset takes them. */
const coresFrom = (first, count) => (count === 1 ? String(first) : `${first}-${first + count - 1}`)

/** One server with so many workers on the first cores. */
async function start(name, workers) {
  const port = await freePort()
  const own = join(directory, `${name}-${workers}`)
  mkdirSync(own)
  const echoes = `for i in $(seq ${workers}); do ${echo} 127.0.0.1 ${port} & done; wait`
  const command =
    name === 'echo'
      ? ['sh', '-c', echoes]
      : asnzoneCommand({ asnzone: options.asnzone, port, dataDirectory: join(directory, 'data'), workers })
  const core = coresFrom(0, workers)
  const log = join(own, 'log')
  const process = await startServer({ command, directory: own, port, core, query, anyReply: true, log })
  return { name, workers, process, samples: [] }
}

/** Asks for some seconds from as many other cores. */
async function ask({ process, workers }, seconds) {
  const cores = coresFrom(workers, Math.max(1, Math.min(workers, machine.cores - workers)))
  const clients = CLIENTS_PER_WORKER * workers
  const load = { port: process.port, file, edns: true, seconds, clients, threads: workers, cores }
  const before = cpuTime(process.pid)
  const { rate, completed, lost } = await runDnsperf(dnsperfCommand(load), join(directory, 'dnsperf.txt'))
  const used = cpuTime(process.pid) - before
  return { rate, lost, cpuMicroseconds: used / 1000 / completed, busy: used / 1e9 / seconds / workers }
}

const results = []
for (const workers of counts) {
  const subjects = []
  for (const name of hasEcho ? ['asnzone', 'echo'] : ['asnzone']) subjects.push(await start(name, workers))
  for (const subject of subjects) await ask(subject, 1)
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of subjects) subject.samples.push(await ask(subject, options.seconds))
  }
  for (const { name, process, samples } of subjects) {
    await process.stop()
    const of = (key) => median(samples.map((sample) => sample[key]))
    const [rate, cpuMicroseconds, busy] = ['rate', 'cpuMicroseconds', 'busy'].map(of)
    results.push({ workers, name, rate, cpuMicroseconds, busy, samples })
  }
}

console.log(
  `\nTXT in ${COMPARED_ZONE}, EDNS; medians of ${options.rounds} rounds. CPU is that of the server.\n`,
)
const first = (name) => results.find((it) => it.name === name)
printTable(
  ['server', 'workers', 'queries/s', 'times one worker', 'CPU µs/query', 'cores busy'],
  results.map(({ name, workers, rate, cpuMicroseconds, busy }) => [
    name,
    String(workers),
    rate.toFixed(0),
    (rate / first(name).rate).toFixed(2),
    cpuMicroseconds.toFixed(2),
    `${(busy * 100).toFixed(0)} %${busy < BUSY ? ', dnsperf was the limit' : ''}`,
  ]),
)
if (!canPin || half < 2) {
  const why = canPin ? `this machine has ${machine.cores} cores` : 'nothing can be tied to cores here'
  console.log(
    `\nThis can't tell how it grows with workers: ${why}. Two workers need four, two for them and two to ask from.`,
  )
}
writeResults(options.json, 'workers', { machine, results })
