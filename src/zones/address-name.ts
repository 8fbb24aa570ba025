// Owner names that are addresses as people write them, without reversing.
//
//     IPv4      8.8.8.8.APEX                    four labels in the order of the address
//     IPv6      2001:4860:4860::8888.APEX       one label, in any form of RFC 4291 2.2 and any case
//               ::ffff:8.8.8.8.APEX             four, where it ends in an IPv4 address
//     network   8.8.8.0/24.APEX                 either with a length: the bits after it are zero
//
// Fewer labels that may be the end of an IPv4 address are an empty non-terminal (RFC 8020 2). Zone IDs (`%eth0`) and octets
// with leading zeros, which some read as octal, make no address. Labels are read where they lie; nothing is allocated.

import { HEX_DIGITS, readOctet } from './owner.ts'
import { OWNER, type QueriedName } from './queried-name.ts'

const COLON = 0x3a
const SLASH = 0x2f

const GROUPS = 8

/** The groups of the IPv6 address that is being read. */
const groups = new Uint16Array(GROUPS)

/** Reads the `count` labels below an apex into `queried`; returns one of OWNER. See `readOwner`. */
export function readAddressName(
  packet: Uint8Array,
  labels: Uint32Array,
  count: number,
  queried: QueriedName,
): number {
  if (count > 4) return OWNER.none
  if (count === 4 && readFourOctets(packet, labels, queried)) return OWNER.ipv4
  const first = labels[0]
  const last = labels[count - 1]
  const slash = slashIn(packet, last)
  const length = slash < 0 ? -1 : readLength(packet, slash + 1, last + packet[last])
  if (slash >= 0 && length < 0) return OWNER.none
  const firstEnd = count === 1 && slash >= 0 ? slash - 1 : first + packet[first]
  const colon = lastColonIn(packet, first + 1, firstEnd)
  if (colon < 0) return readIpv4(packet, labels, count, slash, length, queried)
  if (count === 1) return readIpv6(packet, first + 1, firstEnd, -1, length, queried)
  if (count !== 4) return OWNER.none
  // The last octets of the first label are an octet of the IPv4 address.
  const tail = readTail(packet, labels, colon, slash)
  return tail < 0 ? OWNER.none : readIpv6(packet, first + 1, colon, tail, length, queried)
}

/** Reads four octets, as nearly all names are, into `queried`; false when they are something else. */
function readFourOctets(packet: Uint8Array, labels: Uint32Array, queried: QueriedName): boolean {
  let address = 0
  for (let i = 0; i < 4; i++) {
    const label = labels[i]
    const octet = readOctet(packet, label + 1, packet[label])
    if (octet < 0) return false
    address = (address << 8) | octet
  }
  queried.family = 4
  queried.word0 = address >>> 0
  queried.networkLength = -1
  queried.alsoAncestor = false
  return true
}

/** Reads what isn't four octets alone: fewer, or a network. */
function readIpv4(
  packet: Uint8Array,
  labels: Uint32Array,
  count: number,
  slash: number,
  length: number,
  queried: QueriedName,
): number {
  let address = 0
  for (let i = 0; i < count; i++) {
    const octet = octetOfLabel(packet, labels[i], i === count - 1 ? slash : -1)
    if (octet < 0) return OWNER.none
    address = (address << 8) | octet
  }
  if (count < 4) return OWNER.ancestor
  if (length > 32) return OWNER.none
  queried.family = 4
  queried.word0 = address >>> 0
  queried.networkLength = -1
  queried.alsoAncestor = false
  if (length < 0 || length === 32) return OWNER.ipv4
  if (length === 0 ? address !== 0 : address << length !== 0) return OWNER.none
  return network(OWNER.ipv4Network, length, queried)
}

/**
 * @param tail the IPv4 address in the last two groups; −1 when they are written as groups
 * @param end the last octet of the groups
 */
function readIpv6(
  packet: Uint8Array,
  start: number,
  end: number,
  tail: number,
  length: number,
  queried: QueriedName,
): number {
  const count = readGroups(packet, start, end, tail < 0 ? GROUPS : GROUPS - 2)
  if (count < 0) return OWNER.none
  if (tail >= 0) {
    groups[6] = tail >>> 16
    groups[7] = tail & 0xffff
  }
  queried.family = 6
  queried.word0 = ((groups[0] << 16) | groups[1]) >>> 0
  queried.word1 = ((groups[2] << 16) | groups[3]) >>> 0
  queried.word2 = ((groups[4] << 16) | groups[5]) >>> 0
  queried.word3 = ((groups[6] << 16) | groups[7]) >>> 0
  queried.networkLength = -1
  queried.alsoAncestor = false
  if (length < 0 || length === 128) return OWNER.ipv6
  for (let group = length >>> 4; group < GROUPS; group++) {
    const kept = Math.max(0, length - group * 16)
    if (((groups[group] << kept) & 0xffff) !== 0) return OWNER.none
  }
  return network(OWNER.ipv6Network, length, queried)
}

function network(owner: number, length: number, queried: QueriedName): number {
  queried.networkLength = length
  // It exists whether or not one entry covers it.
  queried.alsoAncestor = true
  return owner
}

/**
 * Reads groups between colons into the first `wanted` of `groups`, with zeros where `::` stands; those before an IPv4
 * address end with a colon. Returns −1 when they are no address.
 */
function readGroups(packet: Uint8Array, start: number, end: number, wanted: number): number {
  const isOpen = wanted < GROUPS
  let count = 0
  let gap = -1
  let at = start
  if (packet[at] === COLON) {
    if (at === end || packet[at + 1] !== COLON) return -1
    gap = 0
    at += 2
  }
  while (at <= end) {
    let group = 0
    let digits = 0
    for (; at <= end && packet[at] !== COLON; at++, digits++) {
      const digit = HEX_DIGITS[packet[at]]
      if (digit < 0 || digits === 4) return -1
      group = (group << 4) | digit
    }
    if (digits === 0 || count === wanted) return -1
    groups[count++] = group
    if (at > end) {
      if (isOpen) return -1
      break
    }
    // At a colon: another group, a gap, or the end of what stands before an IPv4 address.
    at++
    if (at > end) {
      if (!isOpen) return -1
    } else if (packet[at] === COLON) {
      if (gap >= 0) return -1
      gap = count
      at++
    }
  }
  if (gap < 0) return count === wanted ? count : -1
  if (count === wanted) return -1
  const missing = wanted - count
  for (let i = count - 1; i >= gap; i--) groups[i + missing] = groups[i]
  for (let i = gap; i < gap + missing; i++) groups[i] = 0
  return wanted
}

/** The IPv4 address after the last colon of the first label and in the labels after it; −1 when there is none. */
function readTail(packet: Uint8Array, labels: Uint32Array, colon: number, slash: number): number {
  const first = labels[0]
  let address = readOctet(packet, colon + 1, first + packet[first] - colon)
  for (let i = 1; i < 4 && address >= 0; i++) {
    const octet = octetOfLabel(packet, labels[i], i === 3 ? slash : -1)
    address = octet < 0 ? -1 : address * 256 + octet
  }
  return address
}

/** The octet that a label is, up to `slash` where it has one; −1 when it is none. */
function octetOfLabel(packet: Uint8Array, label: number, slash: number): number {
  return readOctet(packet, label + 1, slash < 0 ? packet[label] : slash - label - 1)
}

/** A prefix length from `at` to `end`, without leading zeros; −1 when there is none. */
function readLength(packet: Uint8Array, at: number, end: number): number {
  const length = readOctet(packet, at, end - at + 1)
  return length > 128 ? -1 : length
}

/** Where the slash of a label is; −1 where it has none. */
function slashIn(packet: Uint8Array, label: number): number {
  const end = label + packet[label]
  // A length has three digits at most.
  for (let at = end; at > label && at >= end - 3; at--) if (packet[at] === SLASH) return at
  return -1
}

/** Where the last colon is; −1 where there is none. */
function lastColonIn(packet: Uint8Array, start: number, end: number): number {
  for (let at = end; at >= start; at--) if (packet[at] === COLON) return at
  return -1
}
