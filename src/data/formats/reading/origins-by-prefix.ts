// The origins of IPv4 prefixes while a file is read that names a prefix once for each of them.
//
// Numbers in arrays rather than a Map: ten million entries of a Map take a gigabyte.

import { MAX_ORIGINS } from './origins.ts'

const FIRST_SLOTS = 1 << 16

/** Prefixes in the order in which they came, each once. */
export class OriginsByPrefix {
  /** One place for every two slots. */
  #networks = new Uint32Array(FIRST_SLOTS / 2)
  #lengths = new Uint8Array(FIRST_SLOTS / 2)
  /** The first AS of each prefix. */
  #firsts = new Uint32Array(FIRST_SLOTS / 2)
  /** Prefixes + 1 by their hash; open addressing, 0 is free. */
  #slots = new Uint32Array(FIRST_SLOTS)
  /** All ASes, of the prefixes that have more than one. */
  readonly #sets = new Map<number, number[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Notes that these ASes announce a prefix; more than are kept of a set are left out. */
  note(network: number, length: number, asns: readonly number[]): void {
    if (this.#size === this.#networks.length) this.#grow()
    const slot = this.#slotOf(network, length)
    let prefix = this.#slots[slot] - 1
    if (prefix < 0) {
      prefix = this.#size++
      this.#slots[slot] = prefix + 1
      this.#networks[prefix] = network
      this.#lengths[prefix] = length
      this.#firsts[prefix] = asns[0]
    }
    const set = this.#sets.get(prefix) ?? [this.#firsts[prefix]]
    if (set.length >= MAX_ORIGINS || asns.every((asn) => set.includes(asn))) return
    this.#sets.set(prefix, [...new Set([...set, ...asns])].slice(0, MAX_ORIGINS))
  }

  /** Visits each prefix with its ASes. */
  forEach(visit: (network: number, length: number, asns: readonly number[]) => void): void {
    for (let prefix = 0; prefix < this.#size; prefix++) {
      const asns = this.#sets.get(prefix) ?? [this.#firsts[prefix]]
      visit(this.#networks[prefix], this.#lengths[prefix], asns)
    }
  }

  /** Where a prefix is, or would be. */
  #slotOf(network: number, length: number): number {
    const mask = this.#slots.length - 1
    const mixed = Math.imul(network ^ Math.imul(length, 0x9e3779b1), 0x85ebca6b)
    let slot = (mixed ^ (mixed >>> 15)) & mask
    for (;;) {
      const prefix = this.#slots[slot] - 1
      if (prefix < 0 || (this.#networks[prefix] === network && this.#lengths[prefix] === length)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const capacity = this.#slots.length
    const enlarged = <A extends Uint32Array | Uint8Array>(from: A, to: A): A => {
      to.set(from)
      return to
    }
    this.#networks = enlarged(this.#networks, new Uint32Array(capacity))
    this.#lengths = enlarged(this.#lengths, new Uint8Array(capacity))
    this.#firsts = enlarged(this.#firsts, new Uint32Array(capacity))
    this.#slots = new Uint32Array(capacity * 2)
    for (let prefix = 0; prefix < this.#size; prefix++) {
      this.#slots[this.#slotOf(this.#networks[prefix], this.#lengths[prefix])] = prefix + 1
    }
  }
}
