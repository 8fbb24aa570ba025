// What a record says, as texts and numbers, before it becomes words and strings.

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

/** The contents of a record; what is missing or '' is unknown. */
export interface RecordTexts {
  readonly asn?: string | undefined
  readonly name?: string | undefined
  /** Where several ASes announce the prefix: all their numbers, the one of `asn` first, blanks between. */
  readonly origins?: string | undefined
  readonly country?: Country | undefined
  readonly registry?: string | undefined
  readonly allocated?: string | undefined
  /** The number of a location, as the layers number them. */
  readonly location?: number | undefined
  /** Whole kilometres, below 65536. */
  readonly distance?: number | undefined
  /** Whether an end of the distance is the point of a country. */
  readonly isRough?: boolean | undefined
  readonly score?: Score | undefined
}

/** Turns attributes into text; called once a record. The array is the caller's: it changes with the next call. */
export type Describe = (attributes: Uint32Array) => RecordTexts

/** Turns the number of a location into text; called once a location. */
export type DescribeLocation = (location: number) => Location
