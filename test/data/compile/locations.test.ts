// Places as numbers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locationValue } from '../../../src/data/compile/location-value.ts'
import { Locations } from '../../../src/data/compile/locations.ts'
import { COUNTRY_VALUES, countryValue } from '../../../src/data/countries.ts'

const US = countryValue('US')
const POINTS = new Map([[US, { continent: 'NA', latitude: 39.59, longitude: -89.72 }]])

describe('Locations', () => {
  it('numbers a place once, whatever else is numbered', () => {
    const place = fc.record({
      city: fc.constantFrom('', 'Berlin', 'Bern'),
      region: fc.constantFrom('', 'BE'),
      country: fc.constantFrom(0, US, countryValue('CH')),
      latitude: fc.integer({ min: -900_000, max: 900_000 }),
      longitude: fc.integer({ min: -1_800_000, max: 1_800_000 }),
    })
    fc.assert(
      fc.property(fc.array(place, { maxLength: 5000 }), (places) => {
        const locations = new Locations(POINTS)
        const add = ({ city, region, country, latitude, longitude }: (typeof places)[number]) =>
          locations.add(city, region, country, latitude / 10_000, longitude / 10_000)
        const numbers = places.map(add)
        expect(places.map(add)).toEqual(numbers)
        expect(new Set(numbers).size).toBe(new Set(places.map((one) => JSON.stringify(one))).size)
        expect(locations.count).toBe(new Set(numbers).size)
        const wrong = places.filter(({ city, region, country, latitude, longitude }, i) => {
          const text = locations.describe(numbers[i])
          return !(
            numbers[i] > COUNTRY_VALUES &&
            locations.country(numbers[i]) === country &&
            locations.latitude(numbers[i]) === latitude / 10_000 &&
            locations.longitude(numbers[i]) === longitude / 10_000 &&
            text.city === city &&
            text.region === region &&
            Number(text.latitude) === latitude / 10_000
          )
        })
        expect(wrong).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it('has the points of countries without being told', () => {
    const locations = new Locations(POINTS)
    expect(locations.isKnown(US)).toBe(true)
    expect(locations.latitude(US)).toBe(39.59)
    expect(locations.describe(US)).toEqual({
      city: '',
      region: '',
      country: 'US',
      continent: 'NA',
      latitude: '39.59',
      longitude: '-89.72',
    })
  })

  it('knows nothing of a country without a point', () => {
    const locations = new Locations(POINTS)
    expect(locations.isKnown(countryValue('EU'))).toBe(false)
    expect(locations.isKnown(0)).toBe(false)
    expect(locations.latitude(countryValue('EU'))).toBeNaN()
  })
})

describe('locationValue', () => {
  const place = { country: US, region: 'WA', city: 'Seattle', latitude: 47.6, longitude: -122.3 }

  it.each([
    { name: 'no latitude: the point of the country', change: { latitude: null }, value: US },
    { name: 'no longitude: the point of the country', change: { longitude: null }, value: US },
    { name: '0°, 0°: the point of the country', change: { latitude: 0, longitude: 0 }, value: US },
    { name: 'neither coordinates nor country: nothing', change: { latitude: null, country: 0 }, value: 0 },
    { name: '0° of latitude alone is a place', change: { latitude: 0 }, value: COUNTRY_VALUES + 1 },
  ])('$name', ({ change, value }) => {
    expect(locationValue(new Locations(POINTS), { ...place, ...change })).toBe(value)
  })

  it('sanitises names', () => {
    const locations = new Locations(POINTS)
    const value = locationValue(locations, { ...place, city: 'a|b\u0000', region: '"x"' })
    expect(locations.describe(value)).toMatchObject({ city: 'a/b', region: "'x'" })
  })
})
