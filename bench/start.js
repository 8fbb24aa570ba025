// npm run bench:start: time from the start of the process to its first answer, without and with a snapshot.
//
// The process may use every core, as when a service manager starts it. The data files are in the page cache:
// what is measured is asnzone, not the disk.

import { join } from 'node:path'
import { BUILT_ASNZONE, readOptions } from './harness/options.js'
import { asnzoneCommand } from './harness/peers.js'
import { freePort, startServer } from './harness/processes.js'
import { composeQuery } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { median } from './harness/statistics.js'
import { temporaryDirectory } from './harness/temporary.js'

const QUERY = composeQuery({ name: '8.8.8.8.origin.asnzone.internal', type: 'TXT' })

const options = readOptions(
  `Usage: npm run bench:start -- [options]
  --rounds N      starts of each kind (5)
  --asnzone FILE  the main.js to measure (dist/cli/main.js)
  --json FILE     where the results go (a new file in bench/results/)`,
  { rounds: 5, asnzone: BUILT_ASNZONE, json: '' },
)

const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const port = await freePort()

/** Seconds to the first answer with a data directory. */
async function start(dataDirectory) {
  const command = asnzoneCommand({ asnzone: options.asnzone, port, dataDirectory, workers: 2 })
  const log = join(directory, 'log')
  const server = await startServer({ command, directory, port, core: null, query: QUERY, log })
  await server.stop()
  return server.readyAfter
}

// The first one reads everything from the disk, and doesn't count.
await start(join(directory, 'unmeasured'))
const starts = { first: [], later: [] }
for (let round = 0; round < options.rounds; round++) {
  const dataDirectory = join(directory, String(round))
  starts.first.push(await start(dataDirectory))
  starts.later.push(await start(dataDirectory))
}
const results = [
  { start: 'first, from the CSV files', bar: 2.5, seconds: starts.first },
  { start: 'later, from the snapshot', bar: 0.4, seconds: starts.later },
].map((result) => ({ ...result, median: median(result.seconds) }))
console.log(
  `\nSeconds from the start of the process to its first answer, ${options.rounds} starts of each kind:\n`,
)
printTable(
  ['start', 'median', 'bar', 'least', 'most'],
  results.map(({ start, median, bar, seconds }) => [
    start,
    ...[median, bar, Math.min(...seconds), Math.max(...seconds)].map((time) => time.toFixed(2)),
  ]),
)
writeResults(options.json, 'start', { machine, results })
