// What fails again and again is told once a day.

import { expect, test } from 'vitest'
import { Failing } from '../../../src/data/update/failing.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const HOUR = 3_600_000

test('a failure is told when it begins, once a day, and when it is over', () => {
  const failing = new Failing()
  const told: string[] = []
  for (let hour = 0; hour < 50; hour++) {
    failing.failed('a', 1000, NOW + hour * HOUR, 0)
    const tell = failing.toTell('a', NOW + hour * HOUR)
    if (tell !== null) told.push(`${hour}:${tell}`)
  }
  expect(told).toEqual([
    '0:',
    '24: (25 attempts since 2026-11-21 12:00 UTC)',
    '48: (49 attempts since 2026-11-21 12:00 UTC)',
  ])
  expect(failing.well('a')).toBe('after 50 attempts without success since 2026-11-21 12:00 UTC')
  expect(failing.well('a')).toBeNull()
  expect(failing.retryAt('a')).toBe(0)
})

test('what was never told of is not told to be well', () => {
  const failing = new Failing()
  failing.failed('a', 1000, NOW, 0)
  expect(failing.well('a')).toBeNull()
  expect(failing.toTell('b', NOW)).toBeNull()
})

test('a clock that goes back silences nothing', () => {
  const failing = new Failing()
  failing.failed('a', 1000, NOW, 0)
  expect(failing.toTell('a', NOW)).toBe('')
  failing.failed('a', 1000, NOW - 1000 * HOUR, 0)
  expect(failing.toTell('a', NOW - 1000 * HOUR)).not.toBeNull()
})
