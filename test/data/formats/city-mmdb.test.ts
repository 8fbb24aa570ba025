// City databases in MaxMind DB files, in both layouts.

import fc from 'fast-check'
import { Reader, type Response } from 'mmdb-lib'
import { describe, expect, it } from 'vitest'
import { Collector } from '../../../src/data/compile/collector.ts'
import { ValueTables } from '../../../src/data/compile/value-tables.ts'
import { countryValue } from '../../../src/data/countries.ts'
import { readCityMmdb } from '../../../src/data/formats/city-mmdb.ts'
import { Mmdb } from '../../../src/data/formats/reading/mmdb.ts'
import { emptyIntervalMap, valueAt } from '../../../src/table/interval-map.ts'
import { writeMmdb } from '../../support/mmdb-writer.ts'

const POINTS = new Map([[countryValue('US'), { continent: 'NA', latitude: 39.59, longitude: -89.72 }]])
const UNKNOWN = { city: '', region: '', country: '', continent: '', latitude: '', longitude: '' }
const US_POINT = { ...UNKNOWN, country: 'US', continent: 'NA', latitude: '39.59', longitude: '-89.72' }

function read(bytes: Buffer) {
  const into = new Collector('city', new ValueTables(POINTS))
  readCityMmdb(new Mmdb('test.mmdb', bytes), into)
  return into
}

/** What a file with this one record says about 10.0.0.1. */
function described(record: Record<string, unknown>): unknown {
  const place = { country_code: 'US', city: 'Dallas', latitude: 32.7767, longitude: -96.797 }
  const into = read(
    writeMmdb(
      [
        ['10.0.0.0/8', record],
        ['11.0.0.0/8', place],
      ],
      { ipVersion: 4 },
    ),
  )
  const value = valueAt(into.flatLayerOf(4)?.intervals ?? emptyIntervalMap(1), Uint32Array.of(0x0a000001))
  return value === 0 ? null : into.valueTables.locations.describe(value)
}

describe('readCityMmdb', () => {
  it.each<{ name: string; record: Record<string, unknown>; place: unknown }>([
    {
      name: 'the flat layout, with the noise of 32-bit floats',
      record: {
        city: 'Mountain View',
        country_code: 'US',
        latitude: 37.422000885009766,
        longitude: -122.08499908447266,
        postcode: '',
        state1: 'California',
        state2: '',
        timezone: '',
      },
      place: {
        city: 'Mountain View',
        region: 'California',
        country: 'US',
        continent: 'NA',
        latitude: '37.422',
        longitude: '-122.085',
      },
    },
    {
      name: "MaxMind's nested layout",
      record: {
        city: { geoname_id: 5809844, names: { de: 'Seattle (de)', en: 'Seattle' } },
        continent: { code: 'NA' },
        country: { iso_code: 'US', names: { en: 'United States' } },
        location: { accuracy_radius: 20, latitude: 47.6348, longitude: -122.345 },
        registered_country: { iso_code: 'CA' },
        subdivisions: [{ iso_code: 'WA', names: { en: 'Washington' } }, { iso_code: 'KC' }],
      },
      place: {
        city: 'Seattle',
        region: 'WA',
        country: 'US',
        continent: 'NA',
        latitude: '47.6348',
        longitude: '-122.345',
      },
    },
    {
      name: 'a registered country alone, in the nested layout: its point',
      record: { registered_country: { iso_code: 'US' } },
      place: US_POINT,
    },
    {
      name: 'names that other fields would be mistaken for',
      record: {
        country_code: 'US',
        city: 'A | "B"',
        state1: '',
        latitude: 1,
        longitude: -0.00004,
      },
      place: { ...UNKNOWN, city: "A / 'B'", country: 'US', continent: 'NA', latitude: '1', longitude: '0' },
    },
    { name: 'a country without coordinates: its point', record: { country_code: 'US' }, place: US_POINT },
    {
      name: 'zero degrees, which DB-IP writes for unknown',
      record: { country_code: 'ZZ', latitude: 0, longitude: 0 },
      place: null,
    },
    {
      name: 'coordinates off the Earth',
      record: { country_code: 'US', latitude: 91, longitude: 0 },
      place: US_POINT,
    },
    { name: 'a record of another kind', record: { autonomous_system_number: 15169 }, place: null },
  ])('$name', ({ record, place }) => {
    expect(described(record)).toEqual(place)
  })

  it('refuses a file without places, by name and type', () => {
    const bytes = writeMmdb([['10.0.0.0/8', { country_code: 'US' }]], { type: 'country ipv4' })
    expect(() => read(bytes)).toThrow(
      "test.mmdb: no coordinates in it; 'country ipv4' is not a city database",
    )
  })

  it('counts networks, and those that tell nothing', () => {
    const place = { country_code: 'US', city: 'Dallas', latitude: 32.7767, longitude: -96.797 }
    const { rows, skipped } = read(
      writeMmdb([
        ['10.0.0.0/8', place],
        ['11.0.0.0/8', { ...place, city: 'Houston' }],
        ['12.0.0.0/8', { country_code: 'ZZ' }],
        ['2001:db8::/32', place],
      ]),
    )
    expect({ rows, skipped }).toEqual({ rows: { 4: 2, 6: 1 }, skipped: 1 })
  })

  it('agrees with mmdb-lib on any address, in both families', () => {
    /** Networks of one length don't lie in each other. */
    const networks = fc.uniqueArray(fc.nat(0xfff), { minLength: 1, maxLength: 60 })
    const isIpv6 = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })
    const addresses = fc.array(fc.nat(0xffff), { minLength: 40, maxLength: 40 })
    fc.assert(
      fc.property(
        networks,
        isIpv6,
        fc.constantFrom(24, 28, 32),
        addresses,
        (numbers, six, recordSize, asked) => {
          const bytes = writeMmdb(
            numbers.map((number, i) => [
              six[i]
                ? `${(0x4000 + number).toString(16)}::/16`
                : `${number >> 4}.${(number & 15) << 4}.0.0/12`,
              { country_code: 'US', city: `City ${i % 5}`, latitude: (i % 5) + 0.5, longitude: 1.5 },
            ]),
            { recordSize: recordSize as 24 | 28 | 32 },
          )
          const into = read(bytes)
          const oracle = new Reader<Response>(bytes)
          const differences = asked.flatMap((number) =>
            ([4, 6] as const).filter((family) => {
              const word = (number << 16) | 0x1234
              const address =
                family === 4
                  ? Uint32Array.of(word)
                  : Uint32Array.of((0x4000 + (number & 0xfff)) * 65536, 1, 2, 3)
              const intervals = into.flatLayerOf(family)?.intervals
              const value = intervals === undefined ? 0 : valueAt(intervals, address)
              const found = oracle.get(textOf(address)) as { city: string } | null
              const city = value === 0 ? null : into.valueTables.locations.describe(value).city
              return city !== (found?.city ?? null)
            }),
          )
          expect(differences).toEqual([])
        },
      ),
      { numRuns: 50 },
    )
  })
})

function textOf(address: Uint32Array): string {
  return address.length === 1
    ? [24, 16, 8, 0].map((shift) => (address[0] >>> shift) & 255).join('.')
    : Array.from(address, (word) => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`).join(':')
}
