// Lessons for tests of the model: places of one country, and verdicts on them.

import { KeyTable } from '../../src/learn/key-table.ts'
import {
  AS_HIGH,
  COUNTRY_HIGH,
  countryWord,
  LEVEL,
  ofReporter,
  writeNetworkKey,
} from '../../src/learn/keys.ts'
import { type Lesson, Model } from '../../src/learn/model.ts'
import type { PlaceKeys } from '../../src/learn/place.ts'

export const DAY = 86_400
export const HALF_LIFE = 60 * DAY

/** 2026-11-27. */
export const NOW = 1_795_737_600

/** The keys of an IPv4 address in the US. */
export function placeOf(asn: number, address: number, prefixLength: number): PlaceKeys {
  const keys = new Uint32Array(8)
  keys[LEVEL.country] = COUNTRY_HIGH
  keys[LEVEL.country + 1] = countryWord(0x55, 0x53)
  keys[LEVEL.as] = AS_HIGH
  keys[LEVEL.as + 1] = asn
  writeNetworkKey(keys, LEVEL.prefix, [address], prefixLength)
  writeNetworkKey(keys, LEVEL.network, [address], 24)
  return keys
}

/** A model with room for so many keys. */
export function modelOf(cap?: number, reporters = 1, max = 100_000): Model {
  return new Model(new KeyTable(HALF_LIFE, max), () => reporters, undefined, cap)
}

/** Sets what is known of a key. */
export function know(
  { keys }: Model,
  high: number,
  low: number,
  spam: number,
  ham: number,
  reporter = 0,
): void {
  keys.set(keys.place(ofReporter(high, reporter), low), spam, ham, NOW)
}

/** A verdict of ham by the first reporter. */
export const lesson = (parts: Partial<Lesson>): Lesson => ({
  keys: placeOf(14061, 0xa5f58301, 17),
  address: 1,
  time: NOW,
  spam: false,
  weight: 1,
  undoes: false,
  reporter: 0,
  ...parts,
})
