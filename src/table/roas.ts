// Where the ROAs lie that decided on what RPKI says of a record's addresses, as src/table/layout.ts draws it: in the block of
// its registry, after the state. Who reads them goes from one to the next by offsets in the table's strings; nothing is
// allocated.

import { OCTETS_BEFORE, ROAS, RPKI_STATE } from './layout.ts'

/** Octets in front of the lengths of a ROA: that of the string that they are. */
const LENGTHS = 1

/** Octets of that string: how much shorter its prefix is than that of the entry, and how much longer one may be. */
export const LENGTHS_OCTETS = 2

/** The offset of the string after that at an offset. */
const after = (strings: Uint8Array, at: number): number => at + strings[at] + 1

/** How many there are of a registry's block, and what else `hasMoreRoas` and `areRoasOfIpv6` tell of them. */
export const roasOctet = (strings: Uint8Array, registry: number): number =>
  strings[registry + OCTETS_BEFORE + 1]

/** How many are told. */
export const roaCount = (octet: number): number => octet & ROAS.count

/** Whether there are more than are told. */
export const hasMoreRoas = (octet: number): boolean => (octet & ROAS.more) !== 0

/** Whether they are of IPv6, and the entry with them. */
export const areRoasOfIpv6 = (octet: number): boolean => (octet & ROAS.ipv6) !== 0

/** The octet of so many ROAs. */
export const octetOfRoas = (count: number, hasMore: boolean, family: 4 | 6): number =>
  count | (hasMore ? ROAS.more : 0) | (family === 6 ? ROAS.ipv6 : 0)

/** The offset of the first ROA of a registry's block, which is that of its AS number, empty where it is the record's. */
export function firstRoa(strings: Uint8Array, registry: number): number {
  let at = registry
  for (let string = 0; string <= RPKI_STATE; string++) at = after(strings, at)
  return at
}

/** The offset of the string of a ROA's lengths. */
export const roaLengths = (strings: Uint8Array, roa: number): number => after(strings, roa)

/** By how many bits the prefix of a ROA is shorter than that of the entry. */
export const roaShorter = (strings: Uint8Array, lengths: number): number => strings[lengths + LENGTHS]

/** How many bits longer than its prefix one may be. */
export const roaMore = (strings: Uint8Array, lengths: number): number => strings[lengths + LENGTHS + 1]

/** The offset of the ROA after that with these lengths. */
export const nextRoa = (lengths: number): number => lengths + LENGTHS + LENGTHS_OCTETS
