// The origin of a prefix where it is not one AS: several that announce it, or a set that was aggregated.

import { detailOf } from '../../../table/interval-map.ts'
import { MAX_ASN } from '../../../table/layout.ts'
import type { Collector } from '../../compile/collector.ts'
import { isOrigin } from './row-fields.ts'

/** The most ASes of a set that are kept: what more than these announce is an anycast or a mistake. */
export const MAX_ORIGINS = 10

/**
 * The AS numbers of `13335`, `149511_138421` (several origins, the most frequent first), `64496,64497` or
 * `{64496,64497}` (AS sets), each once and in this order. What can be no origin is left out.
 *
 * @returns null when the text is none of these
 */
export function readOrigins(text: string): number[] | null {
  const list = text.replace(/\{([\d,]+)\}/g, '$1')
  if (!/^(?:AS)?\d{1,10}(?:[_,](?:AS)?\d{1,10})*$/i.test(list)) return null
  const asns = [...new Set(list.replace(/AS/gi, '').split(/[_,]/).map(Number))]
  if (asns.some((asn) => asn > MAX_ASN)) return null
  return asns.filter(isOrigin)
}

/** Whether the first origin of a text that `readOrigins` reads is an AS_SET, which stands for no AS in RPKI (RFC 6811 2). */
export function beginsWithSet(text: string): boolean {
  return /^(?:\{|(?:AS)?\d+,)/i.test(text)
}

/**
 * The detail of a prefix of this length that these ASes announce.
 *
 * @param isAsSet whether the first of them is one of an AS_SET
 */
export function detailOfOrigins(
  into: Collector,
  length: number,
  asns: readonly number[],
  isAsSet: boolean,
): number {
  if (asns.length < 2 && !isAsSet) return detailOf(length, 0)
  const list = asns.slice(0, MAX_ORIGINS).join(' ')
  return detailOf(length, into.valueTables.origins.numberOf(isAsSet ? `{${list}}` : list))
}

/** Whether the text of a set of origins is that of an AS_SET. */
export const isAsSetText = (text: string): boolean => text.startsWith('{')

/** The text of a set of origins as answers have it. */
export const withoutBraces = (text: string): string => (isAsSetText(text) ? text.slice(1, -1) : text)
