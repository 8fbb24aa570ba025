// Cuts a step function along CIDR boundaries, so that every piece knows the prefix length of the largest
// aligned CIDR that contains it and lies inside its step (design decision 6). A step whose source gave a real
// prefix keeps that one and is not cut.

import { detailLength, type Steps, StepsBuilder } from '../steps.ts'
import { addPowerOfTwo, compareWords, copyWords, highestBitOfDifference, trailingZeros } from '../words.ts'

/** The most steps, and the most that they may be cut into: a step's number has 24 bits. */
const MAX_STEPS = 1 << 24

/** The number of the step that a value of `cutAlongPrefixes` came from. */
export const cutStep = (value: number): number => value >>> 8

/** The prefix length that a value of `cutAlongPrefixes` holds. */
export const cutLength = (value: number): number => value & 0xff

/**
 * Cuts each step that says something into CIDRs. A value of the result is the number of the step it came from,
 * shifted left by 8 bits, and the prefix length: 1–32 or 1–128, 0 where the step says nothing. A step of
 * 0 bits, the whole address space, is given as two of 1: no source has one.
 *
 * @throws {RangeError} when there are more than can be numbered: a range may be cut into 254.
 */
export function cutAlongPrefixes(steps: Steps): Steps {
  const { width, count, starts, values, details } = steps
  const bits = width * 32
  const check = (number: number): void => {
    if (number > MAX_STEPS) throw new RangeError(`more than ${MAX_STEPS} ranges and prefixes in them`)
  }
  check(count)
  const builder = new StepsBuilder(width, count * 2)
  const cursor = new Uint32Array(width)
  const end = new Uint32Array(width)
  for (let step = 0; step < count; step++) {
    check(builder.count)
    copyWords(starts, step * width, cursor, 0, width)
    if (values[step] === 0) {
      builder.add(cursor, 0, step << 8)
      continue
    }
    const length = details === undefined ? 0 : detailLength(details[step])
    if (length !== 0) {
      builder.add(cursor, 0, (step << 8) | length)
      continue
    }
    if (step + 1 < count) copyWords(starts, (step + 1) * width, end, 0, width)
    else end.fill(0)
    do {
      const hostBits = Math.min(
        trailingZeros(cursor, 0, width),
        highestBitOfDifference(cursor, 0, end, 0, width),
        bits - 1,
      )
      builder.add(cursor, 0, (step << 8) | (bits - hostBits))
      addPowerOfTwo(cursor, 0, hostBits, width)
    } while (compareWords(cursor, 0, end, 0, width) !== 0)
  }
  return builder.finish()
}
