// The ROAs that decided on what RPKI says of a record's addresses, as people read them: `AS13335 1.0.0.0/16-24`.

import { networkText } from './address-text.ts'
import { EMBEDDED_DEPTH } from './embedded.ts'
import { COLUMN, RECORD_SHIFT, ROAS } from './layout.ts'
import { firstRoa, ROA, ROAS_OCTET, roaLengths } from './roas.ts'
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
  const octet = strings[registry + ROAS_OCTET]
  // An IPv6 address that stands for an IPv4 one is answered by the ROAs of that.
  const isEmbedded = (octet & ROAS.ipv6) === 0 && words.length === 4
  const address = isEmbedded ? [words[3]] : words
  const ofEntry = isEmbedded ? prefixLength - EMBEDDED_DEPTH : prefixLength
  const texts: string[] = []
  let roa = firstRoa(strings, registry)
  for (let roas = octet & ROAS.count; roas > 0; roas--) {
    const own = String.fromCharCode(...strings.subarray(roa + 1, roa + 1 + strings[roa]))
    const lengths = roaLengths(strings, roa)
    const length = ofEntry - strings[lengths + ROA.shorter]
    const more = strings[lengths + ROA.more]
    const asn = own || table.text(record, COLUMN.asn)
    texts.push(`AS${asn} ${networkText(address, length)}/${length}${more === 0 ? '' : `-${length + more}`}`)
    roa = lengths + ROA.next
  }
  return (octet & ROAS.more) === 0 ? texts : [...texts, 'more']
}
