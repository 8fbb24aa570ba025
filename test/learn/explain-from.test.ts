// An address explained by the state on the disk, as by all of it in memory.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Excluded } from '../../src/learn/excluded.ts'
import { explain } from '../../src/learn/explain.ts'
import { explainFrom } from '../../src/learn/explain-from.ts'
import { Learner } from '../../src/learn/learner.ts'
import { LearnState } from '../../src/learn/state.ts'
import { STATE_FILE } from '../../src/learn/state-file.ts'
import { learnSummary } from '../../src/learn/summary.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallTable } from '../support/small-table.ts'

const NOW = 1_800_000_000
const table = smallTable()
const file = join(temporaryFolder(), STATE_FILE)
const source = { file, halfLife: 60 * 86_400, exclude: { asns: [7819], networks: ['193.0.0.0/21'] } }
const excluded = new Excluded([7819])

test('before anything was learned there is nothing, and no file is made', () => {
  expect(explainFrom(source, '8.8.8.8', table, NOW)).toBeNull()
  expect(learnSummary(file)).toBeNull()
  expect(existsSync(file)).toBe(false)
})

test('it is explained as by all of the state', () => {
  const state = new LearnState(file, source)
  const settings = { halfLife: source.halfLife, quota: 1000, excluded, trusted: [], keep: false }
  const learner = new Learner(
    state,
    () => table,
    settings,
    () => NOW,
  )
  const verdict = { weight: 1, undoes: false }
  const verdicts = ['8.8.8.8', '8.8.8.9', '200.0.1.1', '2001:db8::1', '198.51.100.7'].flatMap((address, n) =>
    Array.from({ length: 9 }, (_, day) => ({
      ...verdict,
      address,
      time: NOW - day * 86_400 * 7,
      spam: (day + n) % 3 > 0,
      reporter: day % 2 === 0 ? 'one' : 'two',
    })),
  )
  learner.learn(verdicts)
  for (const address of ['8.8.8.8', '8.8.8.200', '200.0.9.9', '2001:db8::1', '198.51.100.7', '203.0.113.1']) {
    const told = explainFrom(source, address, table, NOW + 3600)
    expect(told).toEqual(explain(address, state.model, table, NOW + 3600, excluded))
    expect(told?.levels[0].spam).toBeGreaterThan(10)
  }
  const summary = learnSummary(file)
  expect(summary?.newest).toBe(NOW)
  expect(summary?.verdicts).toBeGreaterThan(20)
  expect(summary?.keys).toBe(state.model.keys.count - 5)
  state.close()
})

test('what is excluded, unknown or no address', () => {
  expect(explainFrom(source, '193.0.6.139', table, NOW)?.untold).toBe('excluded')
  expect(explainFrom(source, '66.128.48.1', table, NOW)?.untold).toBe('excluded')
  expect(explainFrom(source, '10.0.0.1', table, NOW)).toBeNull()
  expect(explainFrom(source, 'AS15169', table, NOW)).toBeNull()
})

test('a damaged state is an error', () => {
  writeFileSync(file, 'damaged'.repeat(1000))
  const complaint = `${file}: file is not a database; move it away: what was learned begins anew`
  expect(() => explainFrom(source, '8.8.8.8', table, NOW)).toThrow(complaint)
  expect(() => learnSummary(file)).toThrow(complaint)
})
