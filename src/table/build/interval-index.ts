// Indexes over the intervals of a family: where a search begins and ends.

import type { IntervalMap } from '../interval-map.ts'
import { INDEX_LENGTH } from '../layout.ts'

/** For each value of the high 16 bits the last interval that starts at or below it; see layout.ts. */
export function highBitsIndex(intervals: IntervalMap): Uint32Array {
  const { count } = intervals
  const index = new Uint32Array(INDEX_LENGTH)
  let from = 0
  for (let interval = 0; interval < count; interval++) {
    const next = interval + 1 < count ? firstHigh(intervals, interval + 1) : INDEX_LENGTH - 1
    if (next > from) index.fill(interval, from, next)
    from = next
  }
  index[INDEX_LENGTH - 1] = count - 1
  return index
}

/** The index of a family whose intervals are crowded together in a few values of the high 16 bits; see layout.ts. */
export interface FineIndex {
  readonly groups: Uint32Array
  readonly slots: Uint32Array
}

/** About one slot for every two intervals of each value of the high 16 bits, at least one. */
export function fineIndex(intervals: IntervalMap): FineIndex {
  const index = highBitsIndex(intervals)
  const groups = new Uint32Array(INDEX_LENGTH - 1)
  let length = 0
  for (let high = 0; high < groups.length; high++) {
    const bits = groupBits(index[high + 1] - index[high])
    groups[high] = (length << 5) | bits
    length += 1 << bits
  }
  const slots = new Uint32Array(length + 1)
  let interval = 0
  for (let high = 0, slot = 0; high < groups.length; high++) {
    const shift = 16 - (groups[high] & 31)
    if (shift === 16) {
      interval = index[high]
      slots[slot++] = interval
      continue
    }
    for (let low = 0; low < 65536; low += 1 << shift) {
      interval = lastAtOrBelow(intervals, interval, high * 65536 + low)
      slots[slot++] = interval
    }
  }
  slots[length] = intervals.count - 1
  return { groups, slots }
}

/** The first value of the high 16 bits whose first address is not before an interval. */
function firstHigh({ width, starts }: IntervalMap, interval: number): number {
  const at = interval * width
  const high = starts[at] >>> 16
  return isAtOrBelow(starts, at, high * 65536, width) ? high : high + 1
}

/** How many more bits tell apart so many intervals by twos. */
function groupBits(intervals: number): number {
  return intervals <= 2 ? 0 : Math.min(16, 31 - Math.clz32(intervals - 1))
}

/** The last interval from `interval` on that starts at or below the address whose first word is `first`, the rest zero. */
function lastAtOrBelow({ width, count, starts }: IntervalMap, interval: number, first: number): number {
  let last = interval
  while (last + 1 < count && isAtOrBelow(starts, (last + 1) * width, first, width)) last++
  return last
}

function isAtOrBelow(a: Uint32Array, i: number, first: number, width: number): boolean {
  if (a[i] !== first) return a[i] < first
  for (let k = 1; k < width; k++) if (a[i + k] !== 0) return false
  return true
}
