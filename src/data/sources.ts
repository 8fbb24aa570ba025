// Where facts come from: the data packages that are installed with asnzone, one source a file.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AsnzoneError } from '../errors.ts'
import type { What } from './collector.ts'
import type { FormatName } from './formats.ts'

const require = createRequire(import.meta.url)

/** One file of facts. */
export interface Source {
  readonly what: What
  readonly format: FormatName
  /** The file's name for people. */
  readonly name: string
  readonly path: string
  /** The time of the data in ISO 8601, UTC; null where the source doesn't tell. */
  readonly date: string | null
  readonly licence: string
  /** Whom to credit; see NOTICE. */
  readonly attribution: string
}

interface DataPackage {
  readonly package: string
  readonly what: What
  readonly files: readonly string[]
  readonly licence: string
  readonly attribution: string
}

const EMBEDDED: readonly DataPackage[] = [
  {
    package: '@ip-location-db/asn',
    what: 'asn',
    files: ['asn-ipv4.csv', 'asn-ipv6.csv'],
    licence: 'CC BY 4.0',
    attribution: 'RouteViews, DB-IP.com, NRO',
  },
  {
    package: '@ip-location-db/asn-country',
    what: 'country',
    files: ['asn-country-ipv4.csv', 'asn-country-ipv6.csv'],
    licence: 'CC0-1.0',
    attribution: 'NRO',
  },
]

/**
 * The sources that are installed with asnzone.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when a package is missing.
 */
export function embeddedSources(): Source[] {
  return EMBEDDED.flatMap(({ package: name, what, files, licence, attribution }) => {
    const date = dateOfVersion(versionOf(name))
    return files.map((file) => ({
      what,
      format: 'ip-location-db' as const,
      name: `${name}/${file}`,
      path: require.resolve(`${name}/${file}`),
      date,
      licence,
      attribution,
    }))
  })
}

/**
 * The time that an ip-location-db version tells, in ISO 8601, UTC: 2.3.2026061719 is the hour 19 of
 * 2026-06-17, 3.0.202609122243 the minute 22:43. Null for a version of another form.
 */
export function dateOfVersion(version: string): string | null {
  const found = /^\d+\.\d+\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(version)
  if (found === null) return null
  const [, year, month, day, hour, minute = '00'] = found
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function versionOf(name: string): string {
  try {
    const manifest = readFileSync(require.resolve(`${name}/package.json`), 'utf8')
    return (JSON.parse(manifest) as { version: string }).version
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `the data package ${name} is not installed; run npm ci`, { cause })
  }
}
