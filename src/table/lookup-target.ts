// What people ask about: an address, a network or an AS number, as they write it.

import { AsnzoneError } from '../errors.ts'
import { type Attributes, addressAttributes, asAttributes } from './attributes.ts'
import { parseCidr } from './cidr-text.ts'
import { EMBEDDED_DEPTH, isEmbedded4 } from './embedded.ts'
import { MAX_ASN } from './layout.ts'
import type { Table } from './table.ts'
import { rangesWithin, type Within } from './within.ts'

/** An address, as one or four words, a network by its first and last address, or an AS. */
export type LookupTarget =
  | { readonly kind: 'address'; readonly family: 4 | 6; readonly words: ArrayLike<number> }
  | {
      readonly kind: 'network'
      readonly family: 4 | 6
      readonly first: Uint32Array
      readonly last: Uint32Array
    }
  | { readonly kind: 'as'; readonly asn: number }

/** What is known of an address or an AS, null for nothing; or of all addresses of a network. */
export type Found =
  | { readonly attributes: Attributes | null; readonly within?: never }
  | { readonly within: Within; readonly attributes?: never }

/** @throws {AsnzoneError} `ASNZONE_CONFIG` when the text is none of them. */
export function parseLookupTarget(text: string): LookupTarget {
  const asn = Number(/^AS(\d{1,10})$/i.exec(text)?.[1])
  if (asn >= 1 && asn <= MAX_ASN) return { kind: 'as', asn }
  try {
    const { start, end, length, family } = parseCidr(text)
    if (length === (family === 4 ? 32 : 128)) return { kind: 'address', family, words: start }
    // A network of IPv4 addresses that are written as IPv6 ones is one of IPv4.
    if (family === 6 && length >= EMBEDDED_DEPTH && isEmbedded4(start[0], start[1], start[2])) {
      return { kind: 'network', family: 4, first: start.slice(3), last: end.slice(3) }
    }
    return { kind: 'network', family, first: start, last: end }
  } catch (cause) {
    const isNearly = /^[\d.:a-f]+\/\d+$/i.test(text)
    const message = isNearly
      ? (cause as Error).message
      : `'${text}' is not an IP address or an AS number such as AS15169, nor a network such as 8.8.8.0/24`
    throw new AsnzoneError('ASNZONE_CONFIG', message, { cause })
  }
}

/** What is known of it. */
export function lookUp(table: Table, target: LookupTarget): Found {
  switch (target.kind) {
    case 'as':
      return { attributes: asAttributes(table, target.asn) }
    case 'address':
      return { attributes: addressAttributes(table, target.words) }
    case 'network':
      return { within: rangesWithin(table, target.family, target.first, target.last) }
  }
}
