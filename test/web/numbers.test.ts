// The pages write numbers and times as the command line does.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grouped, megabytes, timeSpan } from '../../src/cli/units.ts'
import { minuteOf } from '../../src/minute.ts'
// @ts-expect-error It has no types outside of the pages.
import * as page from '../../web/dom.js'

test.each([
  ['spans of time', timeSpan, page.timeSpan],
  ['sizes', megabytes, page.megabytes],
  ['large numbers', grouped, page.grouped],
])('%s', (_, ours: (value: number) => string, ofPage: (value: number) => string) => {
  const number = fc.oneof(fc.nat(300), fc.nat(100_000), fc.double({ min: 0, max: 1e10, noNaN: true }))
  fc.assert(fc.property(number, (value) => ofPage(value) === ours(value)))
})

test('times to the minute', () => {
  const date = '2026-11-20T06:00:59.999Z'
  expect(page.minuteOf(date)).toBe(minuteOf(date))
})
