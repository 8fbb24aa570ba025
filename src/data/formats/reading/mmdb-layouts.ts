// Where the attributes stand in a record of a MaxMind DB file, in all the layouts that there are. They are looked for in
// each record anew, so that a file which has several is read whole.
//
//     AS       autonomous_system_number, autonomous_system_organization       MaxMind, DB-IP, ip-location-db, IP2Location
//              traits: {autonomous_system_number, …}                          GeoIP2 Enterprise, DB-IP Location + ISP
//              asn: "AS15169", as_name or name                                IPinfo
//     country  country_code                                                   ip-location-db, IPinfo
//              country: {iso_code}, registered_country: {iso_code}            MaxMind, DB-IP, IP2Location
//              country: "US"                                                  IPinfo, its older files
//     place    state1, city, latitude, longitude                              ip-location-db
//              subdivisions: [{iso_code, names}], city: {names: {en}},
//              location: {latitude, longitude}                                MaxMind, DB-IP, IP2Location
//              region_name or region, city, latitude or lat, longitude or lng IPinfo, as text in its older files

import { MAX_ASN } from '../../../table/layout.ts'
import { knownCountry } from '../../countries.ts'
import type { MmdbRecord } from './mmdb-decoder.ts'

const AS = { autonomous_system_number: {}, autonomous_system_organization: {} } as const

/** What is read of a record for its AS. */
export const WANTED_AS = { ...AS, traits: AS, asn: {}, as_name: {}, name: {} } as const

/** What is read of a record for its country. */
export const WANTED_COUNTRY = {
  country_code: {},
  country: { iso_code: {} },
  registered_country: { iso_code: {} },
} as const

/** What is read of a record for its place. */
export const WANTED_LOCATION = {
  ...WANTED_COUNTRY,
  state1: {},
  region_name: {},
  region: {},
  subdivisions: [{ iso_code: {}, names: { en: {} } }],
  city: { names: { en: {} } },
  location: { latitude: {}, longitude: {} },
  latitude: {},
  longitude: {},
  lat: {},
  lng: {},
} as const

/** The AS of a record, 0 when it names none, and its name, '' when it has none. */
export function asOfRecord(record: MmdbRecord): { readonly asn: number; readonly name: string } {
  const { traits } = record
  for (const from of [record, traits]) {
    const asn = readAsn(member(from, 'autonomous_system_number'))
    if (asn !== 0) return { asn, name: text(member(from, 'autonomous_system_organization')) }
  }
  return { asn: readAsn(record.asn), name: text(record.as_name) || text(record.name) }
}

/** The country of a record as a layer value, 0 when it names none. */
export function countryOfRecord(record: MmdbRecord): number {
  const { country_code: code, country, registered_country: registered } = record
  for (const found of [code, member(country, 'iso_code'), country, member(registered, 'iso_code')]) {
    const value =
      typeof found === 'string' && /^[A-Z]{2}$/i.test(found) ? knownCountry(found.toUpperCase()) : 0
    if (value !== 0) return value
  }
  return 0
}

/** The place of a record, besides its country. */
export interface RecordLocation {
  readonly region: string
  readonly city: string
  /** Degrees; null where they aren't known. */
  readonly latitude: number | null
  readonly longitude: number | null
}

/** The place of a record. */
export function locationOfRecord(record: MmdbRecord): RecordLocation {
  const { state1, region_name: regionName, region, subdivisions, city, location } = record
  const subdivision = Array.isArray(subdivisions) ? subdivisions[0] : undefined
  const english = (of: unknown): string => text(member(member(of, 'names'), 'en'))
  return {
    region:
      text(state1) ||
      text(regionName) ||
      text(region) ||
      text(member(subdivision, 'iso_code')) ||
      english(subdivision),
    city: text(city) || english(city),
    latitude: degrees(member(location, 'latitude') ?? record.latitude ?? record.lat, 90),
    longitude: degrees(member(location, 'longitude') ?? record.longitude ?? record.lng, 180),
  }
}

/** A number, or text such as `AS15169`; 0 for anything else. */
function readAsn(value: unknown): number {
  const asn = typeof value === 'string' ? Number(/^(?:AS)?(\d{1,10})$/i.exec(value)?.[1]) : value
  return typeof asn === 'number' && Number.isInteger(asn) && asn >= 0 && asn <= MAX_ASN ? asn : 0
}

/** IP2Location writes `-` for «unknown». */
function text(value: unknown): string {
  return typeof value === 'string' && value !== '-' ? value : ''
}

function degrees(value: unknown, max: number): number | null {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= max ? number : null
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as MmdbRecord)[key] : undefined
}
