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

/** The detail of a prefix of this length that these ASes announce. */
export function detailOfOrigins(into: Collector, length: number, asns: readonly number[]): number {
  const set = asns.length < 2 ? 0 : into.valueTables.origins.numberOf(asns.slice(0, MAX_ORIGINS).join(' '))
  return detailOf(length, set)
}
