// When fetched data are asked for again.

import { describe, expect, test } from 'vitest'
import type { DataPlan, PlannedSource } from '../../../src/data/sources/plan.ts'
import { keyOfUrl } from '../../../src/data/sources/source-url.ts'
import type { FetchedFile, Manifest } from '../../../src/data/sources/store.ts'
import { Failing, NO_RETRIES } from '../../../src/data/update/failing.ts'
import { dueUrls, waitOf } from '../../../src/data/update/schedule.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

const source = (refresh: number | null, ...from: string[]): PlannedSource => ({
  dataset: 'asn',
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
    expect([...dueUrls(asked, manifest(hours), NOW, NO_RETRIES)]).toEqual(due)
  })

  test('the feed as well', () => {
    const asked = { ...plan(), feed: [source(DAY, A)] }
    expect([...dueUrls(asked, new Map(), NOW, NO_RETRIES)]).toEqual([A])
  })
})

/** What has failed so often until now. */
function failing(url: string, interval: number, times: number): Failing {
  const failing = new Failing()
  for (let i = 0; i < times; i++) failing.failed(keyOfUrl(url), interval, NOW, 0)
  return failing
}

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
    ['as soon as the interval after a failure', plan(source(1000, A)), {}, 1, 1000],
    ['ever later, where the interval is short', plan(source(1000, A)), { [A]: 30 }, 5, 16_000],
    ['no later than an hour there', plan(source(1000, A)), { [A]: 30 }, 50, HOUR],
    ['for what is well, whatever else fails', plan(source(DAY, A), source(DAY, B)), { [B]: 23 }, 5, HOUR],
  ])('%s', (_name, asked, hours, failures, wait) => {
    const retries = failing(A, asked.sources[0].refresh ?? DAY, failures)
    expect(waitOf(asked, manifest(hours), NOW, retries, 0)).toBe(wait)
  })

  test('put off by chance, by up to a tenth of the interval or a quarter of the wait', () => {
    const asked = plan(source(DAY, A))
    expect(waitOf(asked, manifest({ [A]: 20 }), NOW, NO_RETRIES, 1)).toBe(4 * HOUR + DAY / 10)
    expect(waitOf(asked, manifest({}), NOW, NO_RETRIES, 1)).toBe(0)
    const unlucky = new Failing()
    unlucky.failed(keyOfUrl(A), DAY, NOW, 1)
    expect(waitOf(asked, manifest({}), NOW, unlucky, 1)).toBe((HOUR / 6) * 1.25)
  })
})

test('what fails is not due before its next attempt, what else is due is', () => {
  const asked = plan(source(1000, A), source(1000, B))
  const retries = failing(A, 1000, 5)
  expect([...dueUrls(asked, new Map(), NOW + 15_999, retries)]).toEqual([B])
  expect([...dueUrls(asked, new Map(), NOW + 16_000, retries)]).toEqual([A, B])
})
