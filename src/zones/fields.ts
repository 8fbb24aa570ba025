// The fields that templates may have: where in the table each is found.

import {
  COLUMN,
  COUNTRY_LOWER,
  COUNTRY_NUMBER,
  LOCATION,
  MAX_OCTETS,
  OCTETS_BEFORE,
  REPUTATION,
  REPUTATION_BEFORE,
  RPKI_STATE,
  SCORE_PARTS,
} from '../table/layout.ts'
import { MAX_ROAS_OCTETS } from './roas.ts'

/** What the numbers of a program mean, and the numbers that follow each. */
export const OP = {
  /** Up to four octets as a word, the first one lowest, and how many there are: write them. */
  literal: 0,
  /** Column, octets to skip: copy a string of the table, or the text for unknown fields. */
  field: 1,
  /** The prefix that the address was found in, with its length: `8.8.8.0/24`. */
  prefix: 2,
  /** The prefix without its length. */
  network: 3,
  /** The length of the prefix. */
  length: 4,
  /** A character-string ends here: set its length, cut what is too long, begin the next. */
  endOfString: 5,
  /** The AS and the others that announce the prefix with it: `20738 20773`. */
  origins: 6,
  /** Column, strings to skip: copy a later string of a block, or the text for unknown fields. */
  blockField: 7,
  /** Column, octet to take from its string: write it; no answer where the column is unknown. */
  octet: 8,
  /** No answer where every octet that was taken is 0. */
  unlessZero: 9,
  /** The addresses around of which the same is known: `8.8.8.0-8.8.8.255`. */
  range: 10,
  /** A group or a JSON value begins here. */
  beginGroup: 11,
  /** A group ends here: it goes as a whole where a field in it is unknown. */
  endGroup: 12,
  /** One of JSON_VALUE, the most octets: a JSON value ends here. */
  endJsonValue: 13,
  /** The address or the network that was asked about. */
  asked: 14,
  /** The ROAs that decided on the state of RPKI, or the text for unknown fields. */
  roas: 15,
} as const

/** Fields of a TXT template: what each is, and the most octets that it writes. */
export const TEXT_FIELDS: Readonly<
  Record<string, { readonly code: readonly number[]; readonly max: number }>
> = {
  ip: { code: [OP.asked], max: 43 },
  asn: { code: [OP.field, COLUMN.asn, 0], max: MAX_OCTETS.asn },
  name: { code: [OP.field, COLUMN.name, 0], max: MAX_OCTETS.name },
  country: { code: [OP.field, COLUMN.country, 0], max: MAX_OCTETS.country },
  'country-lower': { code: [OP.field, COLUMN.country, COUNTRY_LOWER], max: MAX_OCTETS.country },
  registry: { code: [OP.blockField, COLUMN.registry, 0], max: MAX_OCTETS.registry },
  rpki: { code: [OP.blockField, COLUMN.registry, RPKI_STATE], max: MAX_OCTETS.rpki },
  roas: { code: [OP.roas], max: MAX_ROAS_OCTETS },
  allocated: { code: [OP.field, COLUMN.allocated, 0], max: MAX_OCTETS.allocated },
  distance: { code: [OP.field, COLUMN.distance, 0], max: MAX_OCTETS.distance },
  score: { code: [OP.field, COLUMN.score, 0], max: MAX_OCTETS.score },
  'score-parts': { code: [OP.blockField, COLUMN.score, SCORE_PARTS], max: MAX_OCTETS.scoreParts },
  reputation: { code: [OP.blockField, COLUMN.score, REPUTATION.value], max: MAX_OCTETS.reputation },
  'reputation-evidence': {
    code: [OP.blockField, COLUMN.score, REPUTATION.evidence],
    max: MAX_OCTETS.evidence,
  },
  city: { code: [OP.blockField, COLUMN.location, LOCATION.city], max: MAX_OCTETS.city },
  region: { code: [OP.blockField, COLUMN.location, LOCATION.region], max: MAX_OCTETS.region },
  'city-country': { code: [OP.blockField, COLUMN.location, LOCATION.country], max: MAX_OCTETS.country },
  continent: { code: [OP.blockField, COLUMN.location, LOCATION.continent], max: MAX_OCTETS.continent },
  latitude: { code: [OP.blockField, COLUMN.location, LOCATION.latitude], max: MAX_OCTETS.latitude },
  longitude: { code: [OP.blockField, COLUMN.location, LOCATION.longitude], max: MAX_OCTETS.longitude },
  prefix: { code: [OP.prefix], max: 43 },
  network: { code: [OP.network], max: 39 },
  length: { code: [OP.length], max: 3 },
  range: { code: [OP.range], max: 79 },
}

/** What {asn} is in a zone of several origins. */
export const ORIGINS = { code: [OP.origins], max: MAX_OCTETS.origins } as const

/** A field of an A template. */
export interface OctetField {
  readonly column: number
  /** Which octet to take, counted from the column's string. */
  readonly octet: number
  /** Whether there is an answer when all fields are 0. */
  readonly zero: boolean
}

/** Fields of an A template. A country without an ISO 3166-1 number has the number 0: no such answer. */
export const OCTET_FIELDS: Readonly<Record<string, OctetField>> = {
  'country-high': { column: COLUMN.country, octet: COUNTRY_NUMBER + 1, zero: false },
  'country-low': { column: COLUMN.country, octet: COUNTRY_NUMBER + 2, zero: false },
  'distance-high': { column: COLUMN.distance, octet: OCTETS_BEFORE, zero: true },
  'distance-low': { column: COLUMN.distance, octet: OCTETS_BEFORE + 1, zero: true },
  'rpki-code': { column: COLUMN.registry, octet: OCTETS_BEFORE, zero: false },
  'score-side': { column: COLUMN.score, octet: OCTETS_BEFORE, zero: false },
  'score-magnitude': { column: COLUMN.score, octet: OCTETS_BEFORE + 1, zero: false },
  'reputation-side': { column: COLUMN.score, octet: REPUTATION_BEFORE, zero: false },
  'reputation-magnitude': { column: COLUMN.score, octet: REPUTATION_BEFORE + 1, zero: false },
}
