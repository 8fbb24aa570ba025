// Serial numbers move forward with the time of the data (RFC 1982, RFC 1035 3.3.13).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serialOf } from '../../../src/zones/serial.ts'

/** RFC 1982 3.2: whether serial number `one` is less than `other`. */
const isLess = (one: number, other: number): boolean => ((other - one) | 0) > 0

const instant = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2099-12-31T23:59:59Z'),
  noInvalidDate: true,
})

test('RFC 1982 3.2: newer data has a greater serial, data of the same hour the same', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 10 * 366 * 24 }), (date, hours) => {
      const later = new Date(date.getTime() + hours * 3600_000)
      const [serial, next] = [serialOf(date.toISOString()), serialOf(later.toISOString())]
      if (hours === 0) expect(next).toBe(serial)
      else expect(isLess(serial, next)).toBe(true)
    }),
  )
})

test('RFC 1035 3.3.13: a serial has 32 bits', () => {
  fc.assert(fc.property(instant, (date) => serialOf(date.toISOString()) < 2 ** 32))
})
