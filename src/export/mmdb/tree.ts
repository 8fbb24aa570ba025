// The search tree of a MaxMind DB file: a node for each bit of an address where ranges of both values lie below it.
//
// Records are marked while the tree is made, because neither the number of nodes nor the length of the data is known
// before its end: a plain number is a node.

import { compareAddresses } from '../../table/address-arithmetic.ts'
import type { Ranges } from '../../table/build/flatten.ts'
import { RangesBuilder } from '../../table/build/ranges.ts'
import { doubled } from '../../table/interval-map.ts'

/** A record of which nothing is known. */
export const NOTHING = 0xffffffff

/** A record that leads to the IPv4 addresses a second time. */
const ALIAS = 0xfffffffe

/** Set in a record that leads to data; the rest is where they begin. */
export const DATA = 0x80000000

/** Bits in front of an IPv4 address. */
const IPV4_DEPTH = 96

/** Words of an address: IPv4 addresses are those of ::/96. */
const WIDTH = 4

/** The nodes: the record of node n for a bit of 0 is at 2n, and that for 1 after it. */
export interface SearchTree {
  readonly records: Uint32Array
  readonly nodeCount: number
}

/** Ranges in ascending order, which gives a tree. */
export class TreeBuilder {
  readonly #builder = new RangesBuilder(6, 1024)
  /** All of them, while the tree is made. */
  #ranges: Ranges = this.#builder.finish()
  #records: Uint32Array = new Uint32Array(4096)
  #nodeCount = 0
  /** The record that leads to the IPv4 addresses. */
  #ipv4 = NOTHING
  readonly #first = new Uint32Array(WIDTH)
  readonly #last = new Uint32Array(WIDTH)

  /**
   * Adds a range after the others; neighbours must not have the same value.
   *
   * @param start four words
   * @param value where its data begin
   */
  add(start: Uint32Array, end: Uint32Array, value: number): void {
    this.#builder.add(start, end, DATA + value)
  }

  /** Lets a /96 after the others lead to the IPv4 addresses as well. */
  addAlias(start: Uint32Array): void {
    const end = start.slice()
    end[3] = 0xffffffff
    this.#builder.add(start, end, ALIAS)
  }

  /** Makes the tree. */
  finish(): SearchTree {
    this.#ranges = this.#builder.finish()
    this.#node(0, this.#ranges.count, 0)
    const records = this.#records.subarray(0, this.#nodeCount * 2)
    for (let i = 0; i < records.length; i++) if (records[i] === ALIAS) records[i] = this.#ipv4
    return { records, nodeCount: this.#nodeCount }
  }

  /** The record for the ranges from one up to another, which reach into the subtree of the first `depth` bits. */
  #record(from: number, to: number, depth: number): number {
    const record =
      from === to
        ? NOTHING
        : this.#covers(from, depth)
          ? this.#ranges.values[from]
          : this.#node(from, to, depth)
    const first = this.#first
    if (depth === IPV4_DEPTH && first[0] === 0 && first[1] === 0 && first[2] === 0) this.#ipv4 = record
    return record
  }

  #node(from: number, to: number, depth: number): number {
    const node = this.#nodeCount++
    if (node * 2 === this.#records.length) this.#records = doubled(this.#records)
    const first = this.#first
    const word = depth >>> 5
    const bit = (1 << (31 - (depth & 31))) >>> 0
    first[word] += bit
    // The first range that starts in the upper half; the one before it may reach into it, too.
    let low = from
    let up = to
    while (low < up) {
      const middle = (low + up) >>> 1
      if (compareAddresses(this.#ranges.starts, middle * WIDTH, first, 0, WIDTH) < 0) low = middle + 1
      else up = middle
    }
    const reaches = low > from && compareAddresses(this.#ranges.ends, (low - 1) * WIDTH, first, 0, WIDTH) >= 0
    first[word] -= bit
    const left = this.#record(from, low, depth + 1)
    first[word] += bit
    const right = this.#record(reaches ? low - 1 : low, to, depth + 1)
    first[word] -= bit
    this.#records[node * 2] = left
    this.#records[node * 2 + 1] = right
    return node
  }

  /** Whether a range holds all addresses that begin with the first `depth` bits of `#first`. */
  #covers(range: number, depth: number): boolean {
    if (compareAddresses(this.#ranges.starts, range * WIDTH, this.#first, 0, WIDTH) > 0) return false
    const last = this.#last
    for (let word = 0; word < WIDTH; word++) {
      const known = Math.min(32, Math.max(0, depth - word * 32))
      last[word] = this.#first[word] | (known === 32 ? 0 : 0xffffffff >>> known)
    }
    return compareAddresses(this.#ranges.ends, range * WIDTH, last, 0, WIDTH) >= 0
  }
}
