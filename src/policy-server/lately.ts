// Remembers what was used lately, up to a number: two maps, of which the older goes when the newer is full. Taking the
// oldest entry out of one map would walk over all that went before it.

/** A map that forgets what was not used for the longest; between half of the number and all of it is kept. */
export class Lately<Key, Value> {
  readonly #half: number
  readonly #weight: (value: Value) => number
  #newer = new Map<Key, Value>()
  #older = new Map<Key, Value>()
  #filled = 0

  /**
   * @param max how many are kept, or how much they may weigh together
   * @param weight of a value; without it each weighs 1
   */
  constructor(max: number, weight: (value: Value) => number = () => 1) {
    this.#half = max / 2
    this.#weight = weight
  }

  /** How many are kept. */
  get size(): number {
    return this.#newer.size + this.#older.size
  }

  /** The value of a key, which is thereby used. */
  get(key: Key): Value | undefined {
    const known = this.#newer.get(key)
    if (known !== undefined || this.#older.size === 0) return known
    const older = this.#older.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  /** Keeps a value. */
  set(key: Key, value: Value): void {
    this.delete(key)
    const weight = this.#weight(value)
    if (this.#filled + weight > this.#half) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#filled = 0
    }
    this.#filled += weight
    this.#newer.set(key, value)
  }

  delete(key: Key): void {
    const known = this.#newer.get(key)
    if (known === undefined) {
      this.#older.delete(key)
      return
    }
    this.#filled -= this.#weight(known)
    this.#newer.delete(key)
  }

  clear(): void {
    this.#newer = new Map()
    this.#older = new Map()
    this.#filled = 0
  }
}
