// City files of ip-location-db.

import { describe, expect, it } from 'vitest'
import { Collector } from '../../../src/data/compile/collector.ts'
import { ValueTables } from '../../../src/data/compile/value-tables.ts'
import { countryCode, countryValue } from '../../../src/data/countries.ts'
import { readCsv as readCityCsv } from '../../../src/data/formats/csv.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import { valueAt } from '../../../src/table/interval-map.ts'

const POINTS = new Map([[countryValue('AU'), { continent: 'OC', latitude: -33.92, longitude: 147.45 }]])

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(csv: string | Buffer, dataset: 'city' | 'country' = 'city', chunk = csv.length) {
  const bytes = Buffer.from(csv as string)
  const into = new Collector(dataset, new ValueTables(POINTS))
  await readCityCsv({ name: 'city.csv', chunks: chunksOf(bytes, chunk) }, into)
  const valueFor = (family: 4 | 6, words: number[]): number => {
    const rows = into.layersOf(family)[0]?.rows
    return rows === undefined ? 0 : valueAt(flatten(rows.finish()).intervals, Uint32Array.from(words))
  }
  const placeOf = (family: 4 | 6, ...words: number[]): string | null => {
    const value = valueFor(family, words)
    if (value === 0) return null
    const { city, region, country, latitude, longitude } = into.valueTables.locations.describe(value)
    return [city, region, country, latitude, longitude].join(' | ')
  }
  return { into, placeOf, valueFor }
}

const BRISBANE = '1.0.0.0,1.0.0.255,AU,Queensland,,South Brisbane,,-27.4767,153.017,\n'
const MAPUTO =
  '2c0f:fb90::,2c0f:fb90:ffff:ffff:ffff:ffff:ffff:ffff,MZ,Maputo City,,"Maputo (Polana Cimento""A"")",,-25.977,32.5939,\n'

describe('readCityCsv', () => {
  it('reads IPv4 rows', async () => {
    const { placeOf } = await read(BRISBANE)
    expect(placeOf(4, 0x01000000)).toBe('South Brisbane | Queensland | AU | -27.4767 | 153.017')
    expect(placeOf(4, 0x010000ff)).toBe('South Brisbane | Queensland | AU | -27.4767 | 153.017')
    expect(placeOf(4, 0x00ffffff)).toBeNull()
    expect(placeOf(4, 0x01000100)).toBeNull()
  })

  it('reads IPv6 rows, quotes included, however the file is cut', async () => {
    for (const chunk of [1, 7, 1000]) {
      expect((await read(MAPUTO, 'city', chunk)).placeOf(6, 0x2c0ffb90, 1, 2, 3)).toBe(
        "Maputo (Polana Cimento'A') | Maputo City | MZ | -25.977 | 32.5939",
      )
    }
  })

  it('reads both families in one file and counts their rows', async () => {
    const { into, placeOf } = await read(BRISBANE + MAPUTO + BRISBANE.replaceAll('1.0.0', '1.0.1'))
    expect(into.rows).toEqual({ 4: 2, 6: 1 })
    expect(placeOf(4, 0x010001ff)).toContain('South Brisbane')
    expect(placeOf(6, 0x2c0ffb90, 0, 0, 0)).toContain('Maputo')
  })

  it('reads addresses as numbers', async () => {
    const csv = '16777216,16777471,AU,Queensland,,South Brisbane,,-27.4767,153.017,\n'
    expect((await read(csv)).placeOf(4, 0x01000001)).toContain('South Brisbane')
    const big =
      '42540488161975842760550356425300246528,42540488241204005274814694018844196863,AU,,,Perth,,-31.9,115.8,\n'
    expect((await read(big)).placeOf(6, 0x20010000, 0, 0, 0)).toContain('Perth')
  })

  it('puts a row without coordinates at the point of its country', async () => {
    expect((await read(`${BRISBANE}2.0.0.0,2.0.0.255,au,,,Perth,,,,\n`)).placeOf(4, 0x02000000)).toBe(
      ' |  | AU | -33.92 | 147.45',
    )
  })

  it('leaves out a row that says nothing', async () => {
    expect((await read(`${BRISBANE}2.0.0.0,2.0.0.255,ZZ,,,,,0,0,\n`)).placeOf(4, 0x02000000)).toBeNull()
  })

  it.each([
    { name: 'nothing', csv: '', reason: 'city.csv:1: the file is empty; fetch it again' },
    {
      name: 'too few columns',
      csv: '1.0.0.0,1.0.0.255,AU\n',
      reason: 'city.csv:1: 3 columns, as no file that is known has; give it a header',
    },
    {
      name: 'start above end',
      csv: `${BRISBANE}1.0.2.0,1.0.1.0,AU,,,,,1,1,\n`,
      reason: 'city.csv:2: start 1.0.2.0 is above end 1.0.1.0',
    },
    {
      name: 'a start that is not an address',
      csv: `${BRISBANE}1.0.256.0,1.0.1.0,AU,,,,,1,1,\n`,
      reason: "city.csv:2: '1.0.256.0' is not an IPv4 address",
    },
    {
      name: 'an end of the other family',
      csv: '1.0.0.0,2001:db8::,AU,,,,,1,1,\n',
      reason: "city.csv:1: '2001:db8::' is not an IPv4 address",
    },
    {
      name: 'text among numbers',
      csv: '16777216,1.0.0.255,AU,,,,,1,1,\n',
      reason: "city.csv:1: '1.0.0.255' is not an IPv6 address as a number",
    },
    {
      name: 'a country of three letters',
      csv: `${BRISBANE}1.0.1.0,1.0.1.0,AUS,,,,,1,1,\n`,
      reason: "city.csv:2: 'AUS' is not a two-letter country code",
    },
    {
      name: 'a latitude beyond the pole',
      csv: '1.0.1.0,1.0.1.0,AU,,,,,90.5,1,\n',
      reason: "city.csv:1: '90.5' is not a number of degrees up to 90",
    },
    {
      name: 'a longitude in hexadecimal',
      csv: '1.0.1.0,1.0.1.0,AU,,,,,9,0x10,\n',
      reason: "city.csv:1: '0x10' is not a number of degrees up to 180",
    },
    {
      name: 'a name that is not UTF-8',
      csv: Buffer.from('1.0.1.0,1.0.1.0,AU,,,M\xfcnchen,,9,9,\n', 'latin1'),
      reason: 'city.csv:1: column 6 is not UTF-8',
    },
    {
      name: 'a file of which no row tells a place',
      csv: '1.0.0.0,1.0.0.255,ZZ,,,,,0,0,\n',
      reason: 'city.csv:1: no row tells a place',
    },
  ])('refuses $name', async ({ csv, reason }) => {
    await expect(read(csv)).rejects.toThrow(reason)
  })

  it('tells the countries, too', async () => {
    const { valueFor } = await read(`${BRISBANE}2.0.0.0,2.0.0.255,nz,,,Auckland,,-36,174,\n`, 'country')
    expect(countryCode(valueFor(4, [0x01000001]))).toBe('AU')
    expect(countryCode(valueFor(4, [0x02000001]))).toBe('NZ')
  })
})
