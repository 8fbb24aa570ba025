// The naive model of a source: rows painted over the address space one after the other.

import fc from 'fast-check'
import type { Width } from '../../src/table/address-arithmetic.ts'
import type { Ranges } from '../../src/table/build/flatten.ts'
import type { IntervalMap } from '../../src/table/interval-map.ts'
import { lastAddress, toBigint, toWords } from './bigint-address.ts'

/** A row of a source. */
export interface Row {
  readonly start: bigint
  readonly end: bigint
  readonly value: number
}

/** The number of the row that holds an address, the later row before the earlier; −1 for none. */
export function winningRow(rows: readonly Row[], address: bigint): number {
  return rows.findLastIndex(({ start, end }) => start <= address && address <= end)
}

/** What the rows say of an address; 0 is nothing. */
export function paintedValue(rows: readonly Row[], address: bigint): number {
  return rows[winningRow(rows, address)]?.value ?? 0
}

/** Where something may change: the start of the space, each row's start and the address behind its end; ascending. */
export function paintedBorders(rows: readonly Row[], width: Width): bigint[] {
  const borders = new Set([0n, ...rows.flatMap(({ start, end }) => [start, end + 1n])])
  borders.delete(lastAddress(width) + 1n)
  return [...borders].sort((a, b) => (a < b ? -1 : 1))
}

/** Addresses worth a look: both ends of the space, and each border with its neighbours. */
export function paintedProbes(rows: readonly Row[], width: Width): bigint[] {
  const last = lastAddress(width)
  const near = paintedBorders(rows, width).flatMap((border) => [border - 1n, border, border + 1n])
  return [...new Set([...near, last])].filter((address) => address >= 0n && address <= last)
}

/** The painted rows as the list of intervals that they ought to be. */
export function paintedSteps(rows: readonly Row[], width: Width): { start: bigint; value: number }[] {
  const intervals: { start: bigint; value: number }[] = []
  for (const start of paintedBorders(rows, width)) {
    const value = paintedValue(rows, start)
    if (intervals.at(-1)?.value !== value) intervals.push({ start, value })
  }
  return intervals
}

/** Intervals as a list that a test can compare. */
export function listSteps({ width, count, starts, values }: IntervalMap): { start: bigint; value: number }[] {
  return Array.from({ length: count }, (_, n) => ({
    start: toBigint(starts, n * width, width),
    value: values[n],
  }))
}

/** What an interval map says of an address, by walking along it. */
export function valueOfIntervals(intervals: IntervalMap, address: bigint): number {
  return listSteps(intervals).findLast(({ start }) => start <= address)?.value ?? 0
}

/** Rows as a range file's reader hands them on. */
export function toRanges(rows: readonly Row[], width: Width): Ranges {
  const starts = new Uint32Array(rows.length * width)
  const ends = new Uint32Array(rows.length * width)
  rows.forEach(({ start, end }, n) => {
    starts.set(toWords(start, width), n * width)
    ends.set(toWords(end, width), n * width)
  })
  return { width, count: rows.length, starts, ends, values: Uint32Array.from(rows, ({ value }) => value) }
}

/** How many addresses a window has. */
const WINDOW = 24n

/** The first address of a small window: at either end of the space or where a word carries into the next. */
export function windowsIn(width: Width): fc.Arbitrary<bigint> {
  const carries = Array.from({ length: width * 2 - 1 }, (_, n) => (1n << BigInt(16 * (n + 1))) - WINDOW / 2n)
  return fc.constantFrom(0n, lastAddress(width) - WINDOW + 1n, ...carries)
}

/**
 * Up to `most` rows crowded into a window, so that they overlap, nest, touch and repeat. Now and then one of
 * them reaches an end of the space.
 */
export function rowsAt(window: bigint, width: Width, max: number, values: number): fc.Arbitrary<Row[]> {
  const inside = fc.bigInt({ min: window, max: window + WINDOW - 1n })
  const address = fc.oneof({ weight: 20, arbitrary: inside }, fc.constantFrom(0n, lastAddress(width)))
  return fc.array(rowOf(address, fc.integer({ min: 1, max: values })), { maxLength: max })
}

/** Crowded rows in any of the windows. */
export function rowsIn(width: Width, max: number, values: number): fc.Arbitrary<Row[]> {
  return windowsIn(width).chain((window) => rowsAt(window, width, max, values))
}

/** A row between two addresses, whichever is the lower. */
export function rowOf(address: fc.Arbitrary<bigint>, values: fc.Arbitrary<number>): fc.Arbitrary<Row> {
  return fc
    .tuple(address, address, values)
    .map(([a, b, value]) => (a < b ? { start: a, end: b, value } : { start: b, end: a, value }))
}
