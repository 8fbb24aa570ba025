// Cuts an interval map along CIDR boundaries, so that every piece knows the prefix length of the largest
// aligned CIDR that contains it and lies inside its interval (design decision 6). An interval whose source gave a real
// prefix keeps that one and is not cut.

import {
  addPowerOfTwo,
  compareAddresses,
  copyAddress,
  highestBitOfDifference,
  trailingZeros,
} from '../address-arithmetic.ts'
import { detailLength, type IntervalMap, IntervalMapBuilder } from '../interval-map.ts'

/** The most intervals, and the most that they may be cut into: an interval's number has 24 bits. */
const MAX_STEPS = 1 << 24

/** The number of the interval that a value of `cutAlongPrefixes` came from. */
export const cutInterval = (value: number): number => value >>> 8

/** The prefix length that a value of `cutAlongPrefixes` holds. */
export const cutLength = (value: number): number => value & 0xff

/**
 * Cuts each interval that says something into CIDRs. A value of the result is the number of the interval it came from,
 * shifted left by 8 bits, and the prefix length: 1–32 or 1–128, 0 where the interval says nothing. An interval of
 * 0 bits, the whole address space, is given as two of 1: no source has one.
 *
 * @param most how many there may be
 * @throws {RangeError} when there are more: a range may be cut into 254.
 */
export function cutAlongPrefixes(intervals: IntervalMap, most = MAX_STEPS): IntervalMap {
  const { width, count, starts, values, details } = intervals
  const bits = width * 32
  const check = (number: number): void => {
    if (number > most) throw new RangeError(`more than ${most} ranges and prefixes in them`)
  }
  check(count)
  const builder = new IntervalMapBuilder(width, count * 2)
  const cursor = new Uint32Array(width)
  const end = new Uint32Array(width)
  for (let interval = 0; interval < count; interval++) {
    check(builder.count)
    copyAddress(starts, interval * width, cursor, 0, width)
    if (values[interval] === 0) {
      builder.add(cursor, 0, interval << 8)
      continue
    }
    const length = details === undefined ? 0 : detailLength(details[interval])
    if (length !== 0) {
      builder.add(cursor, 0, (interval << 8) | length)
      continue
    }
    if (interval + 1 < count) copyAddress(starts, (interval + 1) * width, end, 0, width)
    else end.fill(0)
    do {
      const hostBits = Math.min(
        trailingZeros(cursor, 0, width),
        highestBitOfDifference(cursor, 0, end, 0, width),
        bits - 1,
      )
      builder.add(cursor, 0, (interval << 8) | (bits - hostBits))
      addPowerOfTwo(cursor, 0, hostBits, width)
    } while (compareAddresses(cursor, 0, end, 0, width) !== 0)
  }
  return builder.finish()
}
