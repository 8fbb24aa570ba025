// Where an address is: the keys of its country, AS, prefix and /24 or /48, from the compiled table.

import { asnOf } from '../table/as-number.ts'
import { isEmbedded4 } from '../table/embedded.ts'
import { COLUMN, RECORD_SHIFT } from '../table/layout.ts'
import { prefixLengthOf, recordOf, type Table } from '../table/table.ts'
import { AS_HIGH, COUNTRY_HIGH, countryWord, LEVEL, NETWORK_LENGTH, writeNetworkKey } from './keys.ts'

/** The words of two keys for each level, in the order of `LEVELS`: eight words; a high word of 0 is no key. */
export type PlaceKeys = Uint32Array

/** The country of a record as a word; 0 where it isn't known. */
export function countryOf({ records, strings }: Table, record: number): number {
  const offset = records[(record << RECORD_SHIFT) + COLUMN.country]
  return offset === 0 ? 0 : countryWord(strings[offset + 1], strings[offset + 2])
}

/** IPv4 inside IPv6 as the IPv4 address that it stands for. */
export function plainWords(words: ArrayLike<number>): ArrayLike<number> {
  return words.length === 4 && isEmbedded4(words[0], words[1], words[2]) ? [words[3]] : words
}

/** The entry of an address in the table. */
export function entryOf(table: Table, words: ArrayLike<number>): number {
  return words.length === 1 ? table.find4(words[0]) : table.find6(words[0], words[1], words[2], words[3])
}

/**
 * Writes the keys of an address.
 *
 * A prefix that is no shorter than a /24 or /48 is no level of its own: the same messages would count twice.
 *
 * @param words of IPv4 one, of IPv6 four; not IPv4 inside IPv6, see `plainWords`
 * @returns whether the table knows the address
 */
export function writePlace(table: Table, words: ArrayLike<number>, into: PlaceKeys): boolean {
  const entry = entryOf(table, words)
  into.fill(0)
  if (entry === 0) return false
  writeRecord(table, recordOf(entry), into)
  const most = NETWORK_LENGTH[words.length === 1 ? 4 : 6]
  const length = prefixLengthOf(entry)
  if (length > 0 && length < most) writeNetworkKey(into, LEVEL.prefix, words, length)
  writeNetworkKey(into, LEVEL.network, words, most)
  return true
}

/** Writes the keys of the country and AS of a record. */
function writeRecord(table: Table, record: number, into: PlaceKeys): void {
  const country = countryOf(table, record)
  const asn = asnOf(table, record)
  into[LEVEL.country] = country === 0 ? 0 : COUNTRY_HIGH
  into[LEVEL.country + 1] = country
  into[LEVEL.as] = asn === 0 ? 0 : AS_HIGH
  into[LEVEL.as + 1] = asn
}
