// Random numbers that a seed and the number of an input decide, so that each input can be made again by itself.

/** A generator of one input's numbers. */
export class Random {
  #state = 0

  /**
   * Begins the numbers of one input.
   *
   * @param {number} seed
   * @param {number} input its number
   */
  begin(seed, input) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35)
    this.next()
    this.next()
  }

  /** A number from 0 up to 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    const { imul } = Math
    let mixed = imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /**
   * A whole number from 0 up to `limit`, which it never is.
   *
   * @param {number} limit
   */
  below(limit) {
    return Math.floor(this.next() * limit)
  }

  /**
   * Whether something happens that happens once in so many times.
   *
   * @param {number} times
   */
  onceIn(times) {
    return this.below(times) === 0
  }

  /**
   * One of several.
   *
   * @template T
   * @param {readonly T[]} list
   */
  of(list) {
    return list[this.below(list.length)]
  }

  /**
   * So many random octets.
   *
   * @param {number} count
   */
  octets(count) {
    return Uint8Array.from({ length: count }, () => this.below(256))
  }
}
