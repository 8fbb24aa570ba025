// Addresses and CIDRs that people write, in config, overrides and on the command line, as words.

import { Address4, Address6 } from 'ip-address'
import { widthOf } from './address-arithmetic.ts'
import { networkText } from './address-text.ts'
import { EMBEDDED_DEPTH, isEmbedded4 } from './embedded.ts'

/** An address or a network: its first and last address as words, the most significant first. */
export interface Cidr {
  readonly family: 4 | 6
  /** The prefix length; 32 or 128 for a lone address. */
  readonly length: number
  readonly start: Uint32Array
  readonly end: Uint32Array
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or a lone address.
 *
 * @throws {Error} with a short reason when it is neither, or has bits after its length.
 */
export function parseCidr(text: string): Cidr {
  const family = text.includes(':') ? 6 : 4
  if ((family === 4 && /^0\d|\.0\d/.test(text)) || /[%\s]/.test(text)) throw notACidr(text)
  let address: Address4 | Address6
  try {
    address = family === 4 ? new Address4(text) : new Address6(text)
  } catch {
    throw notACidr(text)
  }
  const length = address.subnetMask
  const words = wordsOf(family, address.parsedAddress)
  const hosts = words.map((_, word) => hostBits(length - 32 * word))
  const start = words.map((it, word) => it & ~hosts[word])
  if (start.some((it, word) => it !== words[word])) {
    throw new Error(`'${text}' has bits after its length; did you mean ${networkText(start)}/${length}?`)
  }
  return { family, length, start, end: start.map((it, word) => it | hosts[word]) }
}

/**
 * Reads what somebody says something of, as `parseCidr` does.
 *
 * @throws {Error} also for IPv4 inside IPv6, with the network to write: such addresses are answered as the IPv4 ones.
 */
export function parseOwnCidr(text: string): Cidr {
  const cidr = parseCidr(text)
  const { family, length, start } = cidr
  if (family === 6 && length >= EMBEDDED_DEPTH && isEmbedded4(start[0], start[1], start[2])) {
    const meant = `${networkText([start[3]])}/${length - EMBEDDED_DEPTH}`
    throw new Error(`'${text}' is IPv4 inside IPv6; write ${meant}`)
  }
  return cidr
}

/** The words of an address: four groups of eight bits, in decimal, or eight of sixteen, in hexadecimal. */
function wordsOf(family: 4 | 6, groups: readonly string[]): Uint32Array {
  const words = new Uint32Array(widthOf(family))
  const [perWord, radix] = family === 4 ? [4, 10] : [2, 16]
  for (const [i, group] of groups.entries()) {
    const word = Math.floor(i / perWord)
    words[word] = (words[word] << (32 / perWord)) | Number.parseInt(group, radix)
  }
  return words
}

/** The bits of a word after its first `length`; all before the first, none after the last. */
function hostBits(length: number): number {
  if (length >= 32) return 0
  return length <= 0 ? 0xffffffff : 0xffffffff >>> length
}

function notACidr(text: string): Error {
  return new Error(`'${text}' is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32`)
}
