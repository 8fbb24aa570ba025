// Indexes over the steps of a family: where a search begins and ends.

import { INDEX_LENGTH } from '../layout.ts'
import type { Steps } from '../steps.ts'

/** For each value of the high 16 bits the last step that starts at or below it; see layout.ts. */
export function highBitsIndex(steps: Steps): Uint32Array {
  const { count } = steps
  const index = new Uint32Array(INDEX_LENGTH)
  let step = 0
  for (let high = 0; high < INDEX_LENGTH - 1; high++) {
    step = lastAtOrBelow(steps, step, high * 65536)
    index[high] = step
  }
  index[INDEX_LENGTH - 1] = count - 1
  return index
}

/** The index of a family whose steps are crowded together in a few values of the high 16 bits; see layout.ts. */
export interface FineIndex {
  readonly groups: Uint32Array
  readonly slots: Uint32Array
}

/** About one slot for every two steps of each value of the high 16 bits, at least one. */
export function fineIndex(steps: Steps): FineIndex {
  const index = highBitsIndex(steps)
  const groups = new Uint32Array(INDEX_LENGTH - 1)
  let length = 0
  for (let high = 0; high < groups.length; high++) {
    const bits = groupBits(index[high + 1] - index[high])
    groups[high] = (length << 5) | bits
    length += 1 << bits
  }
  const slots = new Uint32Array(length + 1)
  let step = 0
  for (let high = 0, slot = 0; high < groups.length; high++) {
    const shift = 16 - (groups[high] & 31)
    for (let low = 0; low < 65536; low += 1 << shift) {
      step = lastAtOrBelow(steps, step, high * 65536 + low)
      slots[slot++] = step
    }
  }
  slots[length] = steps.count - 1
  return { groups, slots }
}

/** How many more bits tell apart so many steps by twos. */
function groupBits(steps: number): number {
  return steps <= 2 ? 0 : Math.min(16, 31 - Math.clz32(steps - 1))
}

/** The last step from `step` on that starts at or below the address whose first word is `first`, the rest zero. */
function lastAtOrBelow({ width, count, starts }: Steps, step: number, first: number): number {
  let last = step
  while (last + 1 < count && isAtOrBelow(starts, (last + 1) * width, first, width)) last++
  return last
}

function isAtOrBelow(a: Uint32Array, i: number, first: number, width: number): boolean {
  if (a[i] !== first) return a[i] < first
  for (let k = 1; k < width; k++) if (a[i + k] !== 0) return false
  return true
}
