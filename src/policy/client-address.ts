// The address that a client came from: as it is, and as the network that counts as one address.

import { Address6 } from 'ip-address'
import { networkText } from '../table/address-text.ts'

const ZERO = 0x30
const DOT = 0x2e

/** An address. */
export interface ClientAddress {
  readonly family: 4 | 6
  /** One word for IPv4, four for IPv6, the most significant first. */
  readonly words: readonly number[]
  /** In canonical form (RFC 5952). */
  readonly text: string
}

/** The prefix lengths that count as one address. */
export interface AddressPrefixes {
  readonly ipv4: number
  readonly ipv6: number
}

/**
 * Reads an address as mail servers write it: a zone (`%eth0`) is cut off, an IPv4 address in IPv6 (RFC 4291 2.5.5.2) is
 * that IPv4 address. Null for what is none, such as `unknown`.
 */
export function parseClientAddress(raw: string): ClientAddress | null {
  const text = raw.replace(/%[^%]*$/, '')
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return fromIpv4(text)
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(':') || !Address6.isValid(text)) return null
  const bits = new Address6(text).bigInt()
  const words = [96n, 64n, 32n, 0n].map((shift) => Number(BigInt.asUintN(32, bits >> shift)))
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return clientAddress(4, [words[3]])
  return clientAddress(6, words)
}

/** The network of an address that counts as one address. */
export function countedNetwork({ family, words, text }: ClientAddress, prefixes: AddressPrefixes): string {
  const length = family === 4 ? prefixes.ipv4 : prefixes.ipv6
  return length === words.length * 32 ? text : `${networkText(words, length)}/${length}`
}

/** Four numbers of up to three digits; those with leading zeros are octal to some, and an address to nobody here. */
function fromIpv4(text: string): ClientAddress | null {
  if (/(^|\.)0\d/.test(text)) return null
  let address = 0
  let octet = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character !== DOT) octet = octet * 10 + character - ZERO
    else {
      address = address * 256 + octet
      octet = 0
    }
    if (octet > 255) return null
  }
  return clientAddress(4, [address * 256 + octet])
}

function clientAddress(family: 4 | 6, words: readonly number[]): ClientAddress {
  return { family, words, text: networkText(words) }
}
