// The weights that a score is the sum of, as an administrator writes them down.

/** The largest weight; the least is its negative. */
export const MAX_WEIGHT = 1_000_000

/** What a weight file may hold. */
export interface WeightEntries {
  /** Classes of countries (ISO 3166-1 alpha-2, upper case): the first class that names a country counts. */
  readonly countries: readonly { readonly codes: readonly string[]; readonly weight: number }[]
  /** Lists of AS numbers: the first list that names an AS counts. */
  readonly asns: readonly { readonly asns: readonly number[]; readonly weight: number }[]
  /** Networks: the most specific one that an address lies in counts; of equals the first. */
  readonly prefixes: readonly PrefixWeight[]
}

/** The weight of a network. */
export interface PrefixWeight {
  readonly cidr: string
  readonly weight: number
}

/** All weights; a negative one means suspicious. */
export interface Weights extends WeightEntries {
  /** The weight of a country that no class names. */
  readonly default: number
  /** The weight of an address whose country is not known. */
  readonly unknown: number
  /** Bands of distance in km: the farthest one that applies counts. */
  readonly distance: readonly { readonly over: number; readonly weight: number }[]
  /** What RPKI says of the prefix that an address is in and of its AS. */
  readonly rpki: RpkiWeights
}

/** A weight for each state of RPKI (RFC 6811 2). */
export interface RpkiWeights {
  readonly valid: number
  readonly 'not-found': number
  readonly invalid: number
}

/** No weights: every score is 0. */
export const NO_WEIGHTS: Weights = {
  countries: [],
  default: 0,
  unknown: 0,
  distance: [],
  asns: [],
  prefixes: [],
  rpki: { valid: 0, 'not-found': 0, invalid: 0 },
}
