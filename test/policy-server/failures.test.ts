// Failed logins in memory: what is counted, how long, and how many accounts.

import { expect, test } from 'vitest'
import { Failures } from '../../src/policy-server/failures.ts'

const HOUR = 3_600_000
const NOON = Date.UTC(2026, 10, 20, 12)

test('failures of an account count until an hour passes without one', () => {
  const failures = new Failures()
  for (let i = 0; i < 3; i++) failures.add('anna', NOON + i * 1000)
  expect(failures.of('anna', NOON + HOUR)).toEqual({ count: 3, first: NOON, last: NOON + 2000 })
  expect(failures.of('bert', NOON)).toBe(null)
  expect(failures.of('anna', NOON + 2000 + HOUR)).toBe(null)
  failures.add('anna', NOON + 2000 + HOUR)
  expect(failures.of('anna', NOON + 2000 + HOUR)).toMatchObject({ count: 1 })
})

test('what is forgotten is gone', () => {
  const failures = new Failures()
  failures.add('anna', NOON)
  expect([failures.forget('anna'), failures.forget('anna')]).toEqual([true, false])
  expect(failures.of('anna', NOON)).toBe(null)
})

test('of more than ten thousand accounts those stay that failed last', () => {
  const failures = new Failures()
  failures.add('first', NOON)
  failures.add('second', NOON)
  for (let i = 0; i < 9998; i++) failures.add(`user${i}`, NOON)
  failures.add('first', NOON)
  failures.add('another', NOON)
  expect(failures.size).toBe(10_000)
  expect(failures.of('second', NOON)).toBe(null)
  expect(failures.of('first', NOON)?.count).toBe(2)
})
