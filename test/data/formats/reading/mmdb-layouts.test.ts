// Records of MaxMind DB files as their makers lay them out; each was seen in a real file.

import { describe, expect, test } from 'vitest'
import { Collector } from '../../../../src/data/compile/collector.ts'
import { ValueTables } from '../../../../src/data/compile/value-tables.ts'
import { COUNTRY_VALUES } from '../../../../src/data/countries.ts'
import { readMmdb } from '../../../../src/data/formats/as-country-mmdb.ts'
import { readCityMmdb } from '../../../../src/data/formats/city-mmdb.ts'
import { Mmdb } from '../../../../src/data/formats/reading/mmdb.ts'
import { collect } from '../../../support/collect.ts'
import { type Network, writeMmdb } from '../../../support/mmdb-writer.ts'

type MmdbFields = Readonly<Record<string, unknown>>

const NAMES = { de: 'Vereinigte Staaten', en: 'United States' }
const GOOGLE = { autonomous_system_number: 15169, autonomous_system_organization: 'Google LLC' }

/** What a record of each product says of 8.8.8.0/24. */
const PRODUCTS: readonly [
  product: string,
  record: MmdbFields,
  tells: { asn?: string; country?: string; place?: string },
][] = [
  ['GeoLite2 ASN, DB-IP ASN Lite, IP2Location ASN', GOOGLE, { asn: 'Google LLC' }],
  ['GeoIP2 ISP', { ...GOOGLE, isp: 'Google', organization: 'Google Servers' }, { asn: 'Google LLC' }],
  [
    'GeoIP2 Enterprise, DB-IP Location + ISP',
    {
      city: { confidence: 51, names: { en: 'Mountain View' } },
      country: { iso_code: 'US', is_in_european_union: false, names: NAMES },
      registered_country: { iso_code: 'DE', names: NAMES },
      location: {
        accuracy_radius: 76,
        latitude: 37.4223,
        longitude: -122.085,
        time_zone: 'America/Los_Angeles',
      },
      subdivisions: [{ iso_code: 'CA', names: { en: 'California' } }],
      traits: { ...GOOGLE, connection_type: 'Corporate', isp: 'Google' },
    },
    { asn: 'Google LLC', country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  [
    'DB-IP Country Lite',
    { continent: { code: 'NA', names: { en: 'North America' } }, country: { iso_code: 'US', names: NAMES } },
    { country: 'US' },
  ],
  [
    'DB-IP City Lite',
    {
      city: { names: { en: 'Mountain View' } },
      country: { iso_code: 'US', names: NAMES },
      location: { latitude: 37.4223, longitude: -122.085 },
      subdivisions: [{ names: { en: 'California' } }],
    },
    { country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  [
    'IPinfo Lite',
    {
      as_domain: 'google.com',
      as_name: 'Google LLC',
      asn: 'AS15169',
      continent: 'North America',
      continent_code: 'NA',
      country: 'United States',
      country_code: 'US',
    },
    { asn: 'Google LLC', country: 'US' },
  ],
  [
    'IPinfo ASN',
    { asn: 'AS15169', domain: 'google.com', name: 'Google LLC', type: 'hosting' },
    { asn: 'Google LLC' },
  ],
  [
    'IPinfo Company, whose name is not that of the AS',
    { as_name: 'Google LLC', asn: 'AS15169', country: 'US', name: 'Google Cloud' },
    { asn: 'Google LLC', country: 'US' },
  ],
  ['IPinfo Country', { continent: 'NA', country: 'US', country_name: 'United States' }, { country: 'US' }],
  [
    'IPinfo Geolocation, whose coordinates are text',
    {
      city: 'Mountain View',
      country: 'US',
      lat: '37.4223',
      lng: '-122.085',
      region: 'California',
      region_code: 'CA',
    },
    { country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  [
    'IPinfo Geolocation Extended',
    {
      city: 'Mountain View',
      country: 'US',
      latitude: '37.4223',
      longitude: '-122.085',
      region: 'CA',
      region_name: 'California',
    },
    { country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  [
    'IPinfo Core',
    {
      asn: 'AS15169',
      as_name: 'Google LLC',
      city: 'Mountain View',
      country: 'United States',
      country_code: 'US',
      latitude: 37.4223,
      longitude: -122.085,
      region: 'California',
    },
    { asn: 'Google LLC', country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  [
    'IP2Location DB11',
    {
      city: { names: { en: 'Mountain View' } },
      country: { iso_code: 'US', names: NAMES },
      location: { latitude: 37.4223, longitude: -122.085 },
      postal: { code: '94043' },
      subdivisions: [{ names: { en: 'California' } }],
    },
    { country: 'US', place: 'Mountain View CA US 37.4223 -122.085' },
  ],
  ['ip-location-db country', { country_code: 'US' }, { country: 'US' }],
]

const RANGE = '8.8.8.0-8.8.8.255'

/** The number of the first place that is not a country's point. */
const FIRST_PLACE = COUNTRY_VALUES + 1

describe.each(PRODUCTS)('%s', (_product, record, { asn, country, place }) => {
  const file = writeMmdb([['8.8.8.0/24', record]])

  test(`tells ${asn === undefined ? 'no AS, and is refused for that' : 'the AS'}`, async () => {
    const found = collect(readMmdb, 'asn', file)
    if (asn === undefined) await expect(found).rejects.toThrow('no AS in it')
    else expect(await found).toMatchObject({ rows: { asn: [`${RANGE} 15169`] }, names: { AS15169: asn } })
  })

  test(`tells ${country === undefined ? 'no country, and is refused for that' : 'the country'}`, async () => {
    const found = collect(readMmdb, 'country', file)
    if (country === undefined) await expect(found).rejects.toThrow('no country in it')
    else expect((await found).rows.country).toEqual([`${RANGE} ${country}`])
  })

  test(`tells ${place === undefined ? 'no place, and is refused for that' : 'the place'}`, () => {
    const into = new Collector('city', new ValueTables())
    const read = (): void => readCityMmdb(new Mmdb('file', file), into)
    if (place === undefined) expect(read).toThrow('no coordinates in it')
    else {
      read()
      const {
        city,
        region,
        country: code,
        latitude,
        longitude,
      } = into.valueTables.locations.describe(FIRST_PLACE)
      expect([city, region.slice(0, 2).toUpperCase(), code, latitude, longitude].join(' ')).toBe(place)
    }
  })
})

test('places that a source before knew already are places', () => {
  const valueTables = new ValueTables()
  const file = writeMmdb([['8.8.8.0/24', { city: 'Mountain View', lat: '37.4223', lng: '-122.085' }]])
  for (const rows of [1, 1]) {
    const into = new Collector('city', valueTables)
    readCityMmdb(new Mmdb('file', file), into)
    expect(into.rows[4]).toBe(rows)
  }
})

test('a file with several layouts is read whole', async () => {
  const networks: Network[] = [
    ['8.8.8.0/24', { ...GOOGLE, country_code: '', country: { iso_code: 'US' } }],
    ['9.9.9.0/24', { asn: 'AS19281', as_name: 'Quad9', country: 'CH' }],
    ['10.0.0.0/24', { traits: { autonomous_system_number: '64512' }, country_code: 'DE' }],
    ['11.0.0.0/24', { asn: '', as_name: '', registered_country: { iso_code: 'FR' }, country: {} }],
    ['12.0.0.0/24', { autonomous_system_number: 0, asn: 'AS7018', name: 'AT&T', country: 'United States' }],
  ]
  const file = writeMmdb(networks)
  const ases = await collect(readMmdb, 'asn', file)
  expect(ases.rows.asn).toEqual([
    '8.8.8.0-8.8.8.255 15169',
    '9.9.9.0-9.9.9.255 19281',
    '10.0.0.0-10.0.0.255 64512',
    '12.0.0.0-12.0.0.255 7018',
  ])
  expect(ases.skipped).toBe(1)
  const countries = await collect(readMmdb, 'country', file)
  expect(countries.rows.country).toEqual([
    '8.8.8.0-8.8.8.255 US',
    '9.9.9.0-9.9.9.255 CH',
    '10.0.0.0-10.0.0.255 DE',
    '11.0.0.0-11.0.0.255 FR',
  ])
  expect(countries.skipped).toBe(1)
})

test.each([
  ['text that is not a number', { asn: 'ASx' }],
  ['a number of 33 bits', { autonomous_system_number: '4294967296' }],
  ['a broken number', { asn: 'AS15169.5' }],
  ['a map', { asn: { number: 15169 } }],
  ['a country of three letters', { country: 'USA' }],
])('%s tells nothing', async (_name, record) => {
  const file = writeMmdb([
    ['8.8.8.0/24', record],
    ['9.9.9.0/24', { asn: 'AS19281', country: 'CH' }],
  ])
  expect((await collect(readMmdb, 'asn', file)).rows.asn).toEqual(['9.9.9.0-9.9.9.255 19281'])
  expect((await collect(readMmdb, 'country', file)).rows.country).toEqual(['9.9.9.0-9.9.9.255 CH'])
})
