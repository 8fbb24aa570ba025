// Where the ROAs lie that decided on what RPKI says of a record's addresses, as src/table/layout.ts draws it: in the block of
// its registry, after the state. Who reads them goes from one to the next by offsets in the table's strings; nothing is
// allocated.

import { OCTETS_BEFORE, ROAS } from './layout.ts'

/** From the string of a registry to the octet of its ROAs, whose bits are those of `ROAS`. */
export const ROAS_OCTET = OCTETS_BEFORE + 1

/**
 * From the string of a ROA's lengths to what is in it, and to the next ROA. Numbers and not functions: V8 inlines only so
 * many calls into one function, and an answer with ROAs took a tenth longer to write.
 */
export const ROA = {
  /** By how many bits its prefix is shorter than that of the entry. */
  shorter: 1,
  /** How many bits longer than its prefix one may be. */
  more: 2,
  next: 3,
} as const

/** Octets of that string. */
export const LENGTHS_OCTETS = ROA.next - ROA.shorter

/** The octet of so many ROAs. */
export const octetOfRoas = (count: number, hasMore: boolean, family: 4 | 6): number =>
  count | (hasMore ? ROAS.more : 0) | (family === 6 ? ROAS.ipv6 : 0)

/** The offset of the string of a ROA's lengths, which follows that of its AS number, empty where it is the record's. */
export const roaLengths = (strings: Uint8Array, roa: number): number => roa + strings[roa] + 1

/** The offset of the first ROA of a registry's block: after the registry and the state. */
export function firstRoa(strings: Uint8Array, registry: number): number {
  const state = registry + strings[registry] + 1
  return state + strings[state] + 1
}
