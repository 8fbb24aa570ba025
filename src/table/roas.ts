// The ROAs that decided on what RPKI says of a record's addresses, as people read them: `AS13335 1.0.0.0/16-24`.

import { networkText } from './address-text.ts'
import { EMBEDDED_DEPTH } from './embedded.ts'
import { COLUMN, OCTETS_BEFORE, RECORD_SHIFT, ROAS, RPKI_STATE } from './layout.ts'
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
  const offset = table.records[(record << RECORD_SHIFT) + COLUMN.registry]
  if (offset === 0) return []
  const octet = strings[offset + OCTETS_BEFORE + 1]
  // An IPv6 address that stands for an IPv4 one is answered by the ROAs of that.
  const isEmbedded = (octet & ROAS.ipv6) === 0 && words.length === 4
  const address = isEmbedded ? [words[3]] : words
  const ofEntry = isEmbedded ? prefixLength - EMBEDDED_DEPTH : prefixLength
  let at = offset
  const next = (): Uint8Array => {
    const string = strings.slice(at + 1, at + 1 + strings[at])
    at += string.length + 1
    return string
  }
  for (let skip = RPKI_STATE; skip >= 0; skip--) next()
  const texts: string[] = []
  for (let roas = octet & ROAS.count; roas > 0; roas--) {
    const asn = String.fromCharCode(...next()) || table.text(record, COLUMN.asn)
    const [shorter, more] = next()
    const length = ofEntry - shorter
    texts.push(`AS${asn} ${networkText(address, length)}/${length}${more === 0 ? '' : `-${length + more}`}`)
  }
  return (octet & ROAS.more) === 0 ? texts : [...texts, 'more']
}
