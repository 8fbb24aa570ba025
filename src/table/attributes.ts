// All that the table knows of one address or AS, as text: for people and programs outside of DNS.

import { networkText } from './address-text.ts'
import { COLUMN, DISTANCE_ROUGH, LOCATION, REPUTATION, RPKI_STATE, SCORE_PARTS } from './layout.ts'
import { roaTexts } from './roa-texts.ts'
import { prefixLengthOf, recordOf, type Table } from './table.ts'

/** What is known; a field that isn't known is null. */
export interface Attributes {
  readonly asn: number | null
  readonly name: string | null
  readonly prefix: string | null
  /** The addresses around of which the same is known, such as `8.8.8.0-8.8.8.255`. */
  readonly range: string | null
  readonly country: string | null
  readonly registry: string | null
  /** What RPKI says of the prefix and its AS: valid, invalid or not-found; not known without announced prefixes and ROAs. */
  readonly rpki: string | null
  /** The ROAs that decided, such as `AS13335 1.1.1.0/24`; of an address alone. */
  readonly roas: readonly string[]
  readonly allocated: string | null
  readonly city: string | null
  readonly region: string | null
  /** ISO 3166-1 alpha-2 of the country that the city is in; the address may be registered in another. */
  readonly cityCountry: string | null
  /** Two letters, such as EU. */
  readonly continent: string | null
  /** Decimal degrees. */
  readonly latitude: number | null
  readonly longitude: number | null
  /** Kilometres. */
  readonly distance: number | null
  /** Whether an end of the distance is the point of a country, so that it is as rough as the country is large. */
  readonly distanceIsRough: boolean
  readonly score: number
  /** What the score is the sum of, such as `country CN -5`. */
  readonly scoreParts: readonly string[]
  /** What was learned from verdicts on mail, in whole decibels; negative for suspicious. */
  readonly reputation: number | null
  /** What it was learned from, such as `AS14061 | 22 spam, 2 ham | 2026-11-27`. */
  readonly reputationEvidence: string | null
}

/**
 * The attributes about an address, or null when nothing is known.
 *
 * @param words the address as one or four unsigned 32-bit words, the most significant first
 */
export function addressAttributes(table: Table, words: ArrayLike<number>): Attributes | null {
  const entry =
    words.length === 1 ? table.find4(words[0]) : table.find6OrEmbedded(words[0], words[1], words[2], words[3])
  if (entry === 0) return null
  const record = recordOf(entry)
  const length = prefixLengthOf(entry)
  return attributesOf(table, record, {
    prefix: prefixText(words, length),
    range: rangeText(table, words),
    roas: roaTexts(table, record, words, length),
  })
}

/** The attributes about an AS as a whole, or null when the table has no address of it. */
export function asAttributes(table: Table, asn: number): Attributes | null {
  const record = table.findAs(asn)
  return record === 0 ? null : attributesOf(table, record)
}

/** The attributes of a record, which are those of many addresses: without a prefix. */
export function recordAttributes(table: Table, record: number): Attributes {
  return attributesOf(table, record)
}

/** What an entry tells, and its record doesn't. */
type OfAddress = Pick<Attributes, 'prefix' | 'range' | 'roas'>

const UNKNOWN: OfAddress = { prefix: null, range: null, roas: [] }

function attributesOf(
  table: Table,
  record: number,
  { prefix, range, roas }: OfAddress = UNKNOWN,
): Attributes {
  const text = (column: number): string | null => table.text(record, column) || null
  const location = (part: number): string | null => table.blockText(record, COLUMN.location, part) || null
  const parts = table.blockText(record, COLUMN.score, SCORE_PARTS)
  const learned = (part: number): string | null => table.blockText(record, COLUMN.score, part) || null
  return {
    asn: numberOf(text(COLUMN.asn)),
    name: text(COLUMN.name),
    prefix,
    range,
    country: text(COLUMN.country),
    registry: text(COLUMN.registry),
    rpki: table.blockText(record, COLUMN.registry, RPKI_STATE) || null,
    roas,
    allocated: text(COLUMN.allocated),
    city: location(LOCATION.city),
    region: location(LOCATION.region),
    cityCountry: location(LOCATION.country),
    continent: location(LOCATION.continent),
    latitude: numberOf(location(LOCATION.latitude)),
    longitude: numberOf(location(LOCATION.longitude)),
    distance: numberOf(text(COLUMN.distance)),
    distanceIsRough: table.blockText(record, COLUMN.distance, DISTANCE_ROUGH) !== '',
    score: numberOf(text(COLUMN.score)) ?? 0,
    scoreParts: parts === '' ? [] : parts.split(' | '),
    reputation: numberOf(learned(REPUTATION.value)),
    reputationEvidence: learned(REPUTATION.evidence),
  }
}

function numberOf(digits: string | null): number | null {
  return digits === null ? null : Number(digits)
}

function prefixText(words: ArrayLike<number>, length: number): string | null {
  return length === 0 ? null : `${networkText(words, length)}/${length}`
}

function rangeText({ neighbours }: Table, words: ArrayLike<number>): string {
  if (words.length === 1) neighbours.findRange4(words[0])
  else neighbours.findRange6(words[0], words[1], words[2], words[3])
  const { first, last } = neighbours
  return `${networkText(first.subarray(0, words.length))}-${networkText(last.subarray(0, words.length))}`
}
