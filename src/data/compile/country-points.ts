// Where countries are for their addresses (data/country-points.csv): the mean of the places of all addresses,
// which is far from the middle of the map in Russia, Canada or Australia.

import { countryValue } from '../countries.ts'
import { readHandwrittenCsv } from '../formats/reading/handwritten-csv.ts'
import { COUNTRY_POINTS_FILE } from './country-points-file.ts'

/** The point of a country. */
export interface CountryPoint {
  /** Two letters: AF, AN, AS, EU, NA, OC or SA. */
  readonly continent: string
  /** Degrees. */
  readonly latitude: number
  readonly longitude: number
}

/** Points by the value of the country; see countries.ts. */
export type CountryPoints = ReadonlyMap<number, CountryPoint>

const COLUMNS = ['country', 'continent', 'latitude', 'longitude']

/** @throws {AsnzoneError} `ASNZONE_DATA` when the file can't be read or a row is wrong. */
export async function readCountryPoints(file: string = COUNTRY_POINTS_FILE): Promise<CountryPoints> {
  const points = new Map<number, CountryPoint>()
  await readHandwrittenCsv(file, COLUMNS, 'ASNZONE_DATA', ([country, continent, latitude, longitude]) => {
    if (!/^[A-Z]{2}$/.test(country) || !/^[A-Z]{2}$/.test(continent)) {
      throw new Error(`'${country}' and '${continent}' are not a country and a continent of two letters each`)
    }
    const point = { continent, latitude: Number(latitude), longitude: Number(longitude) }
    if (!(Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180)) {
      throw new Error(`'${latitude}' and '${longitude}' are not a latitude and a longitude in degrees`)
    }
    points.set(countryValue(country), point)
  })
  return points
}
