// What is said of the age of the data at the start, also by a host whose clock was never set.

import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { tellAge } from '../../src/app/data-age.ts'
import { dataWarnings } from '../../src/app/data-warnings.ts'
import { loadSettings } from '../../src/config/load.ts'
import { embeddedSources } from '../../src/data/sources/sources.ts'
import type { SourceSummary } from '../../src/table/metadata.ts'
import type { Table } from '../../src/table/table.ts'
import { smallTable } from '../support/small-table.ts'

afterEach(() => void vi.useRealTimers())

const clockSays = (time: string): void => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(time) })

/** A table whose sources are of a date. */
function tableOf(date: string | null): Table {
  const table = smallTable()
  const metadata = table.metadata()
  const sources = metadata.sources.map((source): SourceSummary => ({ ...source, date }))
  vi.spyOn(table, 'metadata').mockReturnValue({
    ...metadata,
    sources,
    date: date ?? new Date().toISOString(),
  })
  return table
}

/** The line of the log. */
function told(date: string | null): unknown {
  const lines: string[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) })
  tellAge(log, { maxAge: '45d' }, tableOf(date), { command: 'asnzone update', isStart: true })
  return lines.map((line) => JSON.parse(line) as unknown)
}

test.each([
  ['2026-06-17T19:00:00.000Z', 14, 'data of 2026-06-17, 14 days old'],
  ['2026-08-01T00:00:00.000Z', null, 'data of 2026-08-01'],
  [null, null, 'data of an unknown date'],
])('data of %s', (date, days, msg) => {
  clockSays('2026-07-02T00:00:00Z')
  expect(told(date)).toEqual([{ level: 30, data: date, days, msg }])
})

test('a clock that was never set does not date the data that comes with asnzone', () => {
  clockSays('1970-01-02T00:00:00Z')
  const doubts: string[] = []
  const dates = new Set(embeddedSources(doubts).map(({ date }) => date))
  expect([...dates]).toEqual(['2026-06-17T19:00:00.000Z'])
  expect(doubts).toEqual([])
  const [date] = dates
  expect(told(date)).toEqual([{ level: 30, data: date, days: null, msg: 'data of 2026-06-17' }])
  const settings = loadSettings({})
  expect(dataWarnings(settings, tableOf(date)).filter((line) => line.includes('clock'))).toEqual([
    'the data is of 2026-06-17 19:00 UTC, but the clock of this host says 1970-01-02 00:00 UTC: set the clock that is wrong',
  ])
})
