// How old data are, and when that is too old.

import { expect, test } from 'vitest'
import { ageInDays, dateOfData, firstStaleAfter, staleSources } from '../../../src/data/sources/age.ts'
import type { SourceSummary } from '../../../src/table/metadata.ts'
import { smallTable } from '../../support/small-table.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const DAY = 86_400_000

test.each([
  ['2026-11-21T12:00:00.000Z', 0],
  ['2026-11-20T12:00:01.000Z', 0],
  ['2026-11-20T12:00:00.000Z', 1],
  ['2026-06-17T19:00:00.000Z', 156],
  ['2026-11-21T13:00:00.000Z', 0],
  ['2026-12-01T00:00:00.000Z', null],
  [null, null],
])('data of %s are %s days old', (date, days) => {
  expect(ageInDays({ date }, NOW)).toBe(days)
})

test('issue 14, item 2: the time of the data is that of ASes and countries, not of an override of today', () => {
  const [source] = smallTable().metadata().sources
  const of = (what: string, date: string | null): SourceSummary => ({ ...source, what, date })
  const [old, older, today] = [
    '2026-06-17T19:00:00.000Z',
    '2026-06-01T00:00:00.000Z',
    '2026-11-21T00:00:00.000Z',
  ]
  const others = ['override', 'city', 'registry', 'names'].map((what) => of(what, today))
  expect(dateOfData([...others, of('asn', old), of('country', older)])).toBe(old)
  expect(dateOfData([of('asn', null), of('country', older), of('override', today)])).toBe(older)
  expect(dateOfData([of('override', today), of('city', old)])).toBe(today)
  expect(dateOfData([of('asn', null)])).toBeNull()
  expect(dateOfData([of('asn', old), { ...of('country', today), rows: 0 }])).toBe(old)
})

test('what is older than it should be, but for overrides and what tells no date', () => {
  const metadata = smallTable().metadata()
  const [source] = metadata.sources
  const of = (what: string, date: string | null): SourceSummary => ({ ...source, what, date })
  const sources = [
    of('asn', '2026-10-07T11:59:59.000Z'),
    of('country', '2026-10-07T12:00:00.000Z'),
    of('override', '2020-01-01T00:00:00.000Z'),
    of('names', null),
  ]
  expect(staleSources({ ...metadata, sources }, 45 * DAY, NOW)).toEqual([sources[0]])
  expect(firstStaleAfter({ ...metadata, sources }, 45 * DAY)).toBe(NOW - 1000)
  expect(firstStaleAfter({ ...metadata, sources: sources.slice(2) }, 45 * DAY)).toBe(Number.POSITIVE_INFINITY)
})
