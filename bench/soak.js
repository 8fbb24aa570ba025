// npm run soak: half of what the server can take, for minutes, while its tables are replaced and clients misbehave.
//
// Every reply is compared to the octet with those of the two services that take turns. One message in ten is
// hostile, and TCP clients come and go. At the end no query may be lost or answered wrongly, and the memory of the
// server may not have grown.

import { setTimeout as sleep } from 'node:timers/promises'
import { mutate } from '../fuzz/mutations.js'
import { Random } from '../fuzz/random.js'
import { readOptions } from './harness/options.js'
import { memoryOf } from './harness/processes.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { readySoak, startAsker } from './harness/soak-run.js'
import { churn } from './harness/soak-tcp.js'
import { temporaryDirectory } from './harness/temporary.js'

const HOSTILE_MESSAGES = 5000
const TELL_EVERY = 10

/** How much more memory the second half may take than the first at most. */
const FLAT = 1.05

const options = readOptions(
  `Usage: npm run soak -- [options]
  --minutes N    how long (10)
  --reload S     seconds between two replacements of the table (5)
  --workers N    UDP threads of the server (1)
  --questions N  how many different questions to ask (20000)
  --json FILE    where the results go (a new file in bench/results/)`,
  { minutes: 10, reload: 5, workers: 1, questions: 20_000, json: '' },
)

const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const { queries, replies, server, rate } = await readySoak(options, directory)
console.log(`${rate.toFixed(0)} messages a second for ${options.minutes} minutes`)

const asker = startAsker({ port: server.port, rate, queries, replies, hostile: hostileMessages() })
const reloading = setInterval(() => server.order('swap'), options.reload * 1000)
const tcp = { connections: 0, sent: 0, right: 0, wrong: 0, lost: 0 }
const leaving = new AbortController()
const clients = churn({ port: server.port, queries, replies, signal: leaving.signal, counts: tcp })
const memory = await watch()
clearInterval(reloading)
leaving.abort()
await Promise.all([asker.end(), clients])
server.stop()

const udp = asker.counts()
const half = memory.length >>> 1
const [before, after] = [memory.slice(0, half), memory.slice(half)].map((part) => Math.max(...part))
const isFlat = after <= before * FLAT
const complaints = [
  udp.wrong + tcp.wrong > 0 && 'queries were answered wrongly',
  udp.lost + tcp.lost > 0 && 'queries were lost',
  udp.right < udp.sent && 'not every query has its answer',
  !isFlat && 'memory grew',
].filter((complaint) => complaint !== false)
console.log()
printTable(
  ['', 'UDP', 'TCP'],
  [
    ['queries', udp.sent, tcp.sent],
    ['right', udp.right, tcp.right],
    ['wrong', udp.wrong, tcp.wrong],
    ['lost', udp.lost, tcp.lost],
    ['hostile messages', udp.hostile, '-'],
    ['connections', '-', tcp.connections],
  ].map((row) => row.map(String)),
)
const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
console.log(
  `\n${server.reloads()} replacements; the server had at most ${megabytes(before)} MB in the first half,`,
)
console.log(
  `${megabytes(after)} MB in the second; ${udp.skipped} messages were not sent because we were late.`,
)
console.log(complaints.length === 0 ? '\nPassed.' : `\nFAILED: ${complaints.join(', ')}.`)
writeResults(options.json, 'soak', { machine, options, rate, udp, tcp, reloads: server.reloads(), memory })
process.exitCode = complaints.length === 0 ? 0 : 1

/** Queries with changes that a line, a middlebox or an attacker could make, none of them a response. */
function hostileMessages() {
  const random = new Random()
  return Array.from({ length: HOSTILE_MESSAGES }, (_, i) => {
    random.begin(1, i)
    const other = () => [...queries[random.below(queries.length)]]
    return Uint8Array.from(mutate(other(), random, other).slice(0, 1400))
  })
}

/** Tells how it goes and looks at the server's memory until the time is over; gives its size for each second. */
async function watch() {
  const seconds = Math.round(options.minutes * 60)
  const sizes = []
  for (let second = 1; second <= seconds; second++) {
    await sleep(1000)
    const { resident } = memoryOf(server.pid)
    sizes.push(resident)
    if (second % TELL_EVERY !== 0) continue
    const { sent, right, wrong, lost, hostile } = asker.counts()
    const counts = `${sent} UDP queries, ${sent - right - wrong} under way, ${wrong} wrong, ${lost} lost`
    const others = `${hostile} hostile; ${tcp.sent} TCP queries, ${tcp.wrong} wrong, ${tcp.lost} lost`
    console.log(
      `${second} s: ${counts}; ${others}; ${(resident / 1e6).toFixed(1)} MB; ${server.reloads()} replacements`,
    )
  }
  return sizes
}
