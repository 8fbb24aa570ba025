// The formats that data files come in: one file each in formats/, and here what each can be read for.
//
// A reader is loaded when a file has to be read: a server that starts from its snapshot needs none.

import type { ReadFormat } from '../compile/collector.ts'
import type { What } from '../sources/what.ts'

/** One format. */
export interface Format {
  /** What a file of the format can be read for. */
  readonly what: readonly What[]
  readonly reader: () => Promise<ReadFormat>
}

/** The formats by their name in the config. */
export const FORMATS = {
  'ip-location-db': {
    what: ['asn', 'country', 'names'],
    reader: async () => (await import('./ip-location-db.ts')).readIpLocationDb,
  },
  csv: {
    what: ['asn', 'country', 'names', 'city'],
    reader: async () => (await import('./csv.ts')).readCsv,
  },
  iptoasn: {
    what: ['asn', 'country', 'names'],
    reader: async () => (await import('./iptoasn.ts')).readIptoasn,
  },
  pfx2as: {
    what: ['asn'],
    reader: async () => (await import('./pfx2as.ts')).readPfx2as,
  },
  routeviews: {
    what: ['asn'],
    reader: async () => (await import('./routeviews.ts')).readRouteviews,
  },
  rir: {
    what: ['registry', 'country'],
    reader: async () => (await import('./rir.ts')).readRir,
  },
  'ip-location-db-city': {
    what: ['city', 'country'],
    reader: async () => (await import('./csv.ts')).readCsv,
  },
  mmdb: {
    what: ['asn', 'country', 'names', 'city'],
    reader: async () => (await import('./mmdb-facts.ts')).readMmdb,
  },
  overrides: {
    what: ['override'],
    reader: async () => (await import('./overrides.ts')).readOverrides,
  },
} as const satisfies Readonly<Record<string, Format>>

/** The name of a format. */
export type FormatName = keyof typeof FORMATS

/** The names of all formats. */
export const formatNames = Object.keys(FORMATS) as FormatName[]
