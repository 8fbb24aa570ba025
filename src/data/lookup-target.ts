// What people ask about: an address or an AS number, as they write it.

import { AsnzoneError } from '../errors.ts'
import { addressFacts, asFacts, type Facts } from '../table/facts.ts'
import type { Table } from '../table/table.ts'
import { parseCidr } from './cidr-text.ts'
import { MAX_ASN } from './formats/row-fields.ts'

/** An address, as one or four words, or an AS. */
export type LookupTarget =
  | { readonly kind: 'address'; readonly family: 4 | 6; readonly words: ArrayLike<number> }
  | { readonly kind: 'as'; readonly asn: number }

/** @throws {AsnzoneError} `ASNZONE_CONFIG` when the text is neither. */
export function parseLookupTarget(text: string): LookupTarget {
  const asn = Number(/^AS(\d{1,10})$/i.exec(text)?.[1])
  if (asn >= 1 && asn <= MAX_ASN) return { kind: 'as', asn }
  try {
    const { start, length, family } = parseCidr(text)
    if (length !== (family === 4 ? 32 : 128)) throw new Error('a network')
    return { kind: 'address', family, words: start }
  } catch (cause) {
    const message = `'${text}' is not an IP address or an AS number such as AS15169`
    throw new AsnzoneError('ASNZONE_CONFIG', message, { cause })
  }
}

/** What is known of it; null for nothing. */
export function factsOf(table: Table, target: LookupTarget): Facts | null {
  return target.kind === 'as' ? asFacts(table, target.asn) : addressFacts(table, target.words)
}
