// City databases in MaxMind DB files, in the two layouts that there are:
//
//     flat     {country_code, state1, city, latitude, longitude}                      ip-location-db
//     nested   {country: {iso_code}, subdivisions: [{iso_code}], city: {names: {en}},
//               location: {latitude, longitude}}                                      MaxMind, DB-IP

import { AsnzoneError } from '../../errors.ts'
import { StepsBuilder } from '../../table/steps.ts'
import { widthOf } from '../../table/words.ts'
import type { Collector } from '../collector.ts'
import { knownCountry } from '../countries.ts'
import { locationValue } from '../location-value.ts'
import type { Locations } from '../locations.ts'
import type { Mmdb } from './mmdb.ts'
import type { MmdbRecord } from './mmdb-decoder.ts'

/** What is read of a record. */
const PLACE = {
  country_code: {},
  state1: {},
  latitude: {},
  longitude: {},
  country: { iso_code: {} },
  registered_country: { iso_code: {} },
  subdivisions: [{ iso_code: {}, names: { en: {} } }],
  city: { names: { en: {} } },
  location: { latitude: {}, longitude: {} },
} as const

/** @throws {AsnzoneError} `ASNZONE_DATA` when the file is damaged or holds no places. */
export function readCityMmdb(mmdb: Mmdb, into: Collector): void {
  const { locations } = into.vocabulary
  const placesBefore = locations.count
  readFamily(mmdb, 4, into)
  readFamily(mmdb, 6, into)
  if (locations.count > placesBefore) return
  throw new AsnzoneError(
    'ASNZONE_DATA',
    `${mmdb.name}: no coordinates in it; '${mmdb.type}' is no city database`,
  )
}

/** The networks are in order and don't overlap, so they make a layer as they come. */
function readFamily(mmdb: Mmdb, family: 4 | 6, into: Collector): void {
  const builder = new StepsBuilder(widthOf(family), 1 << 16)
  const values = new Map<number, number>([[0, 0]])
  mmdb.walk(family, (start, record) => {
    let value = values.get(record)
    if (value === undefined) {
      value = placeValue(mmdb.record(record, start, PLACE), into.vocabulary.locations)
      values.set(record, value)
    }
    if (value !== 0) into.rows[family]++
    else if (record !== 0) into.skipped++
    builder.add(start, 0, value)
  })
  if (into.rows[family] === 0) return
  const distinct = new Set(values.values()).size - 1
  into.lay(family, { layer: 'location', steps: builder.finish(), distinct })
}

function placeValue(record: MmdbRecord | null, locations: Locations): number {
  if (record === null) return 0
  const { country, region, city, latitude, longitude } =
    record.country_code === undefined ? nestedPlace(record) : flatPlace(record)
  const isCode = typeof country === 'string' && /^[A-Z]{2}$/.test(country)
  return locationValue(locations, {
    country: isCode ? knownCountry(country) : 0,
    region: typeof region === 'string' ? region : '',
    city: typeof city === 'string' ? city : '',
    latitude: degrees(latitude, 90),
    longitude: degrees(longitude, 180),
  })
}

/** A place before its fields were looked at. */
interface RawPlace {
  readonly country: unknown
  readonly region: unknown
  readonly city: unknown
  readonly latitude: unknown
  readonly longitude: unknown
}

function flatPlace(record: MmdbRecord): RawPlace {
  const { country_code: country, state1: region, city, latitude, longitude } = record
  return { country, region, city, latitude, longitude }
}

function nestedPlace(record: MmdbRecord): RawPlace {
  const { location, subdivisions, city } = record
  const subdivision = Array.isArray(subdivisions) ? subdivisions[0] : undefined
  return {
    country: member(record.country, 'iso_code') ?? member(record.registered_country, 'iso_code'),
    region: member(subdivision, 'iso_code') ?? member(member(subdivision, 'names'), 'en'),
    city: member(member(city, 'names'), 'en'),
    latitude: member(location, 'latitude'),
    longitude: member(location, 'longitude'),
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as MmdbRecord)[key] : undefined
}

function degrees(value: unknown, most: number): number | null {
  return typeof value === 'number' && Math.abs(value) <= most ? value : null
}
