// The ASes that are told by how far they are from all mail, read from the state on the disk.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LearnedAses } from '../../src/http/learned-ases.ts'
import { Excluded } from '../../src/learn/excluded.ts'
import { explainFrom } from '../../src/learn/explain-from.ts'
import { Learner } from '../../src/learn/learner.ts'
import { LearnState } from '../../src/learn/state.ts'
import { STATE_FILE } from '../../src/learn/state-file.ts'
import { toldAses } from '../../src/learn/told-ases.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallTable } from '../support/small-table.ts'

const NOW = 1_800_000_000
const FIRST = 64_500
const COUNT = 60
const rows = Array.from({ length: COUNT }, (_, at) => ({
  cidr: `198.51.${at}.0/24`,
  asn: FIRST + at,
  name: `N${at}`,
  country: at % 2 === 0 ? 'DE' : 'FR',
}))
const table = smallTable(rows)
const file = join(temporaryFolder(), STATE_FILE)
const source = { file, halfLife: 60 * 86_400, exclude: { asns: [FIRST + 2], networks: [] } }

test('where nothing was learned there are none, and no file is made', () => {
  expect(toldAses(source, table, NOW)).toEqual([])
  expect(existsSync(file)).toBe(false)
})

test('the farthest from all mail first, as the addresses are explained; at most fifty over HTTP', async () => {
  const state = new LearnState(file, source)
  const settings = {
    halfLife: source.halfLife,
    quota: 10_000,
    excluded: new Excluded(),
    trusted: [],
    keep: false,
  }
  const learner = new Learner(
    state,
    () => table,
    settings,
    () => NOW,
  )
  learner.learn(
    rows.flatMap((_, at) =>
      Array.from({ length: at + 1 }, (_, host) => ({
        address: `198.51.${at}.${host}`,
        time: NOW,
        spam: at % 4 < 2,
        weight: 1,
        undoes: false,
        reporter: host % 3 === 0 ? 'one' : 'two',
      })),
    ),
  )
  state.close()
  const later = NOW + 60 * 86_400
  const told = toldAses(source, table, later)
  expect(told.length).toBeGreaterThan(50)
  expect(told.map(({ asn }) => asn)).not.toContain(FIRST + 2)
  const distances = told.map(({ decibels }) => Math.abs(decibels))
  expect(distances).toEqual([...distances].sort((a, b) => b - a))
  expect(distances.at(-1)).toBeGreaterThanOrEqual(3)
  const level = explainFrom(source, '198.51.59.1', table, later)?.levels.find(({ level }) => level === 'as')
  expect(told.find(({ asn }) => asn === FIRST + 59)).toEqual({
    asn: FIRST + 59,
    name: 'N59',
    country: 'FR',
    spam: 0,
    ham: level?.ham,
    decibels: level?.decibels,
  })
  expect(level?.ham).toBeLessThan(31)
  const list = await new LearnedAses(
    () => source,
    () => table,
    () => later * 1000,
  ).describe()
  expect(list).toEqual({ enabled: true, ases: told.slice(0, 50), more: told.length - 50 })
})

test('without the setting there is a hint', async () => {
  const list = await new LearnedAses(
    () => null,
    () => table,
  ).describe()
  expect(list).toEqual({ enabled: false, hint: expect.stringContaining('learn: {}') })
})
