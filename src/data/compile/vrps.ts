// Validated ROA payloads (RFC 6811 2): which AS may announce which prefixes, as a validator wrote them down.
//
// Half a million of them are columns of numbers; sorted, those of a prefix follow each other, and those of what lies in it.

import {
  addPowerOfTwo,
  compareAddresses,
  copyAddress,
  type Width,
  widthOf,
} from '../../table/address-arithmetic.ts'
import { doubled } from '../../table/interval-map.ts'

/** Payloads of one family, in ascending order of prefix, shorter before longer, AS and maximum length; each once. */
export interface SortedVrps {
  readonly width: Width
  readonly count: number
  /** `count` × `width` words. */
  readonly starts: Uint32Array
  readonly asns: Uint32Array
  /** The length of the prefix, and the longest one that may be announced, see `lengthsOf`. */
  readonly lengths: Uint16Array
}

/** Both lengths of a payload as one number. */
const lengthsOf = (length: number, maxLength: number): number => (length << 8) | maxLength

/** The length of the prefix of a payload. */
export const vrpLength = (lengths: number): number => lengths >>> 8

/** The longest prefix that a payload is for. */
export const vrpMaxLength = (lengths: number): number => lengths & 0xff

/** Payloads of one family while they are read. */
export class Vrps {
  readonly width: Width
  #starts: Uint32Array
  #asns: Uint32Array
  #lengths: Uint16Array
  #count = 0

  constructor(family: 4 | 6, capacity = 1024) {
    this.width = widthOf(family)
    this.#starts = new Uint32Array(capacity * this.width)
    this.#asns = new Uint32Array(capacity)
    this.#lengths = new Uint16Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  /** Adds one; the prefix begins with the first `width` words of `start`, from `from` on. */
  add(start: Uint32Array, from: number, length: number, maxLength: number, asn: number): void {
    const count = this.#count
    if (count === this.#asns.length) this.#grow()
    copyAddress(start, from, this.#starts, count * this.width, this.width)
    this.#asns[count] = asn
    this.#lengths[count] = lengthsOf(length, maxLength)
    this.#count = count + 1
  }

  /** Adds all of another. */
  addAll({ count, starts, asns, lengths, width }: SortedVrps): void {
    for (let i = 0; i < count; i++) {
      this.add(starts, i * width, vrpLength(lengths[i]), vrpMaxLength(lengths[i]), asns[i])
    }
  }

  /** Sorts them, and leaves out what is there twice: two trust anchors may say the same. */
  sorted(): SortedVrps {
    const { width } = this
    const [starts, asns, lengths] = [this.#starts, this.#asns, this.#lengths]
    const compare = (a: number, b: number): number =>
      compareAddresses(starts, a * width, starts, b * width, width) ||
      vrpLength(lengths[a]) - vrpLength(lengths[b]) ||
      asns[a] - asns[b] ||
      lengths[a] - lengths[b]
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i)
    if (!order.every((i) => i === 0 || compare(i - 1, i) <= 0)) order.sort(compare)
    const unique = order.filter((i, at) => at === 0 || compare(order[at - 1], i) !== 0)
    const sorted = {
      width,
      count: unique.length,
      starts: new Uint32Array(unique.length * width),
      asns: new Uint32Array(unique.length),
      lengths: new Uint16Array(unique.length),
    }
    for (let at = 0; at < unique.length; at++) {
      const i = unique[at]
      copyAddress(starts, i * width, sorted.starts, at * width, width)
      sorted.asns[at] = asns[i]
      sorted.lengths[at] = lengths[i]
    }
    return sorted
  }

  #grow(): void {
    this.#starts = doubled(this.#starts)
    this.#asns = doubled(this.#asns)
    const lengths = new Uint16Array(this.#lengths.length * 2)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }
}

/** All payloads of several files. */
export function joinVrps(family: 4 | 6, files: readonly SortedVrps[]): SortedVrps {
  if (files.length === 1) return files[0]
  const all = new Vrps(family)
  for (const file of files) all.addAll(file)
  return all.sorted()
}

/** How many addresses have a payload. */
export function addressesOf({ width, count, starts, lengths }: SortedVrps): number {
  const end = new Uint32Array(width)
  let addresses = 0
  let isEnd = false
  for (let i = 0; i < count && !isEnd; i++) {
    if (compareAddresses(starts, i * width, end, 0, width) < 0) continue
    const hostBits = width * 32 - vrpLength(lengths[i])
    addresses += 2 ** hostBits
    copyAddress(starts, i * width, end, 0, width)
    isEnd = hostBits === width * 32 || !addPowerOfTwo(end, 0, hostBits, width)
  }
  return addresses
}
