// npm run bench:learn-state: what a million keys take in memory, and how long 63,615 verdicts take to be learned and written.

import { join } from 'node:path'
import { loadTable } from '../dist/data/compile/load.js'
import { embeddedSources } from '../dist/data/sources/sources.js'
import { Excluded } from '../dist/learn/excluded.js'
import { KeyTable } from '../dist/learn/key-table.js'
import { AS_HIGH } from '../dist/learn/keys.js'
import { Learner } from '../dist/learn/learner.js'
import { plain } from '../dist/learn/readers/plain.js'
import { LearnState, MAX_KEYS } from '../dist/learn/state.js'
import { describeMachine, printMachine } from './harness/report.js'
import { temporaryDirectory } from './harness/temporary.js'

const VERDICTS = 63_615
const HALF_LIFE = 60 * 86_400
const BATCH = 20_000

/** Numbers from 0 to 1 that are the same in each run. */
let seed = 1
const random = () => {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
  return seed / 0x80000000
}

printMachine(await describeMachine())

const before = process.memoryUsage().arrayBuffers
const keys = new KeyTable(HALF_LIFE, MAX_KEYS)
for (let asn = 1; asn <= MAX_KEYS; asn++) keys.add(keys.place(AS_HIGH, asn), 1, 0, 1)
const grown = process.memoryUsage().arrayBuffers - before
console.log(
  `${MAX_KEYS} keys: ${(keys.octets / 1e6).toFixed(1)} MB, ${(grown / 1e6).toFixed(1)} MB before old arrays are collected`,
)

const now = Date.now() / 1000
const networks = Array.from({ length: 3000 }, () =>
  [1 + random() * 222, random() * 256, random() * 256].map(Math.floor),
)
const lines = Array.from({ length: VERDICTS }, (_, at) => {
  const network = networks[Math.floor(random() * random() * networks.length)]
  const time = Math.floor(now - (VERDICTS - at) * 80)
  return `${time} ${network.join('.')}.${Math.floor(random() * 256)} ${random() < 0.15 ? 'spam' : 'ham'}`
})
const table = await loadTable(embeddedSources())
const directory = temporaryDirectory()
const settings = { halfLife: HALF_LIFE, quota: 1_000_000, excluded: new Excluded(), keep: false }
const learner = new Learner(
  new LearnState(join(directory, 'learned.sqlite'), settings),
  () => table,
  settings,
  () => now,
)
const began = performance.now()
const options = { reporter: 'local', now, spam: 10, ham: 2, ownSymbols: [], verdict: null, trusted: [] }
for (let at = 0; at < lines.length; at += BATCH) {
  learner.learn(lines.slice(at, at + BATCH).map((line) => plain.read(line, options)))
}
const learned = performance.now()
const rows = learner.writeProduct(directory)
const written = performance.now()
learner.state.close()
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`
console.log(
  `${VERDICTS} verdicts: ${seconds(learned - began)} to learn and write ${learner.state.model.keys.count} keys, ${seconds(written - learned)} for ${rows} rows`,
)
