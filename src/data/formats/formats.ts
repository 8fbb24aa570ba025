// The formats that data files come in: one file each in formats/, and here what each can be read for.
//
// A reader is loaded when a file has to be read: a server that starts from its snapshot needs none.

import type { ReadFormat } from '../compile/collector.ts'
import type { Dataset } from '../sources/dataset.ts'
import type { FileKind } from './reading/wrong-kind.ts'

/** One format. */
export interface Format {
  /** What a file of the format can be read for. */
  readonly datasets: readonly Dataset[]
  /** What its files are; text when not given. */
  readonly kind?: FileKind
  readonly reader: () => Promise<ReadFormat>
}

/** The formats by their name in the config. */
export const FORMATS = {
  'ip-location-db': {
    datasets: ['asn', 'country', 'names'],
    reader: async () => (await import('./ip-location-db.ts')).readIpLocationDb,
  },
  csv: {
    datasets: ['asn', 'country', 'names', 'city'],
    reader: async () => (await import('./csv.ts')).readCsv,
  },
  iptoasn: {
    datasets: ['asn', 'country', 'names'],
    reader: async () => (await import('./iptoasn.ts')).readIptoasn,
  },
  pfx2as: {
    datasets: ['asn'],
    reader: async () => (await import('./pfx2as.ts')).readPfx2as,
  },
  routeviews: {
    datasets: ['asn'],
    reader: async () => (await import('./routeviews.ts')).readRouteviews,
  },
  rir: {
    datasets: ['registry', 'country'],
    reader: async () => (await import('./rir.ts')).readRir,
  },
  'ip-location-db-city': {
    datasets: ['city', 'country'],
    reader: async () => (await import('./csv.ts')).readCsv,
  },
  mmdb: {
    datasets: ['asn', 'country', 'names', 'city'],
    kind: 'binary',
    reader: async () => (await import('./as-country-mmdb.ts')).readMmdb,
  },
  'vrp-json': {
    datasets: ['rpki'],
    kind: 'json',
    reader: async () => (await import('./vrp-json.ts')).readVrpJson,
  },
  'vrp-csv': {
    datasets: ['rpki'],
    reader: async () => (await import('./vrp-csv.ts')).readVrpCsv,
  },
  overrides: {
    datasets: ['override'],
    reader: async () => (await import('./overrides.ts')).readOverrides,
  },
} as const satisfies Readonly<Record<string, Format>>

/** The name of a format. */
export type FormatName = keyof typeof FORMATS

/** What the files of a format are. */
export const kindOf = (name: FormatName): FileKind => (FORMATS[name] as Format).kind ?? 'text'

/** The names of all formats. */
export const formatNames = Object.keys(FORMATS) as FormatName[]
