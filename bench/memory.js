// npm run bench:memory: how much memory asnzone has with 1, 2 and 4 workers, when it is ready and after queries, and how
// often it wakes up when nobody asks any more.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomAddresses } from './harness/addresses.js'
import { dnsperfCommand, runDnsperf, writeQuestions } from './harness/dnsperf.js'
import { BUILT_ASNZONE, readOptions } from './harness/options.js'
import { asnzoneCommand, versionOf } from './harness/peers.js'
import { freePort, memoryOf, startServer, wakeUpsOf } from './harness/processes.js'
import { composeQuery, mixedQuestions } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { temporaryDirectory } from './harness/temporary.js'

const WORKERS = [1, 2, 4]

/** Sockets that dnsperf asks from: enough that the kernel gives every worker some. */
const CLIENTS = 32

/** Seconds for which nobody asks, and those before which what the queries left behind is cleared away. */
const IDLE = 10
const SETTLE = 5

const options = readOptions(
  `Usage: npm run bench:memory -- [options]
  --addresses N   how many random addresses to ask for (200000)
  --seconds S     how long to ask (5)
  --asnzone FILE  the main.js to measure (dist/cli/main.js)
  --json FILE     where the results go (a new file in bench/results/)`,
  { addresses: 200_000, seconds: 5, asnzone: BUILT_ASNZONE, json: '' },
)
if (versionOf(['dnsperf', '-h']) === null)
  throw new Error('dnsperf is not installed; there is no load without it')

const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const questions = mixedQuestions(randomAddresses(options.addresses))
const file = join(directory, 'questions.txt')
writeQuestions(file, questions)
const query = composeQuery(questions[0])
const port = await freePort()

/** The memory of one server, after how many queries, and how often a second it wakes up after them. */
async function measure(workers, dataDirectory) {
  const command = asnzoneCommand({ asnzone: options.asnzone, port, dataDirectory, workers })
  const log = join(directory, 'log')
  const server = await startServer({ command, directory, port, core: null, query, log })
  const ready = memoryOf(server.pid)
  const load = { port, file, edns: true, seconds: options.seconds, clients: CLIENTS }
  const { completed } = await runDnsperf(dnsperfCommand(load), join(directory, 'dnsperf.txt'))
  const loaded = memoryOf(server.pid)
  await sleep(SETTLE * 1000)
  const wakeUps = await wakeUpsOf(server.pid, IDLE)
  await server.stop()
  return { ready, loaded, completed, wakeUps }
}

const results = []
for (const workers of WORKERS) {
  const dataDirectory = join(directory, `data-${workers}`)
  results.push({ workers, start: 'first', ...(await measure(workers, dataDirectory)) })
  results.push({ workers, start: 'later', ...(await measure(workers, dataDirectory)) })
}
console.log(`
Megabytes; «first» compiled the CSV files, «later» read the snapshot. The bar is 120 with two workers after
queries, and 10 more for each further worker; that of wake-ups per second, when nobody asks, is 10.
`)
printTable(
  ['workers', 'start', 'ready', 'after queries', 'of which anonymous', 'peak', 'queries', 'wake-ups/s'],
  results.map(({ workers, start, ready, loaded, completed, wakeUps }) => {
    const sizes = [ready.resident, loaded.resident, loaded.anonymous, loaded.peak]
    const megabytes = sizes.map((bytes) => (bytes / 1e6).toFixed(1))
    return [String(workers), start, ...megabytes, String(completed), wakeUps.toFixed(1)]
  }),
)
writeResults(options.json, 'memory', { machine, results })
