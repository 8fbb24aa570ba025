// The table of keys: found again, dropped when worth nothing, bounded.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyTable, LEAST } from '../../src/learn/key-table.ts'
import {
  ADDRESS_HIGH,
  AS_HIGH,
  keyText,
  kindName,
  LEVEL,
  ofReporter,
  readKey,
  reporterOf,
  writeNetworkKey,
} from '../../src/learn/keys.ts'
import { DAY, HALF_LIFE, NOW } from './lessons.ts'

test('a table finds what a Map finds', () => {
  const operation = fc.record({
    high: fc.constantFrom(AS_HIGH, ADDRESS_HIGH, ofReporter(AS_HIGH, 3)),
    low: fc.nat(300),
    spam: fc.integer({ min: 0, max: 4 }),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 2500 }), (operations) => {
      const table = new KeyTable(HALF_LIFE, 5000)
      const map = new Map<string, number>()
      for (const { high, low, spam } of operations) {
        table.add(table.place(high, low), spam, 0, NOW)
        map.set(`${high} ${low}`, (map.get(`${high} ${low}`) ?? 0) + spam)
      }
      expect(table.count).toBe(map.size)
      for (const [key, spam] of map) {
        const [high, low] = key.split(' ').map(Number)
        expect(table.spamThen(table.find(high, low))).toBe(spam)
      }
      expect(table.find(AS_HIGH, 1000)).toBe(-1)
    }),
    { numRuns: 20 },
  )
})

test('100,000 keys take less than 4 MB, so that a million takes less than 40', () => {
  const table = new KeyTable(HALF_LIFE, 100_000)
  for (let asn = 1; asn <= 100_000; asn++) table.add(table.place(AS_HIGH, asn), 1, 0, NOW)
  expect(table.isFull).toBe(true)
  expect(table.octets).toBeLessThanOrEqual(4_000_000)
})

describe('a sweep', () => {
  test('drops what has decayed below a tenth, and finds the rest', () => {
    const table = new KeyTable(HALF_LIFE, 1000)
    for (let asn = 1; asn <= 500; asn++) table.add(table.place(AS_HIGH, asn), asn % 2, asn % 2 ? 0 : 20, NOW)
    const later = NOW + 4 * HALF_LIFE
    expect(2 ** -4).toBeLessThan(LEAST)
    expect(table.sweep(later)).toHaveLength(250)
    expect(table.count).toBe(250)
    expect(table.find(AS_HIGH, 3)).toBe(-1)
    expect(table.hamThen(table.find(AS_HIGH, 500))).toBe(20)
    expect(table.sweep(later)).toEqual([])
  })

  test('of a full table drops what is worth least, to make room for a tenth more', () => {
    const table = new KeyTable(HALF_LIFE, 1000)
    for (let asn = 1; asn <= 1000; asn++) table.add(table.place(AS_HIGH, asn), asn, 0, NOW)
    const dropped = table.sweep(NOW)
    expect(table.count).toBe(900)
    expect(dropped.map(([, low]) => low)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  })

  test('of a full table of keys that are worth the same makes room, too', () => {
    const table = new KeyTable(HALF_LIFE, 1000)
    for (let asn = 1; asn <= 1000; asn++) table.add(table.place(AS_HIGH, asn), 1, 0, NOW)
    expect(table.sweep(NOW)).toHaveLength(100)
  })

  test('of a full table drops those that are worth least, wherever they are among many that are worth the same', () => {
    const table = new KeyTable(HALF_LIFE, 1000)
    for (let asn = 1; asn <= 1000; asn++) table.add(table.place(AS_HIGH, asn), asn > 950 ? 2 : 1, 0, NOW)
    expect(table.sweep(NOW)).toHaveLength(100)
    expect(table.spamThen(table.find(AS_HIGH, 1000))).toBe(2)
  })

  test('drops an address that was not seen for a half-life, however often it was', () => {
    const table = new KeyTable(HALF_LIFE, 1000)
    table.add(table.place(ADDRESS_HIGH, 1), 1000, 0, NOW)
    expect(table.sweep(NOW + HALF_LIFE - DAY)).toEqual([])
    expect(table.sweep(NOW + HALF_LIFE)).toEqual([[ADDRESS_HIGH, 1]])
  })
})

describe('keys', () => {
  const address = fc.oneof(
    fc.tuple(fc.nat(0xffffffff)).map((words) => [...words]),
    fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff), fc.nat(0xffffffff)),
  )

  test('of networks are written as text and read again', () => {
    fc.assert(
      fc.property(
        address,
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 1, max: 47 }),
        (words, four, six) => {
          const keys = new Uint32Array(8)
          writeNetworkKey(keys, LEVEL.prefix, words, words.length === 1 ? four : six)
          writeNetworkKey(keys, LEVEL.network, words, words.length === 1 ? 24 : 48)
          for (const level of [LEVEL.prefix, LEVEL.network]) {
            const [high, low] = [keys[level], keys[level + 1]]
            expect(readKey(kindName(high), keyText(high, low))).toEqual([high, low])
            expect(reporterOf(ofReporter(high, 127))).toBe(127)
            expect(keyText(ofReporter(high, 127), low)).toBe(keyText(high, low))
          }
        },
      ),
    )
  })

  test.each([
    ['country', 'all'],
    ['country', 'US'],
    ['as', 'AS1'],
    ['as', 'AS4294967295'],
    ['network', '165.245.131.0/24'],
    ['prefix', '165.245.128.0/17'],
    ['network', '2001:db8:7::/48'],
    ['prefix', '2001:db8::/32'],
    ['prefix', '2600::/12'],
  ])('%s %s', (kind, text) => {
    const [high, low] = readKey(kind, text)!
    expect([kindName(high), keyText(high, low)]).toEqual([kind, text])
  })

  test.each([
    ['country', 'us'],
    ['country', ''],
    ['as', 'AS0'],
    ['as', 'AS4294967296'],
    ['as', '1'],
    ['network', '165.245.131.1/24'],
    ['network', '165.245.128.0/17'],
    ['network', '256.245.131.0/24'],
    ['prefix', '165.245.131.0/24'],
    ['prefix', '165.245.131.0/0'],
    ['network', '2001:db8:7:1::/48'],
    ['network', '2001:0db8:7::/48'],
    ['prefix', '2001:db8:7::/48'],
    ['prefix', 'x::/32'],
    ['address', '1'],
    ['', 'US'],
  ])('%s «%s» is none', (kind, text) => {
    expect(readKey(kind, text)).toBe(null)
  })
})
