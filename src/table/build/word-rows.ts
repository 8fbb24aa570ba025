// Rows of 32-bit words, each row once and with a number: what a Map would be if ten million keys of one did not take a
// gigabyte.

import { enlarged, largerByHalf } from '../interval-map.ts'

/** Slots for each row that there is room for: a search meets another row seldom. */
const SLOTS_PER_ROW = 4

/** Rows of one width, numbered from 0 on in the order in which they came. */
export class WordRows {
  readonly width: number
  #words: Uint32Array
  #count = 0
  /** Rows + 1 by the hash of their words, most of them free; open addressing, 0 is free. */
  #slots: Uint32Array

  /**
   * @param width words of a row
   * @param capacity rows that there is room for at first; a power of two
   */
  constructor(width: number, capacity: number) {
    this.width = width
    this.#words = new Uint32Array(width * capacity)
    this.#slots = new Uint32Array(SLOTS_PER_ROW * capacity)
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count
  }

  /** All rows, one after the other, and room for some more; another array after a row was added. */
  get words(): Uint32Array {
    return this.#words
  }

  /** The number of a row; one that is new gets the next number. */
  numberOf(row: Uint32Array): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = hash(row, 0, this.width) & mask
    for (;;) {
      const number = slots[slot] - 1
      if (number < 0) break
      if (this.isAt(number, row)) return number
      slot = (slot + 1) & mask
    }
    if (this.#count * SLOTS_PER_ROW >= slots.length) {
      this.#addSlots()
      return this.numberOf(row)
    }
    if (this.#count * this.width === this.#words.length) {
      this.#words = enlarged(this.#words, largerByHalf(this.#count) * this.width)
    }
    this.#words.set(row, this.#count * this.width)
    slots[slot] = ++this.#count
    return this.#count - 1
  }

  /** Forgets all rows: they take no memory any more. */
  clear(): void {
    this.#words = new Uint32Array(0)
    this.#slots = new Uint32Array(SLOTS_PER_ROW)
    this.#count = 0
  }

  /** Whether a row has this number. */
  isAt(number: number, row: Uint32Array): boolean {
    const { width } = this
    const words = this.#words
    const at = number * width
    for (let k = 0; k < width; k++) if (words[at + k] !== row[k]) return false
    return true
  }

  /** Makes slots for twice as many rows. */
  #addSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let number = 0; number < this.#count; number++) {
      let slot = hash(this.#words, number * this.width, this.width) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = number + 1
    }
  }
}

function hash(words: Uint32Array, at: number, width: number): number {
  let mixed = 0
  for (let k = 0; k < width; k++) {
    mixed = Math.imul(mixed ^ words[at + k], 0x85ebca6b)
    mixed ^= mixed >>> 15
  }
  return mixed
}
