// Collects the rows of a source in file order, ready for src/table/build/flatten.ts.

import { type Width, widthOf } from '../address-arithmetic.ts'
import { doubled } from '../interval-map.ts'
import type { Ranges } from './flatten.ts'

/** Rows of one family while a file is read. */
export class RangesBuilder {
  readonly family: 4 | 6
  readonly width: Width
  #starts: Uint32Array
  #ends: Uint32Array
  #values: Uint32Array
  #details: Uint32Array | undefined
  #count = 0

  constructor(family: 4 | 6, capacity = 1 << 16) {
    this.family = family
    this.width = widthOf(family)
    this.#starts = new Uint32Array(capacity * this.width)
    this.#ends = new Uint32Array(capacity * this.width)
    this.#values = new Uint32Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  /**
   * Adds a row: the addresses are the first `width` words of `start` and `end`, both inside the range.
   *
   * @param detail the prefix length and set of origins, see `detailOf`
   */
  add(start: Uint32Array, end: Uint32Array, value: number, detail = 0): void {
    const { width } = this
    const row = this.#count
    if (row === this.#values.length) this.#grow()
    for (let k = 0; k < width; k++) {
      this.#starts[row * width + k] = start[k]
      this.#ends[row * width + k] = end[k]
    }
    this.#values[row] = value
    if (detail !== 0) this.#details ??= new Uint32Array(this.#values.length)
    if (this.#details !== undefined) this.#details[row] = detail
    this.#count = row + 1
  }

  finish(): Ranges {
    const { width } = this
    const words = this.#count * width
    return {
      width,
      count: this.#count,
      starts: this.#starts.subarray(0, words),
      ends: this.#ends.subarray(0, words),
      values: this.#values.subarray(0, this.#count),
      details: this.#details?.subarray(0, this.#count),
    }
  }

  #grow(): void {
    this.#starts = doubled(this.#starts)
    this.#ends = doubled(this.#ends)
    this.#values = doubled(this.#values)
    if (this.#details !== undefined) this.#details = doubled(this.#details)
  }
}
