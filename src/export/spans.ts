// Ranges of addresses that say the same, and the networks that they consist of.

import {
  addPowerOfTwo,
  compareAddresses,
  copyAddress,
  highestBitOfDifference,
  trailingZeros,
  type Width,
  widthOf,
} from '../table/address-arithmetic.ts'
import { COLUMN } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { rangesOf } from '../table/walk.ts'
import type { ExportRequest, Selects } from './request.ts'

/** Addresses of which the same is said; the arrays change with the next span. */
export interface Span {
  readonly start: Uint32Array
  /** The last address. */
  readonly end: Uint32Array
  /** Never 0. */
  readonly value: number
}

/**
 * The largest ranges of a family that have one value, in ascending order.
 *
 * @param numberOf what a record says, as a number; 0 for nothing
 */
export function* spansOf(
  table: Table,
  family: 4 | 6,
  numberOf: (record: number) => number,
): Generator<Span, void, undefined> {
  const width = widthOf(family)
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  const next = new Uint32Array(width)
  let value = 0
  for (const range of rangesOf(table, family)) {
    const found = numberOf(range.record)
    if (found !== value || compareAddresses(range.start, 0, next, 0, width) !== 0) {
      if (value !== 0) yield { start, end, value }
      copyAddress(range.start, 0, start, 0, width)
      value = found
    }
    copyAddress(range.end, 0, end, 0, width)
    copyAddress(range.end, 0, next, 0, width)
    addPowerOfTwo(next, 0, 0, width)
  }
  if (value !== 0) yield { start, end, value }
}

/** A network; the array changes with the next one. */
export interface Network {
  readonly start: Uint32Array
  readonly length: number
}

/** The fewest networks that a range consists of, in ascending order. */
export function* networksOf(first: Uint32Array, last: Uint32Array): Generator<Network, void, undefined> {
  const networks = new Networks(first.length === 1 ? 1 : 4)
  networks.begin(first, last)
  while (networks.next()) yield networks
}

/** The same for one range after the other, where there are so many that each must not allocate anything. */
export class Networks implements Network {
  readonly start: Uint32Array
  readonly #width: Width
  readonly #end: Uint32Array
  /** Of the network; -1 before the first one. */
  #hostBits = -1

  constructor(width: Width) {
    this.#width = width
    this.start = new Uint32Array(width)
    this.#end = new Uint32Array(width)
  }

  get length(): number {
    return this.#width * 32 - this.#hostBits
  }

  /** Begins with a range; its first network is the next one. */
  begin(first: Uint32Array, last: Uint32Array): void {
    copyAddress(first, 0, this.start, 0, this.#width)
    copyAddress(last, 0, this.#end, 0, this.#width)
    // The range may end with the address space: then this is zero.
    addPowerOfTwo(this.#end, 0, 0, this.#width)
    this.#hostBits = -1
  }

  /** Goes on to the next network; false when there is none. */
  next(): boolean {
    const { start } = this
    const width = this.#width
    const end = this.#end
    if (this.#hostBits >= 0) {
      if (this.#hostBits === width * 32) return false
      addPowerOfTwo(start, 0, this.#hostBits, width)
      if (compareAddresses(start, 0, end, 0, width) === 0) return false
    }
    this.#hostBits = Math.min(trailingZeros(start, 0, width), highestBitOfDifference(start, 0, end, 0, width))
    return true
  }
}

/** Which records are in the countries, or announced by the ASes, that are asked for. */
export function selectionOf({ table, countries, asns }: ExportRequest): Selects {
  const wanted = new Set([...countries, ...asns.map(String)])
  if (wanted.size === 0) return () => true
  const column = countries.length > 0 ? COLUMN.country : COLUMN.asn
  const known = new Int8Array(table.recordCount)
  return (record) => {
    if (known[record] === 0) known[record] = wanted.has(table.text(record, column)) ? 1 : -1
    return known[record] === 1
  }
}

/** Numbers what records say, from 1 on, in the order in which they are asked for. */
export class Values<T> {
  /** What each number stands for; nothing at 0. */
  readonly all: (T | undefined)[] = [undefined]
  readonly #byRecord: Int32Array
  readonly #byKey = new Map<string, number>()
  readonly #read: (record: number) => readonly [key: string, value: T] | null
  readonly #selects: Selects

  /** @param read what a record says, with a text that is the same for the same; null for nothing */
  constructor(
    table: Table,
    selects: Selects,
    read: (record: number) => readonly [key: string, value: T] | null,
  ) {
    this.#byRecord = new Int32Array(table.recordCount).fill(-1)
    this.#read = read
    this.#selects = selects
  }

  /** The number of what a record says; 0 for nothing, or when it isn't asked for. */
  readonly of = (record: number): number => {
    const known = this.#byRecord[record]
    if (known >= 0) return known
    const said = this.#selects(record) ? this.#read(record) : null
    let number = 0
    if (said !== null) {
      const [key, value] = said
      number = this.#byKey.get(key) ?? this.all.push(value) - 1
      this.#byKey.set(key, number)
    }
    this.#byRecord[record] = number
    return number
  }

  /** What a number stands for. */
  value(number: number): T {
    return this.all[number] as T
  }
}
