// Finds names where they lie in a packet: a small open hash table over names that lie one after the other.
//
// All names share three arrays. An object for each would be half a thousand buffers, which a reload has to make and the
// garbage collector to look at, and each query would wait for one that it didn't see lately.
// Names are compared without case (RFC 4343); the packet itself is not changed.

import type { Packet } from './packet.ts'
import { equalNames, foldCase } from './wire-name.ts'

/** No name of an index. */
export const NO_NAME = -1

/** Names in wire form, each with the number that is its place in the list. */
export class NameIndex {
  readonly #octets: Uint8Array
  /** The same octets. */
  readonly #view: DataView
  /** Where each name begins in `#octets`, and where the last one ends. */
  readonly #starts: Uint32Array
  readonly #hashes: Int32Array
  /** Number of the name + 1 by hash; open addressing, 0 is free. */
  readonly #slots: Uint32Array

  /** @param names different ones, in lower case */
  constructor(names: readonly Uint8Array[]) {
    this.#octets = new Uint8Array(names.reduce((sum, { length }) => sum + length, 0))
    this.#view = new DataView(this.#octets.buffer)
    this.#starts = new Uint32Array(names.length + 1)
    this.#hashes = new Int32Array(names.length)
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(names.length * 4 + 1)))
    const mask = this.#slots.length - 1
    for (const [i, name] of names.entries()) {
      this.#octets.set(name, this.#starts[i])
      this.#starts[i + 1] = this.#starts[i] + name.length
      this.#hashes[i] = hashName(name, 0, name.length)
      let slot = this.#hashes[i] & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = i + 1
    }
  }

  /** The number of the name of `length` octets at `packet[at…]`, the root label included; NO_NAME where it is none. */
  find({ packet, view }: Packet, at: number, length: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = hashName(packet, at, length)
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = slots[slot] - 1
      if (this.#hashes[number] !== hash) continue
      const start = this.#starts[number]
      if (this.#starts[number + 1] - start !== length) continue
      if (equalWords(view, at, this.#view, start, length)) return number
      if (equalNames(packet, at, this.#octets, start, length)) return number
    }
    return NO_NAME
  }
}

/**
 * A hash of the name of `length` octets at `packet[at…]`, the root label included: its length, and of its first label
 * the length and, without case, the two first octets, one in the middle and the two last ones. That tells apart nearly
 * all apexes, though some of these octets be the same one or a length; those that it doesn't are compared.
 */
function hashName(packet: Uint8Array, at: number, length: number): number {
  const first = packet[at]
  const end = at + first
  const begins = (foldCase(packet[at + 1]) << 16) | (foldCase(packet[at + 2]) << 8) | first
  const ends = (foldCase(packet[end - 1]) << 16) | (foldCase(packet[end]) << 8) | length
  const middle = foldCase(packet[at + 1 + (first >>> 1)]) << 24
  const mixed = Math.imul(begins ^ middle, 0x85ebca6b) ^ Math.imul(ends, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}

/** Whether two names of `length` octets are the same octets, as they nearly always are: case is not folded. */
function equalWords(packet: DataView, at: number, names: DataView, start: number, length: number): boolean {
  if (length < 4) return false
  for (let i = 0; i < length - 4; i += 4) {
    if (packet.getUint32(at + i) !== names.getUint32(start + i)) return false
  }
  return packet.getUint32(at + length - 4) === names.getUint32(start + length - 4)
}
