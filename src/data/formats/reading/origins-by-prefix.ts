// The origins of IPv4 prefixes while a file is read that names a prefix once for each of them.

import { WordRows } from '../../../table/build/word-rows.ts'
import { doubled } from '../../../table/interval-map.ts'
import { MAX_ORIGINS } from './origins.ts'

/** Words of a prefix: its network and its length. */
const WORDS = 2

/** Prefixes that there is room for at first. */
const CAPACITY = 1 << 15

/** Prefixes in the order in which they came, each once. */
export class OriginsByPrefix {
  readonly #prefixes = new WordRows(WORDS, CAPACITY)
  readonly #prefix = new Uint32Array(WORDS)
  /** The first AS of each prefix. */
  #firsts: Uint32Array = new Uint32Array(CAPACITY)
  /** All ASes, of the prefixes that have more than one. */
  readonly #sets = new Map<number, number[]>()
  /** The prefixes whose first origin is an AS_SET. */
  readonly #asSets = new Set<number>()

  get size(): number {
    return this.#prefixes.count
  }

  /** Notes that these ASes, or an AS_SET of them, announce a prefix; more than are kept of a set are left out. */
  note(network: number, length: number, asns: readonly number[], isAsSet: boolean): void {
    const { count } = this.#prefixes
    this.#prefix[0] = network
    this.#prefix[1] = length
    const prefix = this.#prefixes.numberOf(this.#prefix)
    if (prefix === this.#firsts.length) this.#firsts = doubled(this.#firsts)
    if (prefix === count) {
      this.#firsts[prefix] = asns[0]
      if (isAsSet) this.#asSets.add(prefix)
    }
    const set = this.#sets.get(prefix) ?? [this.#firsts[prefix]]
    if (set.length >= MAX_ORIGINS || asns.every((asn) => set.includes(asn))) return
    this.#sets.set(prefix, [...new Set([...set, ...asns])].slice(0, MAX_ORIGINS))
  }

  /** Visits each prefix with its ASes, and whether the first is one of an AS_SET. */
  forEach(visit: (network: number, length: number, asns: readonly number[], isAsSet: boolean) => void): void {
    const { count, words } = this.#prefixes
    for (let prefix = 0; prefix < count; prefix++) {
      const asns = this.#sets.get(prefix) ?? [this.#firsts[prefix]]
      visit(words[prefix * WORDS], words[prefix * WORDS + 1], asns, this.#asSets.has(prefix))
    }
  }
}
