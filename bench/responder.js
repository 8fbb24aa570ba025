// npm run bench:responder: how long one answer takes inside the responder, without sockets.
//
// 64 queries at a time are copied into the arena of a worker, as recvmmsg does, before the clock starts; only
// answering them is measured. Each question is for another random address until all have had their turn.

import { Bench } from 'tinybench'
import { TRANSPORT } from '../dist/dns/responder.js'
import { Arena, SLOTS } from '../dist/server/mmsg/arena.js'
import { compileInOnePiece } from '../dist/system/v8-flags.js'
import { randomAddresses } from './harness/addresses.js'
import { loadAsnzone } from './harness/in-process.js'
import { readOptions } from './harness/options.js'
import { composeQuery, MEASURED_ZONES, mixedQuestions, questionsOf } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'

const RCODES = { 0: 'answers', 3: 'nxdomain' }

/** Milliseconds that a row runs before it is measured. */
const WARM_UP = 200

const options = readOptions(
  `Usage: npm run bench:responder -- [options]
  --addresses N  how many random addresses to ask for (200000)
  --time MS      how long each row is measured, in milliseconds (1000)
  --json FILE    where the results go (a new file in bench/results/)`,
  { addresses: 200_000, time: 1000, json: '' },
)

const machine = await describeMachine()
printMachine(machine)
compileInOnePiece()
const { responder } = await loadAsnzone()
const addresses = randomAddresses(options.addresses)
// Nothing but this process sees the arena: where it lies doesn't matter.
const arena = new Arena(() => 0)
const packet = arena.bytes
const { starts } = arena
const ends = new Uint32Array(SLOTS)

/**
 * A function that copies the next 64 queries into the arena.
 *
 * @param {import('./harness/questions.js').Question[]} questions
 * @param {boolean} edns
 */
function feederOf(questions, edns) {
  const queries = questions.map((question) => composeQuery(question, { edns }))
  const octets = new Uint8Array(Buffer.concat(queries))
  const lengths = Uint8Array.from(queries, ({ length }) => length)
  let next = 0
  let from = 0
  return () => {
    for (let slot = 0; slot < SLOTS; slot++) {
      const start = starts[slot]
      const length = lengths[next]
      for (let i = 0; i < length; i++) packet[start + i] = octets[from + i]
      ends[slot] = start + length
      from += length
      if (++next === lengths.length) {
        next = 0
        from = 0
      }
    }
  }
}

/** Answers what is in the arena. */
function answer() {
  responder.lookAhead(packet, starts, SLOTS)
  for (let slot = 0; slot < SLOTS; slot++)
    responder.respond(packet, starts[slot], ends[slot], TRANSPORT.udp, slot)
}

/** How many of one round through the questions have an answer, and how many are NXDOMAIN. */
function outcomesOf(name, feed, count) {
  const outcomes = { queries: 0, answers: 0, nxdomain: 0 }
  for (; outcomes.queries < count; outcomes.queries += SLOTS) {
    feed()
    answer()
    for (const start of starts) {
      const rcode = packet[start + 3] & 15
      const outcome = RCODES[rcode]
      if (outcome === undefined) throw new Error(`${name}: RCODE ${rcode} where none was to be expected`)
      if (rcode !== 0 || packet[start + 7] > 0) outcomes[outcome]++
    }
  }
  return outcomes
}

const rows = [
  { name: 'all zones mixed', questions: mixedQuestions(addresses) },
  {
    name: 'one address repeated',
    questions: questionsOf(MEASURED_ZONES[0], { v4: addresses.v4.slice(0, 1) }),
  },
  ...MEASURED_ZONES.map((zone) => ({ name: zone.label, questions: questionsOf(zone, addresses) })),
]
const bench = new Bench({ time: options.time, warmupTime: WARM_UP, subtractTimerOverhead: true })
const ednsName = (name) => `${name}, EDNS`
const outcomes = new Map()
for (const { name, questions } of rows) {
  for (const edns of [false, true]) {
    const feed = feederOf(questions, edns)
    // A round before anything is measured also shows the compiler every zone: the figures are those of a
    // server that serves them all.
    outcomes.set(name, outcomesOf(name, feed, questions.length))
    bench.add(edns ? ednsName(name) : name, answer, { beforeEach: feed, async: false })
  }
}
bench.runSync()

/** Nanoseconds a query. */
function timesOf(name) {
  const { result } = bench.getTask(name)
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`, { cause: result.error })
  const { p50, mean } = result.latency
  return { median: (p50 * 1e6) / SLOTS, mean: (mean * 1e6) / SLOTS }
}

const results = rows.map(({ name }) => ({
  name,
  plain: timesOf(name),
  edns: timesOf(ednsName(name)),
  outcomes: outcomes.get(name),
}))
console.log(`\nNanoseconds a query over batches of ${SLOTS}; copying the query is not measured:\n`)
printTable(
  ['asked', 'median', 'mean', 'EDNS median', 'mean', 'answered', 'NXDOMAIN'],
  results.map(({ name, plain, edns, outcomes: { queries, answers, nxdomain } }) => {
    const times = [plain.median, plain.mean, edns.median, edns.mean].map((time) => time.toFixed(0))
    const shares = [answers, nxdomain].map((part) => `${((100 * part) / queries).toFixed(1)} %`)
    return [name, ...times, ...shares]
  }),
)
writeResults(options.json, 'responder', { machine, addresses: addresses.v4.length, results })
