// The ROAs that decided on what RPKI says of a record's addresses, as people read them: `AS13335 1.0.0.0/16-24`.

import { networkText } from './address-text.ts'
import { EMBEDDED_DEPTH } from './embedded.ts'
import { COLUMN, RECORD_SHIFT } from './layout.ts'
import {
  areRoasOfIpv6,
  firstRoa,
  hasMoreRoas,
  nextRoa,
  roaCount,
  roaLengths,
  roaMore,
  roaShorter,
  roasOctet,
} from './roas.ts'
import type { Table } from './table.ts'

/**
 * The ROAs that decided, those of the longest prefixes first, and `more` where there are more of them. A maximum length that
 * is the length isn't told. Allocates.
 *
 * @param words an address of the entry, whose network is that of every ROA
 * @param prefixLength that of the entry
 */
export function roaTexts(
  table: Table,
  record: number,
  words: ArrayLike<number>,
  prefixLength: number,
): string[] {
  const { strings } = table
  const registry = table.records[(record << RECORD_SHIFT) + COLUMN.registry]
  if (registry === 0) return []
  const octet = roasOctet(strings, registry)
  // An IPv6 address that stands for an IPv4 one is answered by the ROAs of that.
  const isEmbedded = !areRoasOfIpv6(octet) && words.length === 4
  const address = isEmbedded ? [words[3]] : words
  const ofEntry = isEmbedded ? prefixLength - EMBEDDED_DEPTH : prefixLength
  const texts: string[] = []
  let roa = firstRoa(strings, registry)
  for (let roas = roaCount(octet); roas > 0; roas--) {
    const own = String.fromCharCode(...strings.subarray(roa + 1, roa + 1 + strings[roa]))
    const lengths = roaLengths(strings, roa)
    const length = ofEntry - roaShorter(strings, lengths)
    const more = roaMore(strings, lengths)
    const asn = own || table.text(record, COLUMN.asn)
    texts.push(`AS${asn} ${networkText(address, length)}/${length}${more === 0 ? '' : `-${length + more}`}`)
    roa = nextRoa(lengths)
  }
  return hasMoreRoas(octet) ? [...texts, 'more'] : texts
}
