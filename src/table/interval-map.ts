// An interval map over the address space: what a flattened source is, and what layers are merged as.
//
// It is a sorted list of first addresses, each with the value that holds from there up to the next one:
//
//     address   0.0.0.0      1.0.0.0      1.0.1.0      1.0.4.0 …
//     value     0 (nothing)  13335        0            38803   …
//
// The first address is always zero and the value 0 means «nothing known», so that the whole space is covered
// and no list of gaps or of last addresses is needed.
//
// Beside its value an interval may have a detail: how long the prefix is that the source gave it for, and which set
// of origins announces that prefix where there is more than one. A source of ranges has no details.

import { compareAddresses, copyAddress, type Width } from './address-arithmetic.ts'

/** An interval map. `starts` holds `count` addresses of `width` words each, strictly ascending. */
export interface IntervalMap {
  readonly width: Width
  readonly count: number
  /** `count` × `width` words, the most significant word of each address first. */
  readonly starts: Uint32Array
  /** What holds from the start with the same index on; 0 is nothing. */
  readonly values: Uint32Array
  /** The detail of each interval, see `detailOf`; missing where none has one. */
  readonly details?: Uint32Array | undefined
}

/**
 * An interval's detail as one number, 0 for none.
 *
 * @param length the length of the prefix that the value was given for; 0 when the source doesn't tell
 * @param set the number of a set of values of which this is the first; 0 when there is one value only
 */
export const detailOf = (length: number, set: number): number => ((set << 8) | length) >>> 0

/** The prefix length in a detail. */
export const detailLength = (detail: number): number => detail & 0xff

/** The number of the set in a detail. */
export const detailSet = (detail: number): number => detail >>> 8

/** Collects an interval map in ascending order; neighbours that are equal become one interval. */
export class IntervalMapBuilder {
  readonly width: Width
  #starts: Uint32Array
  #values: Uint32Array
  #details: Uint32Array | undefined
  #count = 0

  constructor(width: Width, capacity = 1024) {
    this.width = width
    this.#starts = new Uint32Array(capacity * width)
    this.#values = new Uint32Array(capacity)
  }

  /** How many intervals there are so far. */
  get count(): number {
    return this.#count
  }

  /**
   * From the address `from[i…]` on, `value` holds. Addresses must ascend; the first is the zero address.
   * Returns false when the interval was folded into the one before it, which says the same.
   */
  add(from: Uint32Array, i: number, value: number, detail = 0): boolean {
    const count = this.#count
    if (count > 0 && this.#values[count - 1] === value && this.#detail(count - 1) === detail) return false
    if (count === this.#values.length) this.#grow()
    copyAddress(from, i, this.#starts, count * this.width, this.width)
    this.#values[count] = value
    if (detail !== 0) this.#details ??= new Uint32Array(this.#values.length)
    if (this.#details !== undefined) this.#details[count] = detail
    this.#count = count + 1
    return true
  }

  finish(): IntervalMap {
    return {
      width: this.width,
      count: this.#count,
      starts: this.#starts.subarray(0, this.#count * this.width),
      values: this.#values.subarray(0, this.#count),
      details: this.#details?.subarray(0, this.#count),
    }
  }

  #detail(interval: number): number {
    return this.#details === undefined ? 0 : this.#details[interval]
  }

  #grow(): void {
    const capacity = largerByHalf(this.#values.length)
    this.#starts = enlarged(this.#starts, capacity * this.width)
    this.#values = enlarged(this.#values, capacity)
    if (this.#details !== undefined) this.#details = enlarged(this.#details, capacity)
  }
}

/** The words in an array of twice the length. */
export function doubled(words: Uint32Array): Uint32Array {
  return enlarged(words, words.length * 2)
}

/** Room for half as much again: of what lives until a table is built, less stays empty than of twice as much. */
export const largerByHalf = (capacity: number): number => capacity + (capacity >>> 1) + 1

/** The words in a larger array. */
export function enlarged(words: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(words)
  return larger
}

/** The interval map that is nothing everywhere. */
export function emptyIntervalMap(width: Width): IntervalMap {
  return { width, count: 1, starts: new Uint32Array(width), values: new Uint32Array(1) }
}

/** Whether an interval map is nothing everywhere. */
export function isNothing(intervals: IntervalMap): boolean {
  return intervals.count === 1 && intervals.values[0] === 0
}

/** What `upper` says, and where it says nothing, what `lower` says. */
export function overlay(upper: IntervalMap, lower: IntervalMap): IntervalMap {
  if (isNothing(upper)) return lower
  if (isNothing(lower)) return upper
  const builder = new IntervalMapBuilder(upper.width, upper.count + lower.count)
  walkTogether([upper, lower], (start, _end, indexes) => {
    const isUpper = upper.values[indexes[0]] !== 0
    const intervals = isUpper ? upper : lower
    const interval = isUpper ? indexes[0] : indexes[1]
    builder.add(
      start,
      0,
      intervals.values[interval],
      intervals.details === undefined ? 0 : intervals.details[interval],
    )
  })
  return builder.finish()
}

/** What holds at the address `address[0…]`. */
export function valueAt(intervals: IntervalMap, address: Uint32Array): number {
  let low = 0
  let up = intervals.count - 1
  while (low < up) {
    const middle = (low + up + 1) >>> 1
    if (compareAddresses(intervals.starts, middle * intervals.width, address, 0, intervals.width) <= 0)
      low = middle
    else up = middle - 1
  }
  return intervals.values[low]
}

/**
 * Walks several interval maps together and visits each piece on which none of them changes, in ascending
 * order. `visit` is given the first address of the piece (`starts[i…]`), the first address after it
 * (`end[0…]`, zero at the end of the space) and, in `indexes`, which interval of each layer holds. The arrays are
 * the walk's own: they change with the next piece.
 */
export function walkTogether(
  layers: readonly IntervalMap[],
  visit: (start: Uint32Array, end: Uint32Array, indexes: Int32Array) => void,
): void {
  const width = layers[0].width
  const indexes = new Int32Array(layers.length)
  let start = new Uint32Array(width)
  let end = new Uint32Array(width)
  for (;;) {
    let found = false
    for (let layer = 0; layer < layers.length; layer++) {
      const { starts } = layers[layer]
      const next = (indexes[layer] + 1) * width
      if (next === starts.length || (found && starts[next] > end[0])) continue
      if (!found || compareAddresses(starts, next, end, 0, width) < 0)
        copyAddress(starts, next, end, 0, width)
      found = true
    }
    if (!found) end.fill(0)
    visit(start, end, indexes)
    if (!found) return
    for (let layer = 0; layer < layers.length; layer++) {
      const { starts } = layers[layer]
      const next = (indexes[layer] + 1) * width
      if (
        starts[next] === end[0] &&
        next < starts.length &&
        compareAddresses(starts, next, end, 0, width) === 0
      ) {
        indexes[layer]++
      }
    }
    const previous = start
    start = end
    end = previous
  }
}
