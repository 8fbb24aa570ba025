// The formats that data files come in: one file each in formats/, and here what each can be read for.

import type { ReadFormat, What } from './collector.ts'
import { readIpLocationDb } from './formats/ip-location-db.ts'
import { readIptoasn } from './formats/iptoasn.ts'
import { readMmdb } from './formats/mmdb-facts.ts'
import { readOverrides } from './formats/overrides.ts'
import { readPfx2as } from './formats/pfx2as.ts'
import { readRir } from './formats/rir.ts'
import { readRouteviews } from './formats/routeviews.ts'

/** One format. */
export interface Format {
  /** What a file of the format can be read for. */
  readonly what: readonly What[]
  readonly read: ReadFormat
}

/** The formats by their name in the config. */
export const FORMATS = {
  'ip-location-db': { what: ['asn', 'country', 'names'], read: readIpLocationDb },
  iptoasn: { what: ['asn', 'country', 'names'], read: readIptoasn },
  pfx2as: { what: ['asn'], read: readPfx2as },
  routeviews: { what: ['asn'], read: readRouteviews },
  rir: { what: ['registry', 'country'], read: readRir },
  mmdb: { what: ['asn', 'country', 'names'], read: readMmdb },
  overrides: { what: ['override'], read: readOverrides },
} as const satisfies Readonly<Record<string, Format>>

/** The name of a format. */
export type FormatName = keyof typeof FORMATS

/** The names of all formats. */
export const formatNames = Object.keys(FORMATS) as FormatName[]
