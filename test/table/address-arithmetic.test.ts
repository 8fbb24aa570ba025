// The arithmetic on addresses against bigint.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addPowerOfTwo,
  compareAddresses,
  copyAddress,
  distanceBetween,
  highestBitOfDifference,
  trailingZeros,
  type Width,
  widthOf,
} from '../../src/table/address-arithmetic.ts'
import { lastAddress, toBigint, toWords } from '../support/bigint-address.ts'

/** Any address, with a bias to those whose words are all zeros or all ones. */
function addresses(width: Width): fc.Arbitrary<bigint> {
  const word = fc.oneof(
    fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
    fc.integer({ min: 0, max: 0xffffffff }),
  )
  return fc.array(word, { minLength: width, maxLength: width }).map((words) => toBigint(words, 0, width))
}

/** Two addresses in one array behind a word that is in nobody's address. */
function pair(a: bigint, b: bigint, width: Width): Uint32Array {
  return Uint32Array.of(0xdeadbeef, ...toWords(a, width), ...toWords(b, width))
}

test('an IPv4 address is one word and an IPv6 address four', () => {
  expect([widthOf(4), widthOf(6)]).toEqual([1, 4])
})

describe.each([1, 4] as const)('of %i words', (width) => {
  const address = addresses(width)
  const bits = 32 * width
  const size = 1n << BigInt(bits)
  const i = 1
  const j = 1 + width

  test('compareWords orders as numbers do', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        const words = pair(a, b, width)
        expect(Math.sign(compareAddresses(words, i, words, j, width))).toBe(a < b ? -1 : a > b ? 1 : 0)
        expect(compareAddresses(words, i, words, i, width)).toBe(0)
      }),
    )
  })

  test('copyWords copies one address and nothing beside it', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        const words = pair(a, b, width)
        copyAddress(words, j, words, i, width)
        expect(words).toEqual(pair(b, b, width))
      }),
    )
  })

  test('addPowerOfTwo adds modulo the space and tells when it wrapped', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: bits - 1 }), (a, bit) => {
        const words = pair(a, a, width)
        const sum = a + (1n << BigInt(bit))
        expect(addPowerOfTwo(words, i, bit, width)).toBe(sum < size)
        expect(words).toEqual(pair(sum % size, a, width))
      }),
    )
  })

  test('the address behind the last one is the first', () => {
    const words = toWords(lastAddress(width), width)
    expect(addPowerOfTwo(words, 0, 0, width)).toBe(false)
    expect(words).toEqual(toWords(0n, width))
  })

  test('trailingZeros counts zero bits at the low end', () => {
    fc.assert(
      fc.property(address, (a) => {
        const zeros = /0*$/.exec(a.toString(2).padStart(bits, '0'))?.[0].length
        expect(trailingZeros(pair(a, a, width), i, width)).toBe(zeros)
      }),
    )
    expect(trailingZeros(toWords(0n, width), 0, width)).toBe(bits)
  })

  test('highestBitOfDifference finds the highest bit of b − a modulo the space', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        const words = pair(a, b, width)
        const difference = (b - a + size) % size
        const highest = difference === 0n ? bits : difference.toString(2).length - 1
        expect(highestBitOfDifference(words, i, words, j, width)).toBe(highest)
      }),
    )
  })

  test('distanceBetween is b − a modulo the space', () => {
    const distances = fc.oneof(address, fc.bigInt({ min: 1n, max: 1n << 20n })).filter((d) => d > 0n)
    fc.assert(
      fc.property(address, distances, (a, distance) => {
        const words = pair(a, (a + distance) % size, width)
        const measured = distanceBetween(words, i, words, j, width)
        if (distance < 1n << 53n) expect(measured).toBe(Number(distance))
        else expect(measured / Number(distance)).toBeCloseTo(1, 14)
      }),
      { numRuns: 500 },
    )
    const words = pair(7n, 7n, width)
    expect(distanceBetween(words, i, words, j, width)).toBe(Number(size))
  })
})
