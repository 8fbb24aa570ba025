// The intervals of a table as they stand beside each other: what a whole network has, and how far one entry goes.
//
// Ranges are cut along prefixes when a table is built, so that an entry's addresses are often several intervals in a row.
// Nothing here allocates once the table is open.

import { EMBEDDED_DEPTH, isEmbedded4 } from './embedded.ts'

/**
 * The most intervals in a row, up and down from an address, that are looked at for its range. A range that was cut into
 * prefixes has 254 in IPv6, so only neighbours with real prefixes can be more.
 */
const MAX_INTERVALS = 254

/** The intervals of IPv4, as they lie in the table. */
export interface Intervals4 {
  readonly starts: Uint32Array
  readonly entries: Uint32Array
}

/** The intervals of IPv6: the words of their first addresses, the last two of them where they aren't zero. */
export interface Intervals6 {
  readonly word0: Uint32Array
  readonly word1: Uint32Array
  readonly lowIntervals: Uint32Array
  readonly word2: Uint32Array
  readonly word3: Uint32Array
  readonly entries: Uint32Array
}

/** The intervals of a table, and what their neighbours tell. */
export class Neighbours {
  readonly #v4: Intervals4
  readonly #v6: Intervals6
  /** The first address of the range that was found last; its one word in IPv4. */
  readonly first = new Uint32Array(4)
  /** The last one. */
  readonly last = new Uint32Array(4)

  constructor(v4: Intervals4, v6: Intervals6) {
    this.#v4 = v4
    this.#v6 = v6
  }

  /**
   * The entry of all addresses of an IPv4 network; 0 when they have more than one, or nothing is known of them.
   *
   * @param address its first one
   * @param length of its prefix, 0 to 32
   */
  findNetwork4(address: number, length: number): number {
    const { starts, entries } = this.#v4
    const interval = this.#interval4(address)
    const last = length === 0 ? 0xffffffff : (address | (0xffffffff >>> length)) >>> 0
    const isWhole = length === 32 || interval + 1 === entries.length || starts[interval + 1] > last
    return isWhole ? entries[interval] : 0
  }

  /**
   * The same for an IPv6 network; one within those that stand for IPv4 networks is the IPv4 one, see
   * `Table.find6OrEmbedded`.
   */
  findNetwork6(word0: number, word1: number, word2: number, word3: number, length: number): number {
    if (length >= EMBEDDED_DEPTH && isEmbedded4(word0, word1, word2)) {
      const embedded = this.findNetwork4(word3, length - EMBEDDED_DEPTH)
      // With a prefix length, that in IPv6; the low octet of an entry is 0 where it has none.
      if (embedded !== 0) return (embedded & 0xff) === 0 ? embedded : embedded + EMBEDDED_DEPTH
    }
    const { entries } = this.#v6
    const interval = this.#interval6(word0, word1, word2, word3)
    const isWhole =
      interval + 1 === entries.length ||
      !this.#startsBy(
        interval + 1,
        lastWord(word0, length),
        lastWord(word1, length - 32),
        lastWord(word2, length - 64),
        lastWord(word3, length - 96),
      )
    return isWhole ? entries[interval] : 0
  }

  /** Sets `first` and `last` to the addresses around an IPv4 address of which the table says the same. */
  findRange4(address: number): void {
    this.#findRange4(this.#interval4(address), 0)
  }

  /** The same for an IPv6 address; of one that stands for an IPv4 address it is that one's range, in IPv6. */
  findRange6(word0: number, word1: number, word2: number, word3: number): void {
    const { first, last } = this
    if (isEmbedded4(word0, word1, word2)) {
      const embedded = this.#interval4(word3)
      if (this.#v4.entries[embedded] !== 0) {
        first[0] = last[0] = word0
        first[1] = last[1] = word1
        first[2] = last[2] = word2
        this.#findRange4(embedded, 3)
        return
      }
    }
    const { entries } = this.#v6
    const interval = this.#interval6(word0, word1, word2, word3)
    this.#copyStart(lowestAlike(entries, interval), first)
    const next = highestAlike(entries, interval) + 1
    if (next === entries.length) {
      last.fill(0xffffffff)
      return
    }
    this.#copyStart(next, last)
    // One less: what is borrowed goes up as far as words are zero.
    let word = 3
    while (last[word] === 0) last[word--] = 0xffffffff
    last[word]--
  }

  #findRange4(interval: number, word: number): void {
    const { starts, entries } = this.#v4
    this.first[word] = starts[lowestAlike(entries, interval)]
    const next = highestAlike(entries, interval) + 1
    this.last[word] = next === entries.length ? 0xffffffff : starts[next] - 1
  }

  #interval4(address: number): number {
    const { starts } = this.#v4
    let low = 0
    let up = starts.length - 1
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      if (starts[middle] <= address) low = middle
      else up = middle - 1
    }
    return low
  }

  #interval6(word0: number, word1: number, word2: number, word3: number): number {
    let low = 0
    let up = this.#v6.entries.length - 1
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      if (this.#startsBy(middle, word0, word1, word2, word3)) low = middle
      else up = middle - 1
    }
    return low
  }

  /** Whether an interval's first address is at or below another. */
  #startsBy(interval: number, word0: number, word1: number, word2: number, word3: number): boolean {
    const v6 = this.#v6
    if (v6.word0[interval] !== word0) return v6.word0[interval] < word0
    if (v6.word1[interval] !== word1) return v6.word1[interval] < word1
    const low = this.#low(interval)
    // The words of most intervals are zero, and zero is at or below everything.
    if (v6.lowIntervals[low] !== interval) return true
    return v6.word2[low] !== word2 ? v6.word2[low] < word2 : v6.word3[low] <= word3
  }

  #copyStart(interval: number, to: Uint32Array): void {
    const { word0, word1, lowIntervals, word2, word3 } = this.#v6
    const low = this.#low(interval)
    const hasLow = lowIntervals[low] === interval
    to[0] = word0[interval]
    to[1] = word1[interval]
    to[2] = hasLow ? word2[low] : 0
    to[3] = hasLow ? word3[low] : 0
  }

  /** Where an interval's low words are, if it has any. */
  #low(interval: number): number {
    const { lowIntervals } = this.#v6
    let low = 0
    let up = lowIntervals.length - 1
    while (low < up) {
      const middle = (low + up) >>> 1
      if (lowIntervals[middle] < interval) low = middle + 1
      else up = middle
    }
    return low
  }
}

/** The lowest of the intervals in a row, this one included, whose record is the same. */
function lowestAlike(entries: Uint32Array, interval: number): number {
  const record = entries[interval] >>> 8
  const end = Math.max(0, interval - MAX_INTERVALS)
  let lowest = interval
  while (lowest > end && entries[lowest - 1] >>> 8 === record) lowest--
  return lowest
}

/** The highest of them. */
function highestAlike(entries: Uint32Array, interval: number): number {
  const record = entries[interval] >>> 8
  const end = Math.min(entries.length - 1, interval + MAX_INTERVALS)
  let highest = interval
  while (highest < end && entries[highest + 1] >>> 8 === record) highest++
  return highest
}

/** A word of the last address of a network, of which `length` bits are in this word or before it. */
function lastWord(word: number, length: number): number {
  if (length >= 32) return word
  return length <= 0 ? 0xffffffff : (word | (0xffffffff >>> length)) >>> 0
}
