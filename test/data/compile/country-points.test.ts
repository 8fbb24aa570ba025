// The points of countries.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCountryPoints } from '../../../src/data/compile/country-points.ts'
import { allCountryCodes, countryValue } from '../../../src/data/countries.ts'
import { haversine } from '../../../src/score/haversine.ts'
import { temporaryFolder } from '../../support/folders.ts'

describe('data/country-points.csv', () => {
  it('has a point and a continent for all 251 codes and no others', async () => {
    const points = await readCountryPoints()
    expect([...points.keys()].sort((a, b) => a - b)).toEqual(allCountryCodes().map(countryValue))
    expect(points.size).toBe(251)
    for (const { continent } of points.values())
      expect('AF AN AS EU NA OC SA'.split(' ')).toContain(continent)
  })

  it.each([
    // The capital, and how far the mean of all addresses may be from it.
    { name: 'Germany', code: 'DE', capital: [52.52, 13.4], within: 400 },
    { name: 'Luxembourg', code: 'LU', capital: [49.61, 6.13], within: 50 },
    { name: 'Kosovo', code: 'XK', capital: [42.67, 21.17], within: 80 },
    { name: 'Fiji, on both sides of the 180th meridian', code: 'FJ', capital: [-18.14, 178.44], within: 100 },
    { name: 'Russia, whose addresses are in its west', code: 'RU', capital: [55.75, 37.62], within: 1000 },
    { name: 'the Netherlands Antilles, that are no more', code: 'AN', capital: [12.11, -68.93], within: 300 },
  ])('is right for $name', async ({ code, capital: [latitude, longitude], within }) => {
    const point = (await readCountryPoints()).get(countryValue(code))
    expect(haversine(point?.latitude ?? 0, point?.longitude ?? 0, latitude, longitude)).toBeLessThan(within)
  })

  it.each([
    { name: 'a country of three letters', row: 'DEU,EU,50,9', reason: ":2: 'DEU' and 'EU' are not" },
    { name: 'no continent', row: 'DE,,50,9', reason: ":2: 'DE' and '' are not" },
    { name: 'a latitude beyond the pole', row: 'DE,EU,91,9', reason: ":2: '91' and '9' are not a latitude" },
    { name: 'a missing longitude', row: 'DE,EU,91', reason: ':2: a row needs country' },
  ])('refuses $name', async ({ row, reason }) => {
    const file = join(temporaryFolder(), 'points.csv')
    writeFileSync(file, `country,continent,latitude,longitude\n${row}\n`)
    await expect(readCountryPoints(file)).rejects.toThrow(`${file}${reason}`)
  })
})
