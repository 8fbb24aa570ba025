// Rows in any order become intervals in which the later row wins: against rows painted one over the other.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Width } from '../../../src/table/address-arithmetic.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import { addressText, lastAddress, readAddress } from '../../support/bigint-address.ts'
import {
  listSteps,
  paintedBorders,
  paintedSteps,
  type Row,
  rowsIn,
  toRanges,
  winningRow,
} from '../../support/painted-rows.ts'

/** A row as people write it. */
const row = (start: string, end: string, value: number): Row => ({
  start: readAddress(start),
  end: readAddress(end),
  value,
})

/** Flattened rows as people read them: `0.0.0.0 7`. */
function flat(rows: readonly Row[], width: Width): string[] {
  const { intervals } = flatten(toRanges(rows, width))
  return listSteps(intervals).map(({ start, value }) => `${addressText(start, width)} ${value}`)
}

/** The counts by their definitions. */
function expectedCounts(rows: readonly Row[], width: Width) {
  const isBefore = (a: number, b: number): boolean =>
    rows[a].start === rows[b].start ? a < b : rows[a].start < rows[b].start
  const winners = paintedBorders(rows, width).map((border) => winningRow(rows, border))
  return {
    outOfOrder: rows.filter(({ start }, n) => n > 0 && start < rows[n - 1].start).length,
    overlapping: rows.filter(({ start }, n) =>
      rows.some(({ end }, other) => other !== n && isBefore(other, n) && end >= start),
    ).length,
    merged: winners.filter(
      (winner, n) =>
        n > 0 &&
        winner >= 0 &&
        winners[n - 1] >= 0 &&
        winner !== winners[n - 1] &&
        rows[winner].value === rows[winners[n - 1]].value,
    ).length,
  }
}

describe.each([1, 4] as const)('flatten, of %i words', (width) => {
  test('is the rows painted one over the other', () => {
    fc.assert(
      fc.property(rowsIn(width, 12, 3), (rows) => {
        expect(listSteps(flatten(toRanges(rows, width)).intervals)).toEqual(paintedSteps(rows, width))
      }),
      { numRuns: 500 },
    )
  })

  test('counts rows out of order, overlaps and joins', () => {
    fc.assert(
      fc.property(rowsIn(width, 8, 2), (rows) => {
        const { outOfOrder, overlapping, merged } = flatten(toRanges(rows, width))
        expect({ outOfOrder, overlapping, merged }).toEqual(expectedCounts(rows, width))
      }),
      { numRuns: 500 },
    )
  })

  test('leaves the rows as they were', () => {
    const rows = [
      { start: 9n, end: 12n, value: 1 },
      { start: 3n, end: 9n, value: 2 },
    ]
    const ranges = toRanges(rows, width)
    flatten(ranges)
    expect(ranges).toEqual(toRanges(rows, width))
  })

  test('no rows are nothing everywhere', () => {
    expect(listSteps(flatten(toRanges([], width)).intervals)).toEqual([{ start: 0n, value: 0 }])
  })

  test('a row over the whole space is one interval', () => {
    const rows = [{ start: 0n, end: lastAddress(width), value: 5 }]
    expect(listSteps(flatten(toRanges(rows, width)).intervals)).toEqual([{ start: 0n, value: 5 }])
  })

  test('a thousand rows nested in one another unwind in the right order', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => ({
      start: BigInt(n),
      end: 5000n - BigInt(n),
      value: n + 1,
    }))
    const { intervals, outOfOrder, overlapping, merged } = flatten(toRanges(rows, width))
    expect(listSteps(intervals)).toEqual(paintedSteps(rows, width))
    expect([outOfOrder, overlapping, merged]).toEqual([0, 999, 0])
  })
})

describe('flatten', () => {
  test.each([
    {
      name: 'the overlap in the real data: 215.0.1.1 is AS721',
      rows: [row('214.95.0.0', '215.0.255.255', 749), row('215.0.0.0', '215.1.3.255', 721)],
      intervals: ['0.0.0.0 0', '214.95.0.0 749', '215.0.0.0 721', '215.1.4.0 0'],
      counts: { outOfOrder: 0, overlapping: 1, merged: 0 },
    },
    {
      name: 'a row inside another one leaves both of its ends',
      rows: [row('2.58.196.0', '2.58.197.255', 1), row('2.58.197.15', '2.58.197.15', 2)],
      intervals: ['0.0.0.0 0', '2.58.196.0 1', '2.58.197.15 2', '2.58.197.16 1', '2.58.198.0 0'],
      counts: { outOfOrder: 0, overlapping: 1, merged: 0 },
    },
    {
      name: 'an earlier row inside a later one is gone',
      rows: [row('2.58.197.15', '2.58.197.15', 2), row('2.58.196.0', '2.58.197.255', 1)],
      intervals: ['0.0.0.0 0', '2.58.196.0 1', '2.58.198.0 0'],
      counts: { outOfOrder: 1, overlapping: 1, merged: 0 },
    },
    {
      name: 'of two rows of the same range the later one holds',
      rows: [row('108.165.88.0', '108.165.90.255', 1), row('108.165.88.0', '108.165.90.255', 2)],
      intervals: ['0.0.0.0 0', '108.165.88.0 2', '108.165.91.0 0'],
      counts: { outOfOrder: 0, overlapping: 1, merged: 0 },
    },
    {
      name: 'neighbours that say the same are joined, strangers and a gap are not',
      rows: [
        row('1.0.0.0', '1.0.0.255', 1),
        row('1.0.1.0', '1.0.1.255', 1),
        row('1.0.2.0', '1.0.2.255', 2),
        row('1.0.4.0', '1.0.4.255', 2),
      ],
      intervals: ['0.0.0.0 0', '1.0.0.0 1', '1.0.2.0 2', '1.0.3.0 0', '1.0.4.0 2', '1.0.5.0 0'],
      counts: { outOfOrder: 0, overlapping: 0, merged: 1 },
    },
    {
      name: 'both ends of the space',
      rows: [row('255.255.255.255', '255.255.255.255', 2), row('0.0.0.0', '0.0.0.0', 1)],
      intervals: ['0.0.0.0 1', '0.0.0.1 0', '255.255.255.255 2'],
      counts: { outOfOrder: 1, overlapping: 0, merged: 0 },
    },
  ])('$name', ({ rows, intervals, counts }) => {
    expect(flat(rows, 1)).toEqual(intervals)
    expect(flatten(toRanges(rows, 1))).toMatchObject(counts)
  })

  test('both ends of the IPv6 space', () => {
    const last = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
    expect(flat([row('::', '::', 1), row(last, last, 2)], 4)).toEqual([':: 1', '::1 0', `${last} 2`])
  })
})
