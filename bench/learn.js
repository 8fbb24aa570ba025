// npm run bench:learn: how much spam verdicts would have told from where it came, on the SpamAssassin corpus of 2002.
//
// Each message is judged before it is learned, and verdicts count from the next full hour on, as what a server bakes does.
// Judged are those of 15 August to 15 October 2002; the AS and country of an address are those of today.

import { writeFileSync } from 'node:fs'
import { loadTable } from '../dist/data/compile/load.js'
import { embeddedSources } from '../dist/data/sources/sources.js'
import { readSender } from '../dist/learn/address.js'
import { FALSE_POSITIVES, replay } from '../dist/learn/check.js'
import { MAX_KEYS } from '../dist/learn/state.js'
import { readOptions } from './harness/options.js'
import { describeMachine, printTable, writeResults } from './harness/report.js'
import { CORPUS, corpusVerdicts } from './harness/spam-corpus.js'

/** What the whole chain has to find at this share of ham, and how far ahead of each of its parts. */
const BAR = { falsePositives: 0.76, found: 0.62, ahead: 0.15 }

const HALF_LIFE = 60 * 86_400
const SECONDS = (date) => Date.parse(`${date}T00:00:00Z`) / 1000
const JUDGED = { from: SECONDS('2002-08-15'), to: SECONDS('2002-10-15') }

/** Where distances are counted from: Dublin, where the mail arrived. */
const ORIGIN = { latitude: 53.35, longitude: -6.26 }

const options = readOptions(
  `Usage: npm run bench:learn -- [options]
  --corpus DIR   messages in the form of the corpus (those of bench/corpus)
  --lines FILE   write the verdicts as lines for 'asnzone learn --check' as well
  --json FILE    where the results go (a new file in bench/results/)`,
  { corpus: CORPUS, lines: '', json: '' },
)

const machine = await describeMachine()
console.log(`${machine.date}, asnzone ${machine.commit}: ${machine.command}`)
const table = await loadTable(embeddedSources(), { originPoint: ORIGIN })

/** The figures of one reading of the corpus. */
function figuresOf(behindLists) {
  const samples = corpusVerdicts(behindLists, options.corpus).map((verdict) => ({
    ...verdict,
    words: readSender(verdict.address).words,
    weight: 1,
  }))
  const hash = (address) => readSender(address).words[0]
  return { samples, ...replay(samples, table, hash, { halfLife: HALF_LIFE, maxKeys: MAX_KEYS, ...JUDGED }) }
}

const results = { machine, readings: [] }
let isMet = false
for (const behindLists of [false, true]) {
  const { samples, rows, spam, ham, hitCount } = figuresOf(behindLists)
  const what = behindLists
    ? 'The host behind that of a mailing list'
    : 'The host that reached the mail server'
  console.log(
    `\n${what}: ${samples.length} messages, judged ${spam} spam and ${ham} ham; at 10 dB ${hitCount} ham hit\n`,
  )
  printTable(
    [
      'found, % of spam, where so much ham is hit',
      ...FALSE_POSITIVES.map((allowed) => `${allowed} %`),
      'area',
    ],
    rows.map(({ model, found, area }) => [
      model,
      ...found.map((share) => (share * 100).toFixed(1)),
      area.toFixed(3),
    ]),
  )
  results.readings.push({ what, messages: samples.length, spam, ham, hitCount, rows })
  if (behindLists) continue
  const column = FALSE_POSITIVES.indexOf(BAR.falsePositives)
  const parts = rows.filter(({ model }) => model !== 'all').map(({ found }) => found[column])
  const all = rows.find(({ model }) => model === 'all').found[column]
  isMet = all >= BAR.found && parts.every((part) => all - part >= BAR.ahead)
  if (options.lines !== '') {
    const lines = samples.map(
      ({ time, address, spam: isSpam }) => `${time} ${address} ${isSpam ? 'spam' : 'ham'}\n`,
    )
    writeFileSync(options.lines, lines.join(''))
  }
}
console.log(
  `\n${isMet ? 'Met' : 'MISSED'}: ${BAR.found * 100} % at ${BAR.falsePositives} % of ham, and ${BAR.ahead * 100} points ahead of each part`,
)
if (!isMet) process.exitCode = 1
writeResults(options.json, 'learn', results)
