import { loadTable } from '../dist/data/compile/load.js'
import { embeddedSources } from '../dist/data/sources/sources.js'
import { FALSE_POSITIVES, replay } from '../dist/learn/check.js'
import { corpusVerdicts } from './harness/spam-corpus.js'

const table = await loadTable(embeddedSources())
const from = Date.parse('2002-08-15') / 1000,
  to = Date.parse('2002-10-15') / 1000
for (const behind of [true, false]) {
  const v = corpusVerdicts(behind)
  console.log(
    v.length,
    v.filter((x) => x.spam).length,
    new Date(v[0].time * 1000).toISOString(),
    new Date(v.at(-1).time * 1000).toISOString(),
  )
  const samples = v.map((x) => ({
    ...x,
    words: [x.address.split('.').reduce((a, b) => a * 256 + +b, 0)],
    weight: 1,
  }))
  const hash = (a) => a.split('.').reduce((x, b) => (x * 256 + +b) >>> 0, 0)
  for (const cap of [5, Infinity]) {
    const r = replay(samples, table, hash, { halfLife: 60 * 86400, maxKeys: 1e6, from, to, cap })
    console.log(cap, r.learned, r.unknown, r.spam, r.ham, r.hitCount)
    for (const row of r.rows)
      console.log(
        row.model.padEnd(10),
        row.found.map((x) => (x * 100).toFixed(1)).join(' '),
        row.area.toFixed(3),
      )
  }
}
