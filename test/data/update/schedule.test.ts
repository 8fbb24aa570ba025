// When fetched data are asked for again.

import { describe, expect, test } from 'vitest'
import type { DataPlan, PlannedSource } from '../../../src/data/sources/plan.ts'
import { keyOfUrl } from '../../../src/data/sources/source-url.ts'
import type { FetchedFile, Manifest } from '../../../src/data/sources/store.ts'
import { dueUrls, waitOf } from '../../../src/data/update/schedule.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

const source = (refresh: number | null, ...from: string[]): PlannedSource => ({
  what: 'asn',
  format: 'pfx2as',
  from,
  refresh,
  checksum: null,
  licence: '',
  attribution: '',
})

const plan = (...sources: PlannedSource[]): DataPlan => ({ sources, feed: [], embedded: true })

/** A manifest of files that were looked at so many hours ago. */
const manifest = (hours: Readonly<Record<string, number>>): Manifest =>
  new Map(
    Object.entries(hours).map(([url, ago]) => {
      const checked = new Date(NOW - ago * HOUR).toISOString()
      return [keyOfUrl(url), { source: keyOfUrl(url), checked } as FetchedFile]
    }),
  )

const A = 'https://a.test/a'
const B = 'https://a.test/b'

describe('due is', () => {
  test.each([
    ['what is as old as its interval', plan(source(DAY, A)), { [A]: 24 }, [A]],
    ['not what is younger', plan(source(DAY, A)), { [A]: 23.9 }, []],
    ['what was never fetched', plan(source(DAY, A)), {}, [A]],
    ['nothing that is not refreshed', plan(source(null, A)), {}, []],
    ['each file by its own interval', plan(source(DAY, A), source(HOUR, B)), { [A]: 2, [B]: 2 }, [B]],
    [
      'what was looked at by a clock that was years ahead (issue 14, item 1)',
      plan(source(DAY, A)),
      { [A]: -90_000 },
      [A],
    ],
    ['no path', plan(source(DAY, '/srv/a')), {}, []],
  ])('%s', (_name, asked, hours, due) => {
    expect([...dueUrls(asked, manifest(hours), NOW)]).toEqual(due)
  })

  test('the feed as well', () => {
    const asked = { ...plan(), feed: [source(DAY, A)] }
    expect([...dueUrls(asked, new Map(), NOW)]).toEqual([A])
  })
})

describe('the next look is', () => {
  test.each([
    ['never, where nothing is refreshed', plan(source(null, A)), {}, 0, null],
    ['at once, for what was never fetched', plan(source(DAY, A)), {}, 0, 0],
    ['when the interval is over', plan(source(DAY, A)), { [A]: 20 }, 0, 4 * HOUR],
    ['at once, where a clock was ahead', plan(source(DAY, A)), { [A]: -90_000 }, 0, 0],
    ['for the first of several', plan(source(DAY, A), source(8 * HOUR, B)), { [A]: 20, [B]: 7 }, 0, HOUR],
    ['ten minutes after a failure', plan(source(DAY, A)), {}, 1, HOUR / 6],
    ['later after several', plan(source(DAY, A)), { [A]: 30 }, 3, (4 * HOUR) / 6],
    ['no later than the interval', plan(source(DAY, A)), { [A]: 30 }, 20, DAY],
  ])('%s', (_name, asked, hours, failures, wait) => {
    expect(waitOf(asked, manifest(hours), NOW, failures, 0)).toBe(wait)
  })

  test('put off by chance, by up to a tenth of the interval', () => {
    const asked = plan(source(DAY, A))
    expect(waitOf(asked, manifest({ [A]: 20 }), NOW, 0, 1)).toBe(4 * HOUR + DAY / 10)
    expect(waitOf(asked, manifest({}), NOW, 0, 1)).toBe(0)
    expect(waitOf(asked, manifest({}), NOW, 1, 1)).toBe(HOUR / 6 + DAY / 10)
  })
})
