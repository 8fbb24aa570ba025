// What became of queries, minute by minute.

import { expect, test } from 'vitest'
import { type OutcomeName, outcomeNames } from '../../src/dns/outcome.ts'
import { MinuteByMinute } from '../../src/http/minutes.ts'

const NONE = Object.fromEntries(outcomeNames.map((name) => [name, 0])) as Record<OutcomeName, number>

test('seconds are added to the minute in which they end', () => {
  const minutes = new MinuteByMinute()
  minutes.add({ at: 60_000, outcomes: { ...NONE, answer: 1 } })
  minutes.add({ at: 119_999, outcomes: { ...NONE, answer: 2, refused: 5 } })
  minutes.add({ at: 120_000, outcomes: { ...NONE, rateLimited: 7 } })
  const told = minutes.describe()
  expect(told.outcomes).toEqual(outcomeNames)
  expect(told.minutes).toEqual([
    [60_000, 3, 0, 0, 0, 5, 0, 0, 0, 0, 0],
    [120_000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ])
})

test('a day of them is remembered', () => {
  const minutes = new MinuteByMinute()
  for (let minute = 0; minute < 1500; minute++) minutes.add({ at: minute * 60_000, outcomes: NONE })
  const told = minutes.describe().minutes
  expect([told.length, told[0][0], told.at(-1)?.[0]]).toEqual([1440, 60 * 60_000, 1499 * 60_000])
})
