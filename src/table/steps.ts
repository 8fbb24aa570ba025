// A step function over the address space: what a flattened source is, and what layers are merged as.
//
// It is a sorted list of first addresses, each with the value that holds from there up to the next one:
//
//     address   0.0.0.0      1.0.0.0      1.0.1.0      1.0.4.0 …
//     value     0 (nothing)  13335        0            38803   …
//
// The first address is always zero and the value 0 means «nothing known», so that the whole space is covered
// and no list of gaps or of last addresses is needed.
//
// Beside its value a step may have a detail: how long the prefix is that the source gave it for, and which set
// of origins announces that prefix where there is more than one. A source of ranges has no details.

import { compareWords, copyWords, type Width } from './words.ts'

/** A step function. `starts` holds `count` addresses of `width` words each, strictly ascending. */
export interface Steps {
  readonly width: Width
  readonly count: number
  /** `count` × `width` words, the most significant word of each address first. */
  readonly starts: Uint32Array
  /** What holds from the start with the same index on; 0 is nothing. */
  readonly values: Uint32Array
  /** The detail of each step, see `detailOf`; missing where none has one. */
  readonly details?: Uint32Array | undefined
}

/**
 * A step's detail as one number, 0 for none.
 *
 * @param length the length of the prefix that the value was given for; 0 when the source doesn't tell
 * @param set the number of a set of values of which this is the first; 0 when there is one value only
 */
export const detailOf = (length: number, set: number): number => ((set << 8) | length) >>> 0

/** The prefix length in a detail. */
export const detailLength = (detail: number): number => detail & 0xff

/** The number of the set in a detail. */
export const detailSet = (detail: number): number => detail >>> 8

/** Collects a step function in ascending order; neighbours that are equal become one step. */
export class StepsBuilder {
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

  /** How many steps there are so far. */
  get count(): number {
    return this.#count
  }

  /**
   * From the address `from[i…]` on, `value` holds. Addresses must ascend; the first is the zero address.
   * Returns false when the step was folded into the one before it, which says the same.
   */
  add(from: Uint32Array, i: number, value: number, detail = 0): boolean {
    const count = this.#count
    if (count > 0 && this.#values[count - 1] === value && this.#detail(count - 1) === detail) return false
    if (count === this.#values.length) this.#grow()
    copyWords(from, i, this.#starts, count * this.width, this.width)
    this.#values[count] = value
    if (detail !== 0) this.#details ??= new Uint32Array(this.#values.length)
    if (this.#details !== undefined) this.#details[count] = detail
    this.#count = count + 1
    return true
  }

  finish(): Steps {
    return {
      width: this.width,
      count: this.#count,
      starts: this.#starts.subarray(0, this.#count * this.width),
      values: this.#values.subarray(0, this.#count),
      details: this.#details?.subarray(0, this.#count),
    }
  }

  #detail(step: number): number {
    return this.#details === undefined ? 0 : this.#details[step]
  }

  #grow(): void {
    this.#starts = doubled(this.#starts)
    this.#values = doubled(this.#values)
    if (this.#details !== undefined) this.#details = doubled(this.#details)
  }
}

/** The words in an array of twice the length. */
export function doubled(words: Uint32Array): Uint32Array {
  const larger = new Uint32Array(words.length * 2)
  larger.set(words)
  return larger
}

/** The step function that is nothing everywhere. */
export function emptySteps(width: Width): Steps {
  return { width, count: 1, starts: new Uint32Array(width), values: new Uint32Array(1) }
}

/** Whether a step function is nothing everywhere. */
export function isNothing(steps: Steps): boolean {
  return steps.count === 1 && steps.values[0] === 0
}

/** What `upper` says, and where it says nothing, what `lower` says. */
export function overlay(upper: Steps, lower: Steps): Steps {
  if (isNothing(upper)) return lower
  if (isNothing(lower)) return upper
  const builder = new StepsBuilder(upper.width, upper.count + lower.count)
  walkTogether([upper, lower], (start, _end, indexes) => {
    const isUpper = upper.values[indexes[0]] !== 0
    const steps = isUpper ? upper : lower
    const step = isUpper ? indexes[0] : indexes[1]
    builder.add(start, 0, steps.values[step], steps.details === undefined ? 0 : steps.details[step])
  })
  return builder.finish()
}

/** What holds at the address `address[0…]`. */
export function valueAt(steps: Steps, address: Uint32Array): number {
  let low = 0
  let up = steps.count - 1
  while (low < up) {
    const middle = (low + up + 1) >>> 1
    if (compareWords(steps.starts, middle * steps.width, address, 0, steps.width) <= 0) low = middle
    else up = middle - 1
  }
  return steps.values[low]
}

/**
 * Walks several step functions together and visits each piece on which none of them changes, in ascending
 * order. `visit` is given the first address of the piece (`starts[i…]`), the first address behind it
 * (`end[0…]`, zero at the end of the space) and, in `indexes`, which step of each layer holds. The arrays are
 * the walk's own: they change with the next piece.
 */
export function walkTogether(
  layers: readonly Steps[],
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
      if (!found || compareWords(starts, next, end, 0, width) < 0) copyWords(starts, next, end, 0, width)
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
        compareWords(starts, next, end, 0, width) === 0
      ) {
        indexes[layer]++
      }
    }
    const previous = start
    start = end
    end = previous
  }
}
