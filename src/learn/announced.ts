// Which of the prefixes that taught something the table still has, and what it has within them that taught nothing: one
// walk over the table.

import { prefixLengthOf, type Table } from '../table/table.ts'
import { rangesOf } from '../table/walk.ts'
import { LEVEL, NETWORK_LENGTH, networkLength, networkWords, writeNetworkKey } from './keys.ts'

/** The words of a key of a prefix. */
interface PrefixKey {
  readonly high: number
  readonly low: number
}

/** A prefix of the table. */
export interface Announced<Key> {
  /** Its first address, and one that is in no prefix within it. */
  readonly words: readonly number[]
  readonly own: readonly number[]
  readonly length: number
  /** Its key where it taught something. */
  readonly key: Key | null
  /** The narrowest that taught something, of those around it. */
  readonly around: Key | null
}

/** A learned prefix while the walk is within it: the number of its last /32 or /48. */
interface Open<Key> {
  readonly key: Key
  readonly last: number
}

/**
 * Finds the prefixes, each once.
 *
 * @param learned those that taught something, of this family, by address and then by length
 */
export function* announced<Key extends PrefixKey>(
  table: Table,
  family: 4 | 6,
  learned: readonly Key[],
): Generator<Announced<Key>, void, undefined> {
  if (learned.length === 0) return
  const keys = new Uint32Array(8)
  const byKey = new Map(learned.map((key) => [nameOf(key.high, key.low), key]))
  const told = new Set<string>()
  const around: Open<Key>[] = []
  let next = 0
  for (const { start, entry } of rangesOf(table, family)) {
    const length = prefixLengthOf(entry)
    if (length === 0) continue
    const at = position(start)
    while (next < learned.length && position(networkWords(learned[next].high, learned[next].low)) <= at) {
      const key = learned[next++]
      const size = 2 ** ((family === 4 ? 32 : 48) - networkLength(key.high))
      around.push({ key, last: position(networkWords(key.high, key.low)) + size - 1 })
    }
    while (around.length > 0 && around[around.length - 1].last < at) around.pop()
    if (around.length === 0) continue
    const words = networkOf(start, length)
    const name = `${words.join(' ')}/${length}`
    if (told.has(name)) continue
    if (length < NETWORK_LENGTH[family]) {
      writeNetworkKey(keys, LEVEL.prefix, words, length)
      const key = byKey.get(nameOf(keys[LEVEL.prefix], keys[LEVEL.prefix + 1]))
      if (key !== undefined) {
        told.add(name)
        yield { words, own: [...start], length, key, around: outside(around, length) }
        continue
      }
    }
    const wider = outside(around, length)
    if (wider === null) continue
    told.add(name)
    yield { words, own: [...start], length, key: null, around: wider }
  }
}

/** The narrowest of those around a prefix that is wider than it. */
function outside<Key extends PrefixKey>(around: readonly Open<Key>[], length: number): Key | null {
  return around.findLast(({ key }) => networkLength(key.high) < length)?.key ?? null
}

const nameOf = (high: number, low: number): string => `${high} ${low}`

/** IPv4 addresses and the first 48 bits of IPv6 ones as numbers in their order. */
const position = (words: ArrayLike<number>): number =>
  words.length === 1 ? words[0] : words[0] * 0x10000 + (words[1] >>> 16)

/** The first address of the prefix that an address is in. */
function networkOf(words: ArrayLike<number>, length: number): readonly number[] {
  return Array.from(words, (word, at) => {
    const bits = length - at * 32
    if (bits >= 32) return word
    return bits <= 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0
  })
}
