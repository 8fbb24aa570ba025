// What a data file is read for.

/** The kinds of attributes that a source may tell. */
export const DATASETS = ['asn', 'country', 'registry', 'names', 'city', 'rpki', 'override'] as const

/** One of WHAT. */
export type Dataset = (typeof DATASETS)[number]
