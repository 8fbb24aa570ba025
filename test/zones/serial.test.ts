// SOA serials: each change is a rise by RFC 1982, whatever the clock says (issue 14, item 3).

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isGreater, nextSerial } from '../../src/zones/serial.ts'

const HOUR = 2026112006
const serial = fc.integer({ min: 0, max: 2 ** 32 - 1 })

test('RFC 1982 3.2: greater on a circle of 32 bits', () => {
  expect(isGreater(1, 0)).toBe(true)
  expect(isGreater(0, 2 ** 32 - 1)).toBe(true)
  expect(isGreater(2 ** 31 - 1, 0)).toBe(true)
  expect(isGreater(2 ** 31, 0)).toBe(false)
  expect(isGreater(5, 5)).toBe(false)
})

test('every change is a rise, and has 32 bits', () => {
  fc.assert(
    fc.property(serial, serial, (last, hour) => {
      const next = nextSerial(last, hour)
      expect(isGreater(next, last)).toBe(true)
      expect(next).toBeLessThan(2 ** 32)
    }),
  )
})

describe('the next serial is', () => {
  test.each([
    ['the hour of the change', 2026112005, HOUR],
    ['one more for the second change in an hour', HOUR, HOUR + 1],
    ['one more for the third', HOUR + 1, HOUR + 2],
    ['one more when the clock was put back', 2026112123, 2026112124],
    ['the hour again the next day', HOUR - 100 + 60, HOUR],
    ['the largest step from one of a wrong clock', 2036010100, 2036010100 + 2 ** 31 - 1],
    ['the hour behind that', 2036010100 + 2 ** 31 - 1, HOUR],
  ])('%s', (_name, last, next) => {
    expect(nextSerial(last, HOUR)).toBe(next)
  })

  test.each([1970010100, 1999010110, 0])('one more while the clock is not set and shows %i', (hour) => {
    for (const last of [2026112006, 4173596457, 2036010100]) expect(nextSerial(last, hour)).toBe(last + 1)
  })

  test('from any wrong one the hour again after a few changes', () => {
    fc.assert(
      fc.property(serial, (wrong) => {
        let last = wrong
        for (let change = 0; change < 3 && last !== HOUR; change++) last = nextSerial(last, HOUR)
        // What is little ahead is caught up with by the clock.
        const ahead = (last - HOUR + 2 ** 32) % 2 ** 32
        expect(ahead).toBeLessThanOrEqual(10_003)
      }),
    )
  })
})
