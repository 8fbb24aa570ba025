// The keys of what is learned: two words each, so that a million of them lie in typed arrays.
//
//     high word    3 bits kind · 7 bits reporter · 6 bits prefix length · 16 bits: those of an IPv6 network in front of `low`
//     low word     the letters of a country, an AS number, an IPv4 network, or the last 32 of the 48 bits of an IPv6 one
//
// What they stand for doesn't change when data is updated: AS numbers, countries, networks, never numbers of records.

import { networkText } from '../table/address-text.ts'

/** What a key stands for. */
export const KIND = {
  country: 1,
  as: 2,
  prefix4: 3,
  network4: 4,
  prefix6: 5,
  network6: 6,
  address: 7,
} as const

/** The most reporters: what the bits hold. */
export const MAX_REPORTERS = 127

/** The prefix length of the networks that are learned wherever they are: /24 and /48. */
export const NETWORK_LENGTH = { 4: 24, 6: 48 } as const

/** The levels below all mail, from the widest to the narrowest. */
export const LEVELS = ['country', 'as', 'prefix', 'network'] as const

/** Where the words of a level's key are in the keys of an address; a high word of 0 is no key. */
export const LEVEL = { country: 0, as: 2, prefix: 4, network: 6 } as const

/** The key of all mail. */
export const ALL_HIGH = KIND.country << 29
export const ALL_LOW = 0

const REPORTER_SHIFT = 22
const REPORTER_BITS = 0x7f << REPORTER_SHIFT

export const kindOf = (high: number): number => high >>> 29
export const reporterOf = (high: number): number => (high >>> REPORTER_SHIFT) & 0x7f

/** The prefix length of a network. */
export const networkLength = (high: number): number => (high >>> 16) & 0x3f

/** The same key of another reporter. */
export const ofReporter = (high: number, reporter: number): number =>
  ((high & ~REPORTER_BITS) | (reporter << REPORTER_SHIFT)) >>> 0

/** The high words of keys of a kind, without a reporter. */
const highOf = (kind: number, length = 0, bits = 0): number => ((kind << 29) | (length << 16) | bits) >>> 0

export const COUNTRY_HIGH = highOf(KIND.country)
export const AS_HIGH = highOf(KIND.as)
export const ADDRESS_HIGH = highOf(KIND.address)

/** The word of a country's two letters. */
export const countryWord = (first: number, second: number): number => (first << 8) | second

/** The two letters of such a word; '' for none. */
export const countryText = (word: number): string =>
  word === 0 ? '' : String.fromCharCode(word >>> 8, word & 0xff)

/**
 * Writes the key of the network that an address is in, for a prefix length of at most /24 or /48.
 *
 * @param level `LEVEL.prefix` or `LEVEL.network`
 */
export function writeNetworkKey(
  keys: Uint32Array,
  level: 4 | 6,
  words: ArrayLike<number>,
  length: number,
): void {
  const isPrefix = level === LEVEL.prefix
  if (words.length === 1) {
    keys[level] = highOf(isPrefix ? KIND.prefix4 : KIND.network4, length)
    keys[level + 1] = words[0] & (-1 << (32 - length))
    return
  }
  const first = length >= 32 ? words[0] : words[0] & (-1 << (32 - length))
  const second = length <= 32 ? 0 : words[1] & (-1 << (64 - length))
  keys[level] = highOf(isPrefix ? KIND.prefix6 : KIND.network6, length, first >>> 16)
  keys[level + 1] = (first << 16) | (second >>> 16)
}

/** The words of the first address of a network. */
export function networkWords(high: number, low: number): readonly number[] {
  const kind = kindOf(high)
  if (kind === KIND.prefix4 || kind === KIND.network4) return [low]
  return [((high & 0xffff) * 0x10000 + (low >>> 16)) >>> 0, (low & 0xffff) * 0x10000, 0, 0]
}

/** What the key of a network or country or AS is called, such as `165.245.131.0/24`, `US`, `AS14061`; `all` for all. */
export function keyText(high: number, low: number): string {
  const kind = kindOf(high)
  if (kind === KIND.country) return low === 0 ? 'all' : countryText(low)
  if (kind === KIND.as) return `AS${low}`
  return `${networkText(networkWords(high, low))}/${networkLength(high)}`
}

/** How a kind is called in the database. */
const KIND_NAMES = ['', 'country', 'as', 'prefix', 'network', 'prefix', 'network'] as const

/** The kind of a key as the database has it. */
export const kindName = (high: number): string => KIND_NAMES[kindOf(high)]

/** The country and the AS number of a text of `keyText`. */
const COUNTRY_TEXT = /^[A-Z]{2}$/
const AS_TEXT = /^AS[1-9]\d{0,9}$/
const IPV4_TEXT = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/
const IPV6_TEXT = /^([0-9a-f:]{2,39})\/(\d{1,2})$/

/**
 * Reads what `kindName` and `keyText` have written.
 *
 * @returns the two words, or null when they haven't
 */
export function readKey(kind: string, text: string): readonly [number, number] | null {
  if (kind === 'country') {
    if (text === 'all') return [ALL_HIGH, ALL_LOW]
    return COUNTRY_TEXT.test(text)
      ? [COUNTRY_HIGH, countryWord(text.charCodeAt(0), text.charCodeAt(1))]
      : null
  }
  if (kind === 'as') {
    const asn = Number(text.slice(2))
    return AS_TEXT.test(text) && asn <= 0xffffffff ? [AS_HIGH, asn] : null
  }
  if (kind !== 'prefix' && kind !== 'network') return null
  const found = readIpv4Network(text) ?? readIpv6Network(text)
  if (found === null) return null
  const { words, length } = found
  const family = words.length === 1 ? 4 : 6
  const isRight =
    kind === 'network' ? length === NETWORK_LENGTH[family] : length >= 1 && length < NETWORK_LENGTH[family]
  if (!isRight) return null
  const keys = new Uint32Array(8)
  const level = LEVEL[kind]
  writeNetworkKey(keys, level, words, length)
  const [high, low] = [keys[level], keys[level + 1]]
  return keyText(high, low) === text ? [high, low] : null
}

interface Network {
  readonly words: readonly number[]
  readonly length: number
}

function readIpv4Network(text: string): Network | null {
  const parts = IPV4_TEXT.exec(text)
  if (parts === null) return null
  const [a, b, c, d, length] = parts.slice(1).map(Number)
  return { words: [((a << 24) | (b << 16) | (c << 8) | d) >>> 0], length }
}

/** Networks of at most 48 bits: up to three groups, and nothing after them. */
function readIpv6Network(text: string): Network | null {
  const [, address, length] = IPV6_TEXT.exec(text) ?? []
  if (!address?.endsWith('::')) return null
  const groups = address === '::' ? [] : address.slice(0, -2).split(':')
  if (groups.length > 3 || groups.some((group) => !/^[0-9a-f]{1,4}$/.test(group))) return null
  const [a = 0, b = 0, c = 0] = groups.map((group) => Number.parseInt(group, 16))
  return { words: [((a << 16) | b) >>> 0, (c << 16) >>> 0, 0, 0], length: Number(length) }
}
