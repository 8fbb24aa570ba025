// What is odd about settings is told with its place.

import { expect, test } from 'vitest'
import { settingWarnings } from '../../src/app/setting-warnings.ts'
import { clockWarning } from '../../src/data/sources/date.ts'

const OWN = ['127.0.0.0/8', '::1']
const PORTLESS =
  'a.yaml:1: listen: 127.0.0.1 has no port, so that 5300 counts; write it, or the port that is meant'
const CLOSED = 'a.yaml:2: allow: all who can ask at 127.0.0.1:5300 are refused; add 127.0.0.0/8'

test.each([
  [['127.0.0.1:5300', '[::1]:5300'], OWN, []],
  [['127.0.0.1'], OWN, [PORTLESS]],
  [['none'], ['10.0.0.0/8'], []],
  [['127.0.0.1:5300', '[::1]:5300'], ['10.0.0.0/8'], [CLOSED]],
  [['127.0.0.1:5300', '[::1]:5300'], ['10.0.0.0/8', '127.0.0.1'], []],
  [['127.0.0.1:5300'], ['::1'], [CLOSED]],
  [['127.0.0.1'], ['::1'], [PORTLESS, CLOSED]],
  [['[::1]:5300'], ['127.0.0.0/8'], ['a.yaml:2: allow: all who can ask at [::1]:5300 are refused; add ::1']],
  [['192.0.2.1:53'], ['10.0.0.0/8'], []],
  [['127.0.0.1:5300'], ['0.0.0.0/0'], []],
])('listen %j, allow %j', (listen, allow, expected) => {
  const places = { listen: 'a.yaml:1', allow: 'a.yaml:2' }
  expect(settingWarnings({ listen, allow, places, publish: { snapshots: undefined } as never })).toEqual(
    expected,
  )
})

test('a folder of snapshots that is not there is told, also where no DNS is answered', () => {
  const told = (snapshots: string): string[] =>
    settingWarnings({
      listen: ['none'],
      allow: [],
      places: { 'publish-snapshots': 'a.yaml:3' },
      publish: { snapshots, allow: [] } as never,
    })
  expect(told('/nonexistent/snapshots')).toEqual([
    'a.yaml:3: publish-snapshots: /nonexistent/snapshots: there is no such file or directory; nothing is published from there until asnzone build has',
  ])
  expect(told('/tmp')).toEqual([])
})

test('a clock before the data is told, one that is a little slow is not', () => {
  const told = (clock: string): string | null =>
    clockWarning('the data', '2026-06-17T19:00:00.000Z', Date.parse(clock))
  expect(told('2020-01-01T00:00:00Z')).toBe(
    'the data is of 2026-06-17 19:00 UTC, but the clock of this host says 2020-01-01 00:00 UTC: set the clock that is wrong',
  )
  expect(told('2026-06-17T18:30:00Z')).toBeNull()
  expect(told('2026-06-18T00:00:00Z')).toBeNull()
})
