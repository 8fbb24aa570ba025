// Interval maps: collecting them, and walking several together.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Width } from '../../src/table/address-arithmetic.ts'
import {
  emptyIntervalMap,
  type IntervalMap,
  IntervalMapBuilder,
  walkTogether,
} from '../../src/table/interval-map.ts'
import { lastAddress, toBigint, toWords } from '../support/bigint-address.ts'
import { listSteps, paintedSteps, type Row, rowsIn, valueOfIntervals } from '../support/painted-rows.ts'

function build(list: readonly { start: bigint; value: number }[], width: Width): IntervalMap {
  const builder = new IntervalMapBuilder(width, 1)
  for (const { start, value } of list) builder.add(toWords(start, width), 0, value)
  return builder.finish()
}

describe('IntervalMapBuilder', () => {
  test('folds an interval into the one before it when both say the same, and says so', () => {
    const builder = new IntervalMapBuilder(1)
    expect(builder.add(Uint32Array.of(0), 0, 7)).toBe(true)
    expect(builder.add(Uint32Array.of(10), 0, 7)).toBe(false)
    expect(builder.add(Uint32Array.of(20), 0, 0)).toBe(true)
    expect(builder.add(Uint32Array.of(30), 0, 7)).toBe(true)
    expect(listSteps(builder.finish())).toEqual([
      { start: 0n, value: 7 },
      { start: 20n, value: 0 },
      { start: 30n, value: 7 },
    ])
  })

  test.each([1, 4] as const)('grows as it must, of %i words', (width) => {
    const list = Array.from({ length: 1000 }, (_, n) => ({ start: BigInt(n) << 20n, value: (n % 3) + 1 }))
    const intervals = build(list, width)
    expect(listSteps(intervals)).toEqual(list)
    expect([intervals.starts.length, intervals.values.length]).toEqual([1000 * width, 1000])
  })

  test('takes an address out of the middle of an array', () => {
    const builder = new IntervalMapBuilder(4)
    builder.add(Uint32Array.of(9, 0, 0, 0, 0, 9), 1, 1)
    builder.add(Uint32Array.of(9, 1, 2, 3, 4, 9), 1, 2)
    expect([...builder.finish().starts]).toEqual([0, 0, 0, 0, 1, 2, 3, 4])
  })
})

test.each([1, 4] as const)('emptyIntervalMap of %i words is nothing everywhere', (width) => {
  expect(listSteps(emptyIntervalMap(width))).toEqual([{ start: 0n, value: 0 }])
})

describe.each([1, 4] as const)('walkTogether, of %i words', (width) => {
  /** Everything that a walk visits, with the value of each layer. */
  function walk(layers: readonly IntervalMap[]): { start: bigint; end: bigint; values: number[] }[] {
    const pieces: { start: bigint; end: bigint; values: number[] }[] = []
    walkTogether(layers, (start, end, indexes) => {
      pieces.push({
        start: toBigint(start, 0, width),
        end: toBigint(end, 0, width),
        values: layers.map(({ values }, layer) => values[indexes[layer]]),
      })
    })
    return pieces
  }

  test('one empty layer is one piece that ends at the end of the space', () => {
    expect(walk([emptyIntervalMap(width)])).toEqual([{ start: 0n, end: 0n, values: [0] }])
  })

  test('visits each piece on which no layer changes, once and in order', () => {
    const layers = fc.array(rowsIn(width, 6, 3), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(layers, (sources: Row[][]) => {
        const lists = sources.map((rows) => paintedSteps(rows, width))
        const intervals = lists.map((list) => build(list, width))
        const borders = [...new Set(lists.flatMap((list) => list.map(({ start }) => start)))].sort((a, b) =>
          a < b ? -1 : 1,
        )
        const expected = borders.map((start, n) => ({
          start,
          end: borders[n + 1] ?? 0n,
          values: intervals.map((layer) => valueOfIntervals(layer, start)),
        }))
        expect(walk(intervals)).toEqual(expected)
      }),
    )
  })

  test('a layer may change at the very last address', () => {
    const last = lastAddress(width)
    const intervals = build(
      [
        { start: 0n, value: 1 },
        { start: last, value: 2 },
      ],
      width,
    )
    expect(walk([emptyIntervalMap(width), intervals])).toEqual([
      { start: 0n, end: last, values: [0, 1] },
      { start: last, end: 0n, values: [0, 2] },
    ])
  })
})
