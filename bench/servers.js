// npm run bench: asnzone beside rbldnsd, Knot DNS, NSD and a C program that does nothing, with the same data.
//
// Each server runs on one core and dnsperf on another. All are started first and stay idle when it isn't their
// turn. What can't be run here is skipped, with a line that says so.

import { join } from 'node:path'
import { randomAddresses } from './harness/addresses.js'
import { compare, summarise } from './harness/compare.js'
import { dnsperfCommand, writeQuestions } from './harness/dnsperf.js'
import { lineUp } from './harness/line-up.js'
import { BUILT_ASNZONE, readOptions, refuse } from './harness/options.js'
import { PEERS, versionOf } from './harness/peers.js'
import { canPin, memoryOf, pinBench } from './harness/processes.js'
import { COMPARED_ZONE, MEASURED_ZONES, mixedQuestions, questionsOf } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { temporaryDirectory } from './harness/temporary.js'

const ADDRESSES = 200_000

/** What asnzone's CPU time a query may be at most, in those of others. */
const BARS = { echo: 1.1, rbldnsd: 0.95 }

const HELP = `Usage: npm run bench -- [options]
  --rounds N        rounds, in each of which every server has its turn (5)
  --seconds S       seconds of each measurement, of which a turn has two (5)
  --only A,B        only these servers: ${PEERS.map(({ id }) => id).join(', ')}
  --skip-wildcards  not Knot DNS and NSD, which take a minute and 6 GB together
  --asnzone FILE    the main.js to measure (dist/cli/main.js)
  --json FILE       where the results go (a new file in bench/results/)`

const options = readOptions(HELP, {
  rounds: 5,
  seconds: 5,
  only: PEERS.map(({ id }) => id).join(','),
  'skip-wildcards': false,
  asnzone: BUILT_ASNZONE,
  json: '',
})
const { rounds, seconds } = options
const only = options.only.split(',')
const unknown = only.find((id) => !PEERS.some((peer) => peer.id === id))
if (unknown !== undefined) refuse(`--only ${unknown}: no such server`, HELP)
const dnsperf = versionOf(['dnsperf', '-h'])
if (dnsperf === null) throw new Error('dnsperf is not installed, and nothing can be measured without it')

const tell = (message) => console.log(message)
const machine = await describeMachine()
printMachine(machine)
if (!canPin) tell('Skipped: a core for each; that needs two cores and taskset')
const directory = temporaryDirectory()
const peers = PEERS.filter(({ id, name, wildcards = false }) => {
  if (!only.includes(id)) return false
  if (wildcards && options['skip-wildcards']) tell(`Skipped: ${name}, because of --skip-wildcards`)
  return !(wildcards && options['skip-wildcards'])
})

const addresses = randomAddresses(ADDRESSES)
const comparedZone = MEASURED_ZONES.find(({ apex }) => apex === COMPARED_ZONE)
const compared = { questions: questionsOf(comparedZone, addresses), rcodes: ['NOERROR'], fits: () => true }
const mixed = {
  questions: mixedQuestions(addresses),
  rcodes: ['NOERROR', 'NXDOMAIN'],
  fits: ({ serves }) => serves !== 'compared',
}
const workloads = [
  { id: 'plain', title: `TXT in ${COMPARED_ZONE}`, edns: false, ...compared },
  { id: 'edns', title: `TXT in ${COMPARED_ZONE}, EDNS`, edns: true, ...compared },
  { id: 'mixed', title: 'all zones mixed, EDNS', edns: true, ...mixed },
].map(({ questions, ...workload }) => {
  const file = join(directory, `${workload.id}.txt`)
  writeQuestions(file, questions)
  return { ...workload, file }
})

const subjects = await lineUp({ peers, directory, asnzone: options.asnzone, addresses, tell })
pinBench()
const samples = await compare({ subjects, workloads, rounds, seconds, directory })
const summaries = workloads.map(({ id, title, fits }) => ({
  id,
  title,
  servers: subjects
    .filter(({ peer }) => fits(peer))
    .map(({ peer: { id: server, name } }) => ({
      server,
      name,
      ...summarise(samples.filter((sample) => sample.server === server && sample.workload === id)),
    })),
}))
const servers = subjects.map(
  ({ peer: { id, name }, process, command, configuration, version, coldStart, warmStart }) => ({
    ...{ id, name, version, command, configuration, coldStart, warmStart },
    ...memoryOf(process.pid),
  }),
)
for (const { process } of subjects) await process.stop()

tell(`
Medians of ${rounds} rounds; in brackets how many times worse than asnzone (less than 1: better).
CPU is that of the server. Latencies and losses are at half of the server's own full speed. Where the core is
busy for less than 95 %, dnsperf on the other core was the limit of the queries a second.`)
for (const { title, servers: rows } of summaries) {
  const [first] = rows
  const times = (part, whole) => (first.server === 'asnzone' ? ` (${(part / whole).toFixed(2)})` : '')
  const worse = (row, key, digits) => `${row[key].toFixed(digits)}${times(row[key], first[key])}`
  tell(`\n${title}\n`)
  printTable(
    ['server', 'CPU µs/query', 'queries/s', 'p50 µs', 'p99 µs', 'lost', 'core busy', 'reply octets'],
    rows.map((row) => [
      row.name,
      worse(row, 'cpuMicroseconds', 2),
      `${row.rate.toFixed(0)}${times(first.rate, row.rate)}`,
      worse(row, 'p50', 0),
      worse(row, 'p99', 0),
      String(row.lost),
      `${(row.busy * 100).toFixed(0)} %`,
      row.replyOctets.toFixed(0),
    ]),
  )
}
tell('\nMemory after all rounds, and time from the start of the process to its first answer, on one core\n')
printTable(
  ['server', 'resident MB', 'peak MB', 'first start s', 'later starts s'],
  servers.map(({ name, resident, peak, coldStart, warmStart }) => [
    name,
    ...[resident, peak].map((bytes) => (bytes / 1e6).toFixed(0)),
    coldStart.toFixed(2),
    warmStart === null ? '–' : warmStart.toFixed(2),
  ]),
)
tell('')
for (const { title, servers: rows } of summaries) {
  const cpu = (id) => rows.find(({ server }) => server === id)?.cpuMicroseconds
  for (const [id, bar] of Object.entries(BARS)) {
    const ratio = cpu('asnzone') / cpu(id)
    if (ratio > 0) tell(`${title}: asnzone / ${id} = ${ratio.toFixed(3)}; the bar is ${bar.toFixed(2)}`)
  }
}
tell(`\ndnsperf: ${dnsperf}`)
for (const { name, version, command } of servers) tell(`${name}: ${version}\n    ${command.join(' ')}`)
const asked = workloads.map(({ file, edns }) =>
  dnsperfCommand({ port: 'PORT', file, edns, seconds }).join(' '),
)
tell(asked.join('\n'))
writeResults(options.json, 'servers', { machine, dnsperf, asked, servers, summaries, samples })
