// Places, and distances from originPoint, in a table from files.

import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCountryPoints } from '../../src/data/compile/country-points.ts'
import type { SourceReport } from '../../src/data/compile/load.ts'
import { originPointWarning } from '../../src/data/compile/origin-point.ts'
import { countryValue } from '../../src/data/countries.ts'
import { NO_WEIGHTS } from '../../src/score/weights.ts'
import { type Attributes, addressAttributes } from '../../src/table/attributes.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import type { Table } from '../../src/table/table.ts'
import { writeMmdb } from '../support/mmdb-writer.ts'
import { type SmallFile, tableOf } from '../support/table-of-rows.ts'

const ASN = '8.8.8.0,8.8.8.255,15169,Google LLC\n9.0.0.0,9.255.255.255,64500,Nine\n'
const COUNTRY = '8.0.0.0,8.255.255.255,US\n9.0.0.0,9.0.255.255,DE\n66.0.0.0,66.255.255.255,US\n'
const ASN6 = '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64501,Documentation\n'
const COUNTRY6 = '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,CH\n'
const CITY =
  '8.8.8.0,8.8.8.127,US,California,,Mountain View,,37.4223,-122.085,\n' +
  '9.0.0.0,9.0.0.255,FR,Paris,,Paris,,48.8566,2.3522,\n' +
  '10.0.0.0,10.255.255.255,FR,,,Nowhere,,1,1,\n' +
  '66.128.51.0,66.128.51.255,US,Washington,,Seattle,,47.6062,-122.3321,\n'
const CITY6 = '2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,CH,Bern,,Bern,,46.948,7.4474,\n'
const FILES: readonly SmallFile[] = [
  { dataset: 'asn', format: 'ip-location-db', name: 'asn4.csv', contents: ASN },
  { dataset: 'asn', format: 'ip-location-db', name: 'asn6.csv', contents: ASN6 },
  { dataset: 'country', format: 'ip-location-db', name: 'country4.csv', contents: COUNTRY },
  { dataset: 'country', format: 'ip-location-db', name: 'country6.csv', contents: COUNTRY6 },
]
const CITIES: readonly SmallFile[] = [
  { dataset: 'city', format: 'ip-location-db-city', name: 'city4.csv', contents: CITY },
  { dataset: 'city', format: 'ip-location-db-city', name: 'city6.csv.gz', contents: gzipSync(CITY6) },
]

const attributesOf = (table: Table, address: string): Attributes | null =>
  addressAttributes(table, parseCidr(address).start)
const addressHere = (address: string) => ({ address })

describe('places', () => {
  it('come from the city source, and from the country where it has none', async () => {
    const table = await tableOf([...FILES, ...CITIES])
    expect(attributesOf(table, '8.8.8.8')).toMatchObject({
      city: 'Mountain View',
      region: 'California',
      cityCountry: 'US',
      continent: 'NA',
      latitude: 37.4223,
      longitude: -122.085,
      distance: null,
      score: 0,
      scoreParts: [],
      reputation: null,
      reputationEvidence: null,
    })
    const us = (await readCountryPoints()).get(countryValue('US'))
    expect(attributesOf(table, '8.8.8.128')).toMatchObject({
      city: null,
      region: null,
      cityCountry: 'US',
      continent: 'NA',
      latitude: us?.latitude,
      longitude: us?.longitude,
    })
    expect(attributesOf(table, '2001:db8:1::1')).toMatchObject({
      city: 'Bern',
      country: 'CH',
      continent: 'EU',
    })
    expect(attributesOf(table, '2001:db8:2::1')).toMatchObject({ city: null, country: 'CH', continent: 'EU' })
  })

  it('are those of the country without any city source', async () => {
    const attributes = attributesOf(await tableOf(FILES), '8.8.8.8')
    expect(attributes).toMatchObject({ city: null, cityCountry: 'US', latitude: 39.59, longitude: -89.72 })
  })

  it('alone make no address known', async () => {
    expect(attributesOf(await tableOf([...FILES, ...CITIES]), '10.1.2.3')).toBeNull()
  })

  it('are unknown where the country is', async () => {
    const attributes = attributesOf(await tableOf([...FILES, ...CITIES]), '9.200.0.1')
    expect(attributes).toMatchObject({
      asn: 64500,
      country: null,
      cityCountry: null,
      continent: null,
      latitude: null,
    })
  })

  it('leave the country of an address alone, unless the file is also a source of countries', async () => {
    const table = await tableOf([...FILES, ...CITIES])
    expect(attributesOf(table, '9.0.0.1')).toMatchObject({ country: 'DE', cityCountry: 'FR', city: 'Paris' })
    const countries = CITIES.map((file) => ({
      ...file,
      name: `country-${file.name}`,
      dataset: 'country' as const,
    }))
    const overridden = await tableOf([...countries, ...FILES, ...CITIES])
    expect(attributesOf(overridden, '9.0.0.1')).toMatchObject({ country: 'FR', cityCountry: 'FR' })
    expect(attributesOf(overridden, '9.0.1.1')).toMatchObject({ country: 'DE' })
  })

  it('of the first city source hide those of the second', async () => {
    const contents = '8.8.8.0,8.8.8.3,CA,,,Toronto,,43.7,-79.4,\n'
    const better: SmallFile = { dataset: 'city', format: 'ip-location-db-city', name: 'better.csv', contents }
    const table = await tableOf([better, ...FILES, ...CITIES])
    expect(attributesOf(table, '8.8.8.3')?.city).toBe('Toronto')
    expect(attributesOf(table, '8.8.8.8')?.city).toBe('Mountain View')
  })

  it('of overrides beat every source, for their network and no more', async () => {
    const contents =
      'cidr,asn,country,lat,lon\n10.0.0.0/8,64512,DE,52.52,13.405\n10.1.0.0/16,,AT,47.07,15.44\n' +
      '8.8.8.8,,,-33.8688,151.2093\n10.2.0.0/16,,AT,,\n2001:db8:1::/48,,,1.5,-2.25\n10.0.0.0/9,,,0,0\n'
    const ours: SmallFile = { dataset: 'override', format: 'overrides', name: 'ours.csv', contents }
    const table = await tableOf([...FILES, ...CITIES, ours], {
      originPoint: { latitude: 52.52, longitude: 13.405 },
    })
    expect(attributesOf(table, '10.200.0.1')).toMatchObject({
      latitude: 52.52,
      longitude: 13.405,
      distance: 0,
    })
    expect(attributesOf(table, '10.3.0.1')).toMatchObject({ country: 'DE', latitude: 0, longitude: 0 })
    expect(attributesOf(table, '10.1.0.1')).toMatchObject({
      cityCountry: 'AT',
      latitude: 47.07,
      distance: 623,
    })
    expect(attributesOf(table, '8.8.8.8')).toMatchObject({ country: 'US', city: null, latitude: -33.8688 })
    expect(attributesOf(table, '8.8.8.9')).toMatchObject({ city: 'Mountain View' })
    expect(attributesOf(table, '2001:db8:1::1')).toMatchObject({
      city: null,
      latitude: 1.5,
      longitude: -2.25,
    })
  })

  it('are reported with their source', async () => {
    const reports: SourceReport[] = []
    await tableOf([...FILES, ...CITIES], { onSource: (report) => reports.push(report) })
    expect(reports.filter(({ what }) => what === 'city')).toMatchObject([
      { name: 'city4.csv', family: 4, rows: 4, distinct: 4 },
      { name: 'city6.csv.gz', family: 6, rows: 1, distinct: 1 },
    ])
  })

  it('are refused with the file and line when the file is broken', async () => {
    const broken: SmallFile = { ...CITIES[0], contents: `${CITY}x\n` }
    await expect(tableOf([...FILES, broken])).rejects.toThrow('city4.csv:5: 1 column, not the 10')
  })
})

describe('distances', () => {
  it.each([
    { name: 'from coordinates', originPoint: { latitude: 52.52, longitude: 13.405 }, km: 9128 },
    { name: 'from an address in the city source', originPoint: addressHere('66.128.51.163'), km: 1133 },
    { name: "from an address at its country's point", originPoint: addressHere('66.1.1.1'), km: 2811 },
    { name: 'from an IPv6 address', originPoint: addressHere('2001:db8:1::1'), km: 9376 },
  ])('$name', async ({ originPoint, km }) => {
    const table = await tableOf([...FILES, ...CITIES], { originPoint })
    expect(attributesOf(table, '8.8.8.8')?.distance).toBe(km)
  })

  it.each(['::ffff:66.128.51.163', '64:ff9b::66.128.51.163'])(
    'are those from the IPv4 address that %s stands for',
    async (address) => {
      const table = await tableOf([...FILES, ...CITIES], { originPoint: addressHere(address) })
      const plain = await tableOf([...FILES, ...CITIES], { originPoint: addressHere('66.128.51.163') })
      const distance = attributesOf(plain, '8.8.8.8')?.distance
      expect(distance).toBeGreaterThan(0)
      expect(attributesOf(table, '8.8.8.8')?.distance).toBe(distance)
    },
  )

  it('are 0 at the same place, and unknown where the place is', async () => {
    const table = await tableOf([...FILES, ...CITIES], { originPoint: addressHere('66.128.51.163') })
    expect(attributesOf(table, '66.128.51.1')).toMatchObject({ distance: 0, distanceIsRough: false })
    expect(attributesOf(table, '9.200.0.1')?.distance).toBeNull()
  })

  it.each(['10.0.0.1', '9.200.0.1', '2001:db9::1'])(
    'cannot be told from %s, of which nothing is known: they are unknown, and a warning says so',
    async (address) => {
      const table = await tableOf(FILES, { originPoint: addressHere(address) })
      expect(attributesOf(table, '8.8.8.8')).toMatchObject({ distance: null, distanceIsRough: false })
      expect(originPointWarning(addressHere(address), table)).toBe(
        `here: no source knows where ${address} is, so all distances are --; give latitude and longitude, such as 52.52,13.40`,
      )
    },
  )

  it('need no warning where here is known', async () => {
    const table = await tableOf(FILES)
    for (const originPoint of [undefined, addressHere('8.8.8.8'), { latitude: 1, longitude: 1 }]) {
      expect(originPointWarning(originPoint, table)).toBeNull()
    }
  })
})

describe('the point of a country', () => {
  /** What a city source tells of networks of which it knows the country alone. */
  const countryOnly =
    '66.0.0.0,66.0.255.255,US,,,,,37.751,-97.822,\n8.8.8.0,8.8.8.63,US,,,,,37.751,-97.822,\n'
  const vague: SmallFile = {
    dataset: 'city',
    format: 'ip-location-db-city',
    name: 'vague.csv',
    contents: countryOnly,
  }

  it.each([
    { name: 'an address', originPoint: addressHere('66.1.1.1') },
    { name: 'coordinates that are its point', originPoint: { latitude: 39.59, longitude: -89.72 } },
  ])('is no 0 km for all of it: from $name', async ({ originPoint }) => {
    const table = await tableOf([...FILES, ...CITIES], { originPoint })
    expect(attributesOf(table, '8.8.8.200')).toMatchObject({ distance: null, distanceIsRough: false })
    expect(attributesOf(table, '8.8.8.8')).toMatchObject({
      city: 'Mountain View',
      distance: 2811,
      distanceIsRough: true,
    })
    expect(attributesOf(table, '2001:db8:1::1')).toMatchObject({ city: 'Bern', distanceIsRough: true })
    expect(attributesOf(table, '2001:db8:2::1')).toMatchObject({ city: null, distanceIsRough: true })
    expect(attributesOf(table, '9.200.0.1')).toMatchObject({ distance: null, distanceIsRough: false })
  })

  it('makes a distance to it rough, and one between places is not', async () => {
    const table = await tableOf([...FILES, ...CITIES], {
      originPoint: { latitude: 52.52, longitude: 13.405 },
    })
    expect(attributesOf(table, '8.8.8.8')).toMatchObject({ distance: 9128, distanceIsRough: false })
    expect(attributesOf(table, '8.8.8.200')).toMatchObject({ distance: 7391, distanceIsRough: true })
  })

  it('may be that of a city source, which knows the country alone', async () => {
    const table = await tableOf([vague, ...FILES, ...CITIES], { originPoint: addressHere('66.0.0.1') })
    expect(attributesOf(table, '8.8.8.8')).toMatchObject({
      latitude: 37.751,
      longitude: -97.822,
      distance: null,
    })
    expect(attributesOf(table, '8.8.8.200')).toMatchObject({ latitude: 39.59, distance: null })
    expect(attributesOf(table, '8.8.8.100')).toMatchObject({ city: 'Mountain View', distanceIsRough: true })
    const exact = await tableOf([vague, ...FILES], { originPoint: { latitude: 52.52, longitude: 13.405 } })
    expect(attributesOf(exact, '8.8.8.8')).toMatchObject({ latitude: 37.751, distanceIsRough: true })
  })

  it('is not a place of overrides, nor of a file without names of places', async () => {
    const override: SmallFile = {
      dataset: 'override',
      format: 'overrides',
      name: 'ours.csv',
      contents: 'cidr,asn,country,lat,lon\n8.8.8.0/24,,US,37.4,-122.1\n',
    }
    const nameless: SmallFile = {
      dataset: 'city',
      format: 'csv',
      name: 'nameless.csv',
      contents: 'network,country,latitude,longitude\n8.8.8.0/24,US,37.4,-122.1\n',
    }
    for (const source of [override, nameless]) {
      const table = await tableOf([source, ...FILES], { originPoint: { latitude: 37.4, longitude: -122.1 } })
      expect(attributesOf(table, '8.8.8.8'), source.name).toMatchObject({
        distance: 0,
        distanceIsRough: false,
      })
    }
  })

  it('gives no weight for being near', async () => {
    const weights = {
      ...NO_WEIGHTS,
      distance: [
        { over: 0, weight: 5 },
        { over: 9500, weight: -3 },
      ],
    }
    const originPoint = { latitude: 52.52, longitude: 13.405 }
    const table = await tableOf([...FILES, ...CITIES], { originPoint, weights })
    expect(attributesOf(table, '8.8.8.8')?.score).toBe(5)
    expect(attributesOf(table, '8.8.8.200')?.score).toBe(0)
    const far = await tableOf(FILES, { originPoint: { latitude: -33.9, longitude: 151.2 }, weights })
    expect(attributesOf(far, '8.8.8.8')?.score).toBe(-3)
  })
})

describe('distances of 10,000 addresses', () => {
  const HERE = { latitude: 47.6062, longitude: -122.3321 }
  /** The /24 networks 1.0.0.0 … 1.39.15.0 have places all over the world, by a simple generator. */
  const places = Array.from({ length: 10_000 }, (_, i) => ({
    latitude: Math.round(Math.sin((i + 1) * 12.9898) * 90 * 10_000) / 10_000,
    longitude: Math.round(Math.sin((i + 1) * 78.233) * 180 * 10_000) / 10_000,
  }))
  const octets = (i: number): string => `1.${i >> 8}.${i & 255}`
  const files: readonly SmallFile[] = [
    {
      dataset: 'asn',
      format: 'ip-location-db',
      name: 'asn.csv',
      contents: '1.0.0.0,1.255.255.255,64500,One\n',
    },
    {
      dataset: 'country',
      format: 'ip-location-db',
      name: 'country.csv',
      contents: '1.0.0.0,1.255.255.255,AU\n',
    },
  ]
  const tables: { format: string; table: Table }[] = []

  beforeAll(async () => {
    const csv = places
      .map(
        ({ latitude, longitude }, i) =>
          `${octets(i)}.0,${octets(i)}.255,AU,,,City ${i},,${latitude},${longitude},\n`,
      )
      .join('')
    const mmdb = writeMmdb(
      places.map(({ latitude, longitude }, i) => [
        `${octets(i)}.0/24`,
        {
          country_code: 'AU',
          city: `City ${i}`,
          latitude: Math.fround(latitude),
          longitude: Math.fround(longitude),
        },
      ]),
      { ipVersion: 4, recordSize: 28 },
    )
    const formats = [
      { format: 'ip-location-db-city', contents: csv },
      { format: 'mmdb', contents: mmdb },
    ] as const
    for (const { format, contents } of formats) {
      const city: SmallFile = { dataset: 'city', format, name: format, contents }
      tables.push({ format, table: await tableOf([...files, city], { originPoint: HERE }) })
    }
  }, 60_000)

  it('agree with an independent computation, from either format', () => {
    expect(tables.map(({ format }) => format)).toEqual(['ip-location-db-city', 'mmdb'])
    for (const { table } of tables) {
      const faults = places.filter((place, i) => {
        const attributes = addressAttributes(table, [0x0100004d + i * 256])
        const km = attributes?.distance ?? Number.NaN
        // Rounding may fall on either side of a half; a wrong place or formula is many kilometres off.
        return attributes?.city !== `City ${i}` || !(Math.abs(km - byVectors(HERE, place)) <= 0.501)
      })
      expect(faults).toEqual([])
    }
  })
})

interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** The distance by the angle between two vectors: nothing in common with the haversine formula. */
function byVectors(a: Coordinates, b: Coordinates): number {
  const vector = ({ latitude, longitude }: Coordinates): readonly [number, number, number] => {
    const phi = (latitude / 180) * Math.PI
    const lambda = (longitude / 180) * Math.PI
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
  }
  const [ax, ay, az] = vector(a)
  const [bx, by, bz] = vector(b)
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
  return 6371 * Math.atan2(cross, ax * bx + ay * by + az * bz)
}
