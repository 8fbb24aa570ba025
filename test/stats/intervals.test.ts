// Intervals of statistics.

import { describe, expect, it } from 'vitest'
import { intervalsOf, isInterval } from '../../src/stats/intervals.ts'

describe('intervalsOf', () => {
  it.each([
    { time: new Date(2026, 10, 21, 23, 59, 59), intervals: ['total', '2026', '2026-11', '2026-11-21'] },
    { time: new Date(2027, 0, 1), intervals: ['total', '2027', '2027-01', '2027-01-01'] },
  ])('$intervals, in local time', ({ time, intervals }) => {
    expect(intervalsOf(time)).toEqual(intervals)
  })
})

describe('isInterval', () => {
  it.each(['total', '2026', '2026-01', '2026-12', '2026-12-31', '2028-02-29'])('is true for %s', (text) => {
    expect(isInterval(text)).toBe(true)
  })

  it.each([
    '',
    'all',
    'Total',
    '26',
    '2026-13',
    '2026-00',
    '2026-1',
    '2026-01-32',
    '2026-02-30',
    '2026-02-29',
    '2026-04-31',
    '2026-01-00',
    '2026/01',
    '2026-01-01x',
  ])("is false for '%s'", (text) => {
    expect(isInterval(text)).toBe(false)
  })
})
