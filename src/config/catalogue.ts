// Compiles the zones for one table: what the zones name besides the data comes from settings and metadata.

import { allCountryCodes } from '../data/countries.ts'
import { AsnzoneError } from '../errors.ts'
import type { TableMetadata } from '../table/table.ts'
import { VERSION } from '../version.ts'
import { type Catalogue, compileCatalogue } from '../zones/catalogue.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { wireName } from '../zones/wire-name.ts'
import { serialOf } from '../zones/zone.ts'
import type { Settings } from './settings.ts'

/**
 * The catalogue of the zones that are served from a table with this metadata.
 *
 * @throws {AsnzoneError} `ASNZONE_ZONE` for a wrong zone, `ASNZONE_CONFIG` for a wrong domain or name server.
 */
export function catalogueFor(
  definitions: readonly ZoneDefinition[],
  settings: Settings,
  metadata: TableMetadata,
): Catalogue {
  checkName('domain', settings.domain)
  return compileCatalogue(definitions, {
    domain: settings.domain,
    countries: allCountryCodes(),
    authority: {
      nameservers: settings.nameservers.map((name) => checkName('nameservers', name)),
      contact: checkName('contact', settings.contact),
      serial: serialOf(metadata.date),
      about: aboutTexts(metadata),
    },
  })
}

/** The strings of the TXT record at each apex: version, date of the data, and a credit for each data set. */
export function aboutTexts(metadata: TableMetadata): string[] {
  const credits = metadata.sources.map(
    ({ what, attribution, licence }) => `${what}: ${attribution}, ${licence}`,
  )
  return [`asnzone ${VERSION}`, `data of ${metadata.date.slice(0, 16)}Z`, ...new Set(credits)]
}

function checkName(setting: string, name: string): Uint8Array {
  try {
    return wireName(name)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `${setting}: ${(cause as Error).message}`, { cause })
  }
}
