// What a table says about itself.

import type { RpkiState } from './layout.ts'

/** What one source file gave to the table. */
export interface SourceSummary {
  /** What the file tells: `asn`, `country`, `registry`, `names`, `city`, `rpki` or `override`. */
  readonly what: string
  /** The file's name for people, such as `@ip-location-db/asn/asn-ipv4.csv`. */
  readonly name: string
  /** Null where the file tells of no addresses. */
  readonly family: 4 | 6 | null
  readonly rows: number
  /** Distinct values: AS numbers, countries. */
  readonly distinct: number
  /** How many addresses the rows cover; near, not exact, for IPv6. */
  readonly addresses: number
  /** The time of the data in ISO 8601, UTC, or null where the source doesn't tell. */
  readonly date: string | null
  readonly licence: string
  readonly attribution: string
}

/** How many addresses of a family have an attribute; near, not exact, for IPv6. */
export interface FamilyCoverage {
  readonly asn: number
  readonly country: number
}

/** How many parts of the table with a prefix and AS of their own RPKI says what of. */
export interface RpkiCounts {
  readonly v4: Readonly<Record<RpkiState, number>>
  readonly v6: Readonly<Record<RpkiState, number>>
}

/** Of how much something was learned from verdicts on mail. */
export interface LearnedCounts {
  readonly networks: number
  /** Pairs of an AS and a country. */
  readonly ases: number
  readonly countries: number
  /** When that was written, in ISO 8601, UTC. */
  readonly date: string
}

/** What the table says about itself. */
export interface TableMetadata {
  readonly sources: readonly SourceSummary[]
  /** The time of the newest source in ISO 8601, UTC; the time of building where no source tells. */
  readonly date: string
  readonly coverage: { readonly v4: FamilyCoverage; readonly v6: FamilyCoverage }
  /** Missing where no source tells of ROAs. */
  readonly rpki?: RpkiCounts | undefined
  /** Missing where nothing was learned. */
  readonly learned?: LearnedCounts | undefined
}
