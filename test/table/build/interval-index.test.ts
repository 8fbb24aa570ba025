// The indexes over intervals, against their definitions.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flatten } from '../../../src/table/build/flatten.ts'
import { fineIndex, highBitsIndex } from '../../../src/table/build/interval-index.ts'
import { emptyIntervalMap, type IntervalMap } from '../../../src/table/interval-map.ts'
import { INDEX_LENGTH } from '../../../src/table/layout.ts'
import { lastAddress } from '../../support/bigint-address.ts'
import { listSteps, rowOf, toRanges } from '../../support/painted-rows.ts'

/** The last interval that starts at or below each of some ascending addresses. */
function lastSteps(intervals: IntervalMap, addresses: readonly bigint[]): Uint32Array {
  const list = listSteps(intervals)
  let interval = 0
  return Uint32Array.from(addresses, (address) => {
    while (interval + 1 < list.length && list[interval + 1].start <= address) interval++
    return interval
  })
}

const same = (a: Uint32Array, b: Uint32Array): boolean =>
  Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) === 0

/** A layer of 40 intervals, all with the same 16 high bits. */
const crowd = (): IntervalMap => {
  const at = (place: number): bigint => ((0x2a02n << 16n) | BigInt(place * 1000)) << 96n
  const rows = Array.from({ length: 20 }, (_, i) => ({ start: at(2 * i), end: at(2 * i + 1), value: 1 + i }))
  return flatten(toRanges(rows, 4)).intervals
}

/** Layers whose starts lie on, just before and just behind the borders of an index, in crowds, or anywhere. */
function layers(width: 1 | 4, maxLength: number): fc.Arbitrary<IntervalMap> {
  const shift = BigInt(32 * width - 16)
  const high = fc.oneof(fc.constantFrom(0, 1, 2, 65534, 65535), fc.integer({ min: 0, max: 65535 }))
  const near = fc
    .tuple(high, fc.constantFrom(-1n, 0n, 1n))
    .map(([bits, beside]) => (BigInt(bits) << shift) + beside)
    .filter((address) => address >= 0n)
  const crowded = fc
    .tuple(fc.constantFrom(0x2a02, 0x2a03, 0xffff), fc.integer({ min: 0, max: 65535 }))
    .map(([bits, next]) => ((BigInt(bits) << 16n) | BigInt(next)) << (shift - 16n))
  const address = fc.oneof(near, crowded, fc.bigInt({ min: 0n, max: lastAddress(width) }))
  const row = rowOf(address, fc.integer({ min: 1, max: 9 }))
  return fc.array(row, { maxLength }).map((rows) => flatten(toRanges(rows, width)).intervals)
}

describe.each([1, 4] as const)('of addresses of %i words', (width) => {
  const shift = BigInt(32 * width - 16)

  test('intervals are found by their high 16 bits', () => {
    const borders = Array.from({ length: INDEX_LENGTH }, (_, high) => BigInt(high) << shift)
    fc.assert(
      fc.property(layers(width, 12), (intervals) => {
        expect(same(highBitsIndex(intervals), lastSteps(intervals, borders))).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the fine index', () => {
  test('of nothing has one slot a group, and one behind them', () => {
    const { groups, slots } = fineIndex(emptyIntervalMap(4))
    expect(groups.every((group, high) => group === high << 5)).toBe(true)
    expect(slots).toEqual(new Uint32Array(65537))
  })

  test('has as many slots as a group has intervals, within a factor of four, each where its bits say', () => {
    let crowds = 0
    fc.assert(
      fc.property(layers(4, 300), (intervals) => {
        const { groups, slots } = fineIndex(intervals)
        const high = highBitsIndex(intervals)
        const borders: bigint[] = []
        for (let group = 0; group < 65536; group++) {
          const bits = groups[group] & 31
          const inside = high[group + 1] - high[group]
          if (bits > 0) crowds++
          if (groups[group] >>> 5 !== borders.length) throw new Error('the groups do not follow each other')
          if (1 << bits > Math.max(1, inside) || (1 << bits) * 4 < inside)
            throw new Error(`${bits} bits for ${inside} intervals`)
          for (let slot = 0; slot < 1 << bits; slot++) {
            borders.push(((BigInt(group) << 16n) | BigInt(slot << (16 - bits))) << 96n)
          }
        }
        borders.push(1n << 128n)
        expect(same(slots, lastSteps(intervals, borders))).toBe(true)
      }),
      { numRuns: 10, examples: [[crowd()]] },
    )
    expect(crowds).toBeGreaterThan(0)
  })
})
