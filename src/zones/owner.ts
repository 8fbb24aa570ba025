// Owner names become addresses and AS numbers.
//
//     IPv4   d.c.b.a.APEX        four decimal octets, the last one first, without leading zeros
//     IPv6   n.n.n. … .n.APEX    32 hexadecimal nibbles, the last one first; mtr sends the upper 16 only
//     ASN    AS15169.APEX        in any case
//
// Addresses as they are written are in address-name.ts.
//
// A shorter name of octets or nibbles is an empty non-terminal (RFC 8020 2): resolvers that minimise QNAMEs
// (RFC 9156) walk through it. Labels are read where they lie in the packet; nothing is copied.

import { MAX_ASN } from '../table/layout.ts'
import { readAddressName } from './address-name.ts'
import { OWNER, type QueriedName } from './queried-name.ts'

/** Which owner names a zone has below its apex. */
export type OwnerKind = 'ipv4' | 'ipv6' | 'ip' | 'address' | 'asn'

/** Nibbles in the names that mtr sends: the upper half of an address. */
const HALF_ADDRESS = 16

const FULL_ADDRESS = 32

/** What each octet is as a hexadecimal digit; −1 for none. */
export const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, octet) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(octet).toLowerCase()),
)

/**
 * Reads the labels below a zone's apex into `queried` and returns one of OWNER.
 *
 * @param packet the octets that hold the name
 * @param labels where each label's length octet lies in `packet`, the leftmost label first
 * @param count how many of `labels` lie below the apex, at least 1
 * @param partial whether IPv6 names of any length are addresses, the missing low nibbles being zero
 */
export function readOwner(
  packet: Uint8Array,
  labels: Uint32Array,
  count: number,
  kind: OwnerKind,
  partial: boolean,
  queried: QueriedName,
): number {
  switch (kind) {
    case 'ipv4':
      return readIpv4Owner(packet, labels, count, queried)
    case 'ipv6':
      return readIpv6Owner(packet, labels, count, partial, queried)
    case 'address':
      return readAddressName(packet, labels, count, queried)
    case 'asn':
      return count === 1 ? readAsOwner(packet, labels[0], queried) : OWNER.none
    case 'ip': {
      const owner = count <= 4 ? readIpv4Owner(packet, labels, count, queried) : OWNER.none
      if (owner === OWNER.none) return readIpv6Owner(packet, labels, count, partial, queried)
      // Four labels of one digit each are an IPv4 address and the top of IPv6 addresses as well.
      queried.alsoAncestor = owner === OWNER.ipv4 && allOneOctet(packet, labels, count)
      return owner
    }
  }
}

function readIpv4Owner(packet: Uint8Array, labels: Uint32Array, count: number, queried: QueriedName): number {
  if (count > 4) return OWNER.none
  let address = 0
  for (let i = count - 1; i >= 0; i--) {
    const label = labels[i]
    const octet = readOctet(packet, label + 1, packet[label])
    if (octet < 0) return OWNER.none
    address = (address << 8) | octet
  }
  if (count < 4) return OWNER.ancestor
  queried.family = 4
  queried.word0 = address >>> 0
  queried.networkLength = -1
  queried.alsoAncestor = false
  return OWNER.ipv4
}

/** `length` digits at `packet[at…]` as a decimal octet without leading zeros; −1 when they are none. */
export function readOctet(packet: Uint8Array, at: number, length: number): number {
  if (length === 1) {
    const digit = packet[at] - 0x30
    return digit >= 0 && digit <= 9 ? digit : -1
  }
  if (length > 3 || length < 1) return -1
  let octet = 0
  for (let i = 0; i < length; i++) {
    const digit = packet[at + i] - 0x30
    if (digit < 0 || digit > 9) return -1
    octet = octet * 10 + digit
  }
  return packet[at] === 0x30 || octet > 255 ? -1 : octet
}

function readIpv6Owner(
  packet: Uint8Array,
  labels: Uint32Array,
  count: number,
  partial: boolean,
  queried: QueriedName,
): number {
  if (count > FULL_ADDRESS) return OWNER.none
  const lowest = labels[0]
  const highest = labels[count - 1]
  // No label is empty: so many in so few octets have one each.
  if (highest - lowest !== (count - 1) * 2 || packet[highest] !== 1) return OWNER.none
  const word0 = readNibbles(packet, highest, Math.min(count, 8))
  const word1 = readNibbles(packet, highest - 16, Math.min(count - 8, 8))
  const word2 = readNibbles(packet, highest - 32, Math.min(count - 16, 8))
  const word3 = readNibbles(packet, highest - 48, count - 24)
  if (word0 < 0 || word1 < 0 || word2 < 0 || word3 < 0) return OWNER.none
  if (count < FULL_ADDRESS && count !== HALF_ADDRESS && !partial) return OWNER.ancestor
  queried.family = 6
  queried.word0 = word0
  queried.word1 = word1
  queried.word2 = word2
  queried.word3 = word3
  queried.networkLength = -1
  queried.alsoAncestor = count < FULL_ADDRESS
  return OWNER.ipv6
}

/**
 * `count` labels of one octet each as the upper nibbles of a word, from the one at `label` on to the left; −1 when one
 * is not a hexadecimal digit.
 */
function readNibbles(packet: Uint8Array, label: number, count: number): number {
  if (count === 8) return readWord(packet, label)
  let word = 0
  let signs = 0
  for (let i = 0; i < count; i++) {
    const nibble = HEX_DIGITS[packet[label + 1 - i * 2]]
    signs |= nibble
    word |= nibble << (28 - i * 4)
  }
  return signs < 0 ? -1 : word >>> 0
}

/** What `readNibbles` reads of eight labels: straight, since whole addresses have nothing else. */
function readWord(packet: Uint8Array, label: number): number {
  const n7 = HEX_DIGITS[packet[label + 1]]
  const n6 = HEX_DIGITS[packet[label - 1]]
  const n5 = HEX_DIGITS[packet[label - 3]]
  const n4 = HEX_DIGITS[packet[label - 5]]
  const n3 = HEX_DIGITS[packet[label - 7]]
  const n2 = HEX_DIGITS[packet[label - 9]]
  const n1 = HEX_DIGITS[packet[label - 11]]
  const n0 = HEX_DIGITS[packet[label - 13]]
  if ((n7 | n6 | n5 | n4 | n3 | n2 | n1 | n0) < 0) return -1
  const upper = (n7 << 12) | (n6 << 8) | (n5 << 4) | n4
  return ((upper << 16) | (n3 << 12) | (n2 << 8) | (n1 << 4) | n0) >>> 0
}

function readAsOwner(packet: Uint8Array, label: number, queried: QueriedName): number {
  const length = packet[label]
  if (length < 3 || length > 12) return OWNER.none
  if ((packet[label + 1] | 0x20) !== 0x61 || (packet[label + 2] | 0x20) !== 0x73) return OWNER.none
  let asn = 0
  for (let i = 3; i <= length; i++) {
    const digit = packet[label + i] - 0x30
    if (digit < 0 || digit > 9) return OWNER.none
    asn = asn * 10 + digit
  }
  if (packet[label + 3] === 0x30 || asn > MAX_ASN) return OWNER.none
  queried.family = 0
  queried.word0 = asn
  queried.alsoAncestor = false
  return OWNER.asn
}

function allOneOctet(packet: Uint8Array, labels: Uint32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (packet[labels[i]] !== 1) return false
  return true
}
