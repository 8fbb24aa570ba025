// Which dates of sources are believed.

import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planOf } from '../../../src/app/data-sources.ts'
import type { LoadOptions } from '../../../src/data/compile/load.ts'
import { credibleDate, doubtOf } from '../../../src/data/sources/date.ts'
import { resolveSources } from '../../../src/data/sources/sources.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { loadSmall } from '../../support/load-small.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')

test.each([
  ['2026-11-27T13:00:00.000Z', true],
  ['2026-11-27T13:00:00.001Z', false],
  ['2036-01-01T00:00:00.000Z', false],
  ['1999-01-01T00:00:00.000Z', true],
  ['1970-01-01T00:00:00.000Z', false],
  ['no date', false],
])('%s is believed on 2026-11-27 at noon: %s', (date, isBelieved) => {
  expect(credibleDate(date, NOW)).toBe(isBelieved ? date : null)
})

test('only what lies ahead is worth a word', () => {
  expect(doubtOf('a', '2036-01-01T00:00:00.000Z', 'x counts', NOW)).toBe(
    'a says that it is of 2036-01-01 00:00 UTC, which is in the future: x counts',
  )
  expect(doubtOf('a', '1970-01-01T00:00:00.000Z', 'x', NOW)).toBeNull()
  expect(doubtOf('a', null, 'x', NOW)).toBeNull()
})

test('issue 14, item 1: neither the mtime of a file nor the header in it may lie in the future', async () => {
  const year = new Date().getUTCFullYear() + 2
  const rows = `2.3|arin|x|1||${year}0101|+0\narin|US|ipv4|8.0.0.0|256|20000101|allocated|\n`
  const path = join(temporaryFolder({ 'delegated.txt': rows }), 'delegated.txt')
  const plan = planOf({
    sources: [{ what: 'country', format: 'rir', from: [path] }],
    feed: 'none',
    feedUrl: 'https://a.test',
  })
  const load = async (mtime: Date) => {
    utimesSync(path, mtime, mtime)
    const { sources, doubts } = resolveSources(plan, new Map(), () => '')
    const told: (string | undefined)[] = []
    const onSource: LoadOptions['onSource'] = ({ doubt }) => told.push(doubt)
    const table = await loadSmall(sources, { onSource })
    return { date: table.metadata().sources[0].date, doubts, told }
  }
  const good = new Date('2026-06-17T19:00:00Z')
  expect(await load(good)).toEqual({
    date: good.toISOString(),
    doubts: [],
    told: [expect.stringContaining(`is of ${year}-01-01 00:00 UTC, which is in the future: 2026-06-17 19`)],
  })
  const { date, doubts } = await load(new Date(`${year}-01-01T00:00:00Z`))
  expect([date, doubts]).toEqual([null, [expect.stringContaining('its date is unknown')]])
})
