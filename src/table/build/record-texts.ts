// What a record says, as texts and numbers, before it becomes words and strings.

import type { RpkiState } from '../layout.ts'

/** A country as the table holds it. */
export interface Country {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly code: string
  /** Its ISO 3166-1 number, 0 when it has none. */
  readonly number: number
}

/** A place on Earth; what is not known is ''. */
export interface Location {
  readonly city: string
  readonly region: string
  /** ISO 3166-1 alpha-2 of the country that the place is in; the address may be registered in another. */
  readonly country: string
  /** Two letters, such as EU. */
  readonly continent: string
  /** Decimal degrees. */
  readonly latitude: string
  readonly longitude: string
}

/** A score. */
export interface Score {
  readonly sum: number
  /** The parts that it is the sum of, as one line; '' when it has none. Equal parts have equal sums. */
  readonly parts: string
}

/** What was learned of an address from verdicts on mail. */
export interface Reputation {
  /** Whole decibels up to MAX_REPUTATION either way, never 0; negative for suspicious, as in a score. */
  readonly value: number
  /** What it was learned from, such as `AS14061 | 22 spam, 2 ham | 2026-11-27`. */
  readonly evidence: string
}

/** A ROA (RFC 9582), or one line of it. Told by lengths and not by addresses, few differ, and many entries share a record. */
export interface Roa {
  /** 0 is an AS that nobody has; undefined is that of the record. */
  readonly asn: number | undefined
  /** By how many bits its prefix is shorter than that of the entry, which lies in it. */
  readonly shorter: number
  /** How many bits more than its prefix one may have that is announced. */
  readonly more: number
}

/** What RPKI says of a prefix and its AS, and by which ROAs. */
export interface Rpki {
  readonly state: RpkiState
  readonly family: 4 | 6
  /** Those that decided, MAX_ROAS at most. */
  readonly roas: readonly Roa[]
  /** Whether there are more of them. */
  readonly hasMore: boolean
}

/** The contents of a record; what is missing or '' is unknown. */
export interface RecordTexts {
  readonly asn?: string | undefined
  readonly name?: string | undefined
  /** Where several ASes announce the prefix: all their numbers, the one of `asn` first, blanks between. */
  readonly origins?: string | undefined
  readonly country?: Country | undefined
  readonly registry?: string | undefined
  /** One object for all records of which RPKI says the same. */
  readonly rpki?: Rpki | undefined
  readonly allocated?: string | undefined
  /** The number of a location, as the layers number them. */
  readonly location?: number | undefined
  /** Whole kilometres, below 65536. */
  readonly distance?: number | undefined
  /** Whether an end of the distance is the point of a country. */
  readonly isRough?: boolean | undefined
  readonly score?: Score | undefined
  /** Told of a record with a score only. */
  readonly reputation?: Reputation | undefined
}

/** Turns attributes into text; called once a record. The array is the caller's: it changes with the next call. */
export type Describe = (attributes: Uint32Array) => RecordTexts

/** Turns the number of a location into text; called once a location. */
export type DescribeLocation = (location: number) => Location
