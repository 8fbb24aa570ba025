// What a data file is read for.

/** The kinds of facts that a source may tell. */
export const WHAT = ['asn', 'country', 'registry', 'names', 'city', 'override'] as const

/** One of WHAT. */
export type What = (typeof WHAT)[number]
