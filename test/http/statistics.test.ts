// Statistics as the API tells them.

import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { type OpenStatistics, Statistics } from '../../src/http/statistics.ts'
import { intervalsOf } from '../../src/stats/intervals.ts'
import { fakeServer, ownHost } from '../support/running.ts'

const LOOPBACK = { headers: { host: '127.0.0.1' } }

async function tell(openStatistics: OpenStatistics | null): Promise<unknown> {
  const app = createApp(fakeServer({ openStatistics }).running, ownHost)
  const response = await app.hono.request('/api/stats', LOOPBACK)
  app.stop()
  return response.json()
}

describe('statistics', () => {
  const statistics = async (path: string) => {
    let closed = 0
    const reader = {
      countries: (interval?: string) => [{ interval: interval ?? '', country: 'US', counter: 3 }],
      ases: (interval?: string, max?: number) => [
        { interval: interval ?? '', asn: 15169, name: `at most ${max}`, counter: 2 },
      ],
      intervals: () =>
        ['2026', '2026-11', '2026-11-22', 'total'].map((interval) => ({ interval, counter: 3 })),
      shareOf: () => ({ queries: 2, of: 3 }),
      close: () => {
        closed++
      },
    }
    const app = createApp(fakeServer({ openStatistics: () => reader }).running, ownHost)
    const response = await app.hono.request(path, LOOPBACK)
    app.stop()
    return { status: response.status, told: (await response.json()) as Record<string, unknown>, closed }
  }

  test('are told of an interval, and the database is closed', async () => {
    const { told, closed } = await statistics('/api/stats?interval=2026-11')
    expect(closed).toBe(1)
    expect(told).toEqual({
      enabled: true,
      interval: '2026-11',
      intervals: {
        years: [{ interval: '2026', queries: 3 }],
        months: [{ interval: '2026-11', queries: 3 }],
        days: [{ interval: '2026-11-22', queries: 3 }],
      },
      countries: [{ country: 'US', queries: 3 }],
      ases: [{ asn: 15169, name: 'at most 201', queries: 2 }],
      hasMoreAses: false,
    })
  })

  test('tell of 200 ASes, and that there are more', async () => {
    const ases = Array.from({ length: 201 }, (_, i) => ({
      interval: 'total',
      asn: i + 1,
      name: '',
      counter: 1,
    }))
    const open: OpenStatistics = () => ({
      countries: () => [],
      ases: (_interval, max) => ases.slice(0, max),
      intervals: () => [],
      shareOf: () => ({ queries: 0, of: 0 }),
      close: () => {},
    })
    const told = (await tell(open)) as { ases: readonly unknown[]; hasMoreAses: boolean }
    expect([told.ases.length, told.hasMoreAses]).toEqual([200, true])
  })

  test.each([
    ['', 'total'],
    ['?interval=today', intervalsOf(new Date())[3]],
  ])('/api/stats%s is of %s', async (query, interval) => {
    expect((await statistics(`/api/stats${query}`)).told).toMatchObject({ interval })
  })

  test('of what is not an interval are refused', async () => {
    const { status, told } = await statistics('/api/stats?interval=yesterday')
    expect([status, told]).toEqual([
      400,
      { error: expect.stringContaining("'yesterday' is not total, today") },
    ])
  })

  test('are off, or not written yet', async () => {
    expect(await tell(null)).toEqual({ enabled: false })
    expect(await tell(() => null)).toMatchObject({ enabled: true, countries: [], ases: [] })
  })
})

test('a description of statistics is kept for a moment, a few of them', () => {
  let now = 0
  let opened = 0
  const statistics = new Statistics(
    () => {
      opened++
      return null
    },
    () => now,
  )
  statistics.describe('total')
  statistics.describe('total')
  expect(opened).toBe(1)
  now = 2000
  statistics.describe('total')
  expect(opened).toBe(2)
  for (let year = 2000; year < 2020; year++) statistics.describe(String(year))
  statistics.describe('2000')
  expect(opened).toBe(23)
})
