// A step function over the address space: what a flattened source is, and what layers are merged as.
//
// It is a sorted list of first addresses, each with the value that holds from there up to the next one:
//
//     address   0.0.0.0      1.0.0.0      1.0.1.0      1.0.4.0 …
//     value     0 (nothing)  13335        0            38803   …
//
// The first address is always zero and the value 0 means «nothing known», so that the whole space is covered
// and no list of gaps or of last addresses is needed.

import { compareWords, copyWords, type Width } from './words.ts'

/** A step function. `starts` holds `count` addresses of `width` words each, strictly ascending. */
export interface Steps {
  readonly width: Width
  readonly count: number
  /** `count` × `width` words, the most significant word of each address first. */
  readonly starts: Uint32Array
  /** What holds from the start with the same index on; 0 is nothing. */
  readonly values: Uint32Array
}

/** Collects a step function in ascending order; neighbours with equal values become one step. */
export class StepsBuilder {
  readonly width: Width
  #starts: Uint32Array
  #values: Uint32Array
  #count = 0

  constructor(width: Width, capacity = 1024) {
    this.width = width
    this.#starts = new Uint32Array(capacity * width)
    this.#values = new Uint32Array(capacity)
  }

  /**
   * From the address `from[i…]` on, `value` holds. Addresses must ascend; the first is the zero address.
   * Returns false when the step was folded into the one before it, whose value is the same.
   */
  add(from: Uint32Array, i: number, value: number): boolean {
    const count = this.#count
    if (count > 0 && this.#values[count - 1] === value) return false
    if (count === this.#values.length) this.#grow()
    copyWords(from, i, this.#starts, count * this.width, this.width)
    this.#values[count] = value
    this.#count = count + 1
    return true
  }

  finish(): Steps {
    return {
      width: this.width,
      count: this.#count,
      starts: this.#starts.subarray(0, this.#count * this.width),
      values: this.#values.subarray(0, this.#count),
    }
  }

  #grow(): void {
    const starts = new Uint32Array(this.#starts.length * 2)
    starts.set(this.#starts)
    this.#starts = starts
    const values = new Uint32Array(this.#values.length * 2)
    values.set(this.#values)
    this.#values = values
  }
}

/** The step function that is nothing everywhere. */
export function emptySteps(width: Width): Steps {
  return { width, count: 1, starts: new Uint32Array(width), values: new Uint32Array(1) }
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
