// npm run bench:reload: queries at half of what the server can take while its table is replaced, and what that costs.
//
// Three times as many queries a second: with nothing else going on, while tables that are ready are swapped in, and
// while each is compiled first, as a reload does. Every reply is compared to the octet with those of the two services
// that take turns: none may be lost and none may be wrong.

import { setTimeout as sleep } from 'node:timers/promises'
import { readOptions } from './harness/options.js'
import { memoryOf } from './harness/processes.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { readySoak, startAsker } from './harness/soak-run.js'
import { temporaryDirectory } from './harness/temporary.js'

/** Milliseconds between two swaps. */
const PAUSE = 400

const options = readOptions(
  `Usage: npm run bench:reload -- [options]
  --swaps N      how often a table that is ready is swapped in (50)
  --compiles N   how often one is compiled and swapped in (5)
  --seconds S    how long to ask with nothing else going on (20)
  --workers N    UDP threads of the server (1)
  --questions N  how many different questions to ask (20000)
  --json FILE    where the results go (a new file in bench/results/)`,
  { swaps: 50, compiles: 5, seconds: 20, workers: 1, questions: 20_000, json: '' },
)

const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const { queries, replies, server, rate } = await readySoak(options, directory)
console.log(`${rate.toFixed(0)} queries a second`)

const results = [
  await measure('nothing', () => sleep(options.seconds * 1000)),
  await measure(`${options.swaps} swaps`, async () => {
    for (let swap = 0; swap < options.swaps; swap++) {
      await server.carryOut('swap')
      await sleep(PAUSE)
    }
  }),
  await measure(`${options.compiles} reloads`, async () => {
    for (let reload = 0; reload < options.compiles; reload++) await server.carryOut('compile')
  }),
]
server.stop()

console.log()
printTable(
  ['meanwhile', 'seconds', 'queries', 'wrong', 'lost', 'p50 ms', 'p99 ms', 'p99.9 ms', 'MB behind it'],
  results.map(({ title, seconds, sent, wrong, lost, p50, p99, p999, resident }) => [
    title,
    seconds.toFixed(1),
    String(sent),
    String(wrong),
    String(lost),
    ...[p50, p99, p999].map((milliseconds) => milliseconds.toFixed(1)),
    (resident / 1e6).toFixed(1),
  ]),
)
const isRight = results.every(({ sent, right, wrong, lost }) => wrong === 0 && lost === 0 && right === sent)
console.log(isRight ? '\nPassed.' : '\nFAILED: queries were lost or answered wrongly.')
writeResults(options.json, 'reload', { machine, options, rate, results })
process.exit(isRight ? 0 : 1)

/** Asks while something goes on. */
async function measure(title, work) {
  const asker = startAsker({ port: server.port, rate, queries, replies })
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  await asker.end()
  const { resident } = memoryOf(server.pid)
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map(asker.latency)
  return { title, seconds, ...asker.counts(), p50, p99, p999, resident }
}
