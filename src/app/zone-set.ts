// What the zones of one table name besides the data: it comes from the settings and the table's metadata.

import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { allCountryCodes } from '../data/countries.ts'
import { dateOfData, firstStaleAfter, newestDate } from '../data/sources/age.ts'
import { RECORD_HEADER } from '../dns/reply.ts'
import { AsnzoneError } from '../errors.ts'
import type { TableMetadata } from '../table/metadata.ts'
import { VERSION } from '../version.ts'
import { MAX_ANSWER_OCTETS } from '../zones/limits.ts'
import { serialOf } from '../zones/serial.ts'
import { wireName } from '../zones/wire-name.ts'
import type { ZoneSetOptions } from '../zones/zone-set.ts'

/**
 * What the zones are compiled with, for a table with this metadata.
 *
 * @param serial that of the SOA records; the hour of the newest data when not given
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for a wrong domain, name server or contact.
 */
export function zoneSetOptions(
  settings: Pick<Settings, 'domain' | 'nameservers' | 'contact' | 'maxAge' | 'staleAnswer' | 'tooFar'>,
  metadata: TableMetadata,
  serial: number = serialOfData(metadata),
): ZoneSetOptions {
  checkName('domain', settings.domain)
  return {
    domain: settings.domain,
    countries: allCountryCodes(),
    authority: {
      nameservers: checkNameservers(settings.nameservers),
      contact: checkName('contact', settings.contact),
      serial,
      about: aboutTexts(metadata),
    },
    tooFar: settings.tooFar,
    staleAfter:
      settings.staleAnswer === 'tell'
        ? firstStaleAfter(metadata, durationMs(settings.maxAge))
        : Number.POSITIVE_INFINITY,
  }
}

/** The hour of the newest data, as a serial: for zones that never had one. */
export function serialOfData({ sources, date }: TableMetadata): number {
  return serialOf(newestDate(sources) ?? date)
}

/** The strings of the TXT record at each apex: version, date of the data, and a credit for each data set. */
export function aboutTexts(metadata: TableMetadata): string[] {
  // What an administrator knows better is nobody else's to be credited for.
  const credits = metadata.sources
    .filter(({ what }) => what !== 'override')
    .map(({ what, attribution, licence }) => `${what}: ${attribution}, ${licence}`)
  const date = dateOfData(metadata.sources)
  const ofDate = date === null ? 'data of an unknown date' : `data of ${date.slice(0, 16)}Z`
  return [`asnzone ${VERSION}`, ofDate, ...new Set(credits)]
}

function checkNameservers(names: readonly string[]): Uint8Array[] {
  const nameservers = names.map((name) => checkName('nameservers', name))
  const octets = nameservers.reduce((sum, { length }) => sum + RECORD_HEADER + length, 0)
  if (octets > MAX_ANSWER_OCTETS) {
    const message = `nameservers: ${octets} octets of NS records, more than ${MAX_ANSWER_OCTETS}; name fewer`
    throw new AsnzoneError('ASNZONE_CONFIG', message)
  }
  return nameservers
}

function checkName(setting: string, name: string): Uint8Array {
  try {
    return wireName(name)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `${setting}: ${(cause as Error).message}`, { cause })
  }
}
