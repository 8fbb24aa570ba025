// Counts of spam and ham by key, decayed when they are touched: a hash table of typed arrays, 20 octets a key and 8 of slots.

import { KIND, kindOf } from './keys.ts'

/** Slots for each key at most, as a power of two: half of them are empty. */
const SLOTS_PER_KEY = 2

const FIRST_CAPACITY = 1024

/** What counts below this are worth is nothing. */
export const LEAST = 0.1

/** How full the table is after it was full: what is worth least goes. */
const AFTER_FULL = 0.9

/** Keys that were dropped: pairs of words. */
export type DroppedKeys = readonly (readonly [number, number])[]

/** The table. */
export class KeyTable {
  /** The most keys. */
  readonly max: number
  /** In seconds. */
  readonly #halfLife: number
  #count = 0
  #highs = new Uint32Array(FIRST_CAPACITY)
  #lows = new Uint32Array(FIRST_CAPACITY)
  #spam = new Float32Array(FIRST_CAPACITY)
  #ham = new Float32Array(FIRST_CAPACITY)
  #seen = new Uint32Array(FIRST_CAPACITY)
  #slots = new Int32Array(FIRST_CAPACITY * SLOTS_PER_KEY).fill(-1)

  /** @param halfLife in seconds */
  constructor(halfLife: number, max: number) {
    this.#halfLife = halfLife
    this.max = max
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= this.max
  }

  /** Octets that the arrays take. */
  get octets(): number {
    const arrays = [this.#highs, this.#lows, this.#spam, this.#ham, this.#seen, this.#slots]
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** The place of a key; -1 where it isn't. Places change when keys are dropped. */
  find(high: number, low: number): number {
    return this.#slots[this.#slotOf(high, low)]
  }

  /** The place of a key, which is added where it isn't; the table must not be full. */
  place(high: number, low: number): number {
    const slot = this.#slotOf(high, low)
    if (this.#slots[slot] >= 0) return this.#slots[slot]
    const at = this.#count
    if (at === this.#highs.length) {
      this.#grow()
      this.#slots[this.#slotOf(high, low)] = at
    } else this.#slots[slot] = at
    this.#highs[at] = high
    this.#lows[at] = low
    this.#spam[at] = 0
    this.#ham[at] = 0
    this.#seen[at] = 0
    this.#count++
    return at
  }

  high(at: number): number {
    return this.#highs[at]
  }

  low(at: number): number {
    return this.#lows[at]
  }

  /** When its newest verdict came, in seconds since the epoch. */
  seen(at: number): number {
    return this.#seen[at]
  }

  /** Spam as it was at `seen`. */
  spamThen(at: number): number {
    return this.#spam[at]
  }

  /** Ham as it was at `seen`. */
  hamThen(at: number): number {
    return this.#ham[at]
  }

  /** How much of what was counted at `seen` is left. */
  left(at: number, now: number): number {
    return this.#decay(now - this.#seen[at])
  }

  set(at: number, spam: number, ham: number, seen: number): void {
    this.#spam[at] = spam
    this.#ham[at] = ham
    this.#seen[at] = seen
  }

  /** Adds to a key what came at a time, which may lie before its newest; nothing gets less than none. */
  add(at: number, spam: number, ham: number, time: number): void {
    const past = time - this.#seen[at]
    const old = this.#decay(past)
    const fresh = this.#decay(-past)
    this.#spam[at] = Math.max(0, this.#spam[at] * old + spam * fresh)
    this.#ham[at] = Math.max(0, this.#ham[at] * old + ham * fresh)
    if (past > 0) this.#seen[at] = time
  }

  /** Drops what is worth nothing any more, and of a table that is too full what is worth least. */
  sweep(now: number, isTooFull = this.isFull): DroppedKeys {
    const worths = new Float32Array(this.#count)
    for (let at = 0; at < this.#count; at++) worths[at] = this.#worth(at, now)
    const room = Math.floor(this.max * AFTER_FULL)
    let least = LEAST
    // How many of those that are worth the least stay: a table of single messages is full of them.
    let ties = this.#count
    if (isTooFull && this.#count > room) {
      const sorted = worths.slice().sort()
      least = Math.max(least, sorted[this.#count - room])
      ties = room - worths.reduce((sum, worth) => sum + (worth > least ? 1 : 0), 0)
    }
    const dropped: (readonly [number, number])[] = []
    let kept = 0
    for (let at = 0; at < this.#count; at++) {
      const isKept = worths[at] > least || (worths[at] === least && ties-- > 0)
      if (!isKept) dropped.push([this.#highs[at], this.#lows[at]])
      else this.#move(at, kept++)
    }
    this.#count = kept
    this.#fillSlots()
    return dropped
  }

  /** An address is only counted, so that it can be limited: it goes when it was not seen for a half-life. */
  #worth(at: number, now: number): number {
    const sum = (this.#spam[at] + this.#ham[at]) * this.left(at, now)
    const isOldAddress = kindOf(this.#highs[at]) === KIND.address && now - this.#seen[at] >= this.#halfLife
    return isOldAddress ? 0 : sum
  }

  /** 1 for what didn't pass. */
  #decay(seconds: number): number {
    return seconds <= 0 ? 1 : 2 ** (-seconds / this.#halfLife)
  }

  #move(from: number, to: number): void {
    this.#highs[to] = this.#highs[from]
    this.#lows[to] = this.#lows[from]
    this.#spam[to] = this.#spam[from]
    this.#ham[to] = this.#ham[from]
    this.#seen[to] = this.#seen[from]
  }

  /** The slot that a key is in, or the empty one that it would be in. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(high, low) & mask
    for (;;) {
      const at = this.#slots[slot]
      if (at < 0 || (this.#lows[at] === low && this.#highs[at] === high)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const capacity = Math.min(this.#highs.length * 2, Math.max(this.max, FIRST_CAPACITY))
    this.#highs = longer(this.#highs, new Uint32Array(capacity))
    this.#lows = longer(this.#lows, new Uint32Array(capacity))
    this.#spam = longer(this.#spam, new Float32Array(capacity))
    this.#ham = longer(this.#ham, new Float32Array(capacity))
    this.#seen = longer(this.#seen, new Uint32Array(capacity))
    const slots = 2 ** Math.ceil(Math.log2(capacity * SLOTS_PER_KEY))
    this.#slots = new Int32Array(slots)
    this.#fillSlots()
  }

  #fillSlots(): void {
    this.#slots.fill(-1)
    for (let at = 0; at < this.#count; at++) this.#slots[this.#slotOf(this.#highs[at], this.#lows[at])] = at
  }
}

/** Murmur's finisher over both words: networks differ in few bits. */
function hash(high: number, low: number): number {
  let bits = Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13) ^ low, 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function longer<Words extends Uint32Array | Float32Array>(from: Words, to: Words): Words {
  to.set(from)
  return to
}
