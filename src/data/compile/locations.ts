// Places as numbers: the values of a location layer, each combination of names and coordinates once.
//
// 1–676 are the points of countries, numbered as in countries.ts, for addresses of which no more is known; the
// places of a city source follow. Coordinates are kept in ten-thousandths of a degree, some 11 m.

import type { Location } from '../../table/build/record-texts.ts'
import { WordRows } from '../../table/build/word-rows.ts'
import { COUNTRY_VALUES, countryCode } from '../countries.ts'
import type { CountryPoints } from './country-points.ts'
import { tooMany } from './limits.ts'
import { Numbered } from './numbered.ts'

const FRACTIONS = 10_000

/** Added to the country of a place that is the point of its country, as its source has it. */
const COUNTRY_POINT = 1 << 16

/** Words of a place: city, region, country, latitude, longitude. */
const WORDS = 5

/** Decimal degrees. */
interface Degrees {
  readonly latitude: number
  readonly longitude: number
}

/** Places, numbered as they are met. */
export class Locations {
  readonly #points: CountryPoints
  readonly #names = new Numbered()
  readonly #places = new WordRows(WORDS, 1 << 10)
  readonly #place = new Uint32Array(WORDS)
  #allowed = Number.POSITIVE_INFINITY
  #max = Number.POSITIVE_INFINITY

  /** @param points where the countries are */
  constructor(points: CountryPoints) {
    this.#points = points
  }

  /** How many places there are besides the countries' points. */
  get count(): number {
    return this.#places.count
  }

  /** Lets so many places, and names of them, come from now on. */
  allow(max: number): void {
    this.#names.allow(max)
    this.#allowed = this.#places.count + max
    this.#max = max
  }

  /**
   * The number of a place.
   *
   * @param city a sanitised name, '' when unknown
   * @param region a sanitised name, '' when unknown
   * @param country a country's value, 0 when unknown
   * @param isCountryPoint whether the coordinates only stand for the country
   * @throws {RangeError} when too many have come.
   */
  add(
    city: string,
    region: string,
    country: number,
    latitude: number,
    longitude: number,
    isCountryPoint = false,
  ): number {
    const place = this.#place
    place[0] = this.#name(city)
    place[1] = this.#name(region)
    place[2] = isCountryPoint ? country | COUNTRY_POINT : country
    place[3] = Math.round(latitude * FRACTIONS)
    place[4] = Math.round(longitude * FRACTIONS)
    const number = this.#places.numberOf(place)
    if (this.#places.count > this.#allowed) throw tooMany(this.#max, 'different places', 'max-names')
    return COUNTRY_VALUES + 1 + number
  }

  /** Whether a place has coordinates: a country may have no point. */
  isKnown(location: number): boolean {
    return location > COUNTRY_VALUES || this.#points.has(location)
  }

  /** The country's value of a place; 0 when it isn't known. */
  country(location: number): number {
    return location <= COUNTRY_VALUES ? location : this.#word(location, 2) & ~COUNTRY_POINT
  }

  /** Whether a place that has coordinates has them for its country alone. */
  isCountryPoint(location: number): boolean {
    if (location <= COUNTRY_VALUES) return this.#points.has(location)
    return (this.#word(location, 2) & COUNTRY_POINT) !== 0
  }

  /** Whether a place is at these degrees, to the precision that places are kept with. */
  isAt(location: number, { latitude, longitude }: Degrees): boolean {
    const isNear = (a: number, b: number): boolean => Math.round(a * FRACTIONS) === Math.round(b * FRACTIONS)
    return isNear(this.latitude(location), latitude) && isNear(this.longitude(location), longitude)
  }

  /** Degrees; NaN for a country that has no point. */
  latitude(location: number): number {
    if (location <= COUNTRY_VALUES) return this.#points.get(location)?.latitude ?? Number.NaN
    return this.#word(location, 3) / FRACTIONS
  }

  /** Degrees; NaN for a country that has no point. */
  longitude(location: number): number {
    if (location <= COUNTRY_VALUES) return this.#points.get(location)?.longitude ?? Number.NaN
    return this.#word(location, 4) / FRACTIONS
  }

  /** A place as text. */
  describe(location: number): Location {
    const country = this.country(location)
    const known = location > COUNTRY_VALUES
    return {
      city: known ? this.#names.text(this.#word(location, 0)) : '',
      region: known ? this.#names.text(this.#word(location, 1)) : '',
      country: country === 0 ? '' : countryCode(country),
      continent: this.#points.get(country)?.continent ?? '',
      latitude: known ? degrees(this.#word(location, 3)) : degreesOf(this.#points.get(location)?.latitude),
      longitude: known ? degrees(this.#word(location, 4)) : degreesOf(this.#points.get(location)?.longitude),
    }
  }

  #name(name: string): number {
    return name === '' ? 0 : this.#names.numberOf(name)
  }

  /** A word of a place, with its sign. */
  #word(location: number, word: number): number {
    return this.#places.words[wordOf(location) + word] | 0
  }
}

const wordOf = (location: number): number => (location - COUNTRY_VALUES - 1) * WORDS

function degreesOf(value: number | undefined): string {
  return value === undefined ? '' : degrees(Math.round(value * FRACTIONS))
}

/** Ten-thousandths of a degree as degrees; whole numbers are written faster than others. */
function degrees(fractions: number): string {
  const size = Math.abs(fractions)
  const whole = `${fractions < 0 ? '-' : ''}${Math.trunc(size / FRACTIONS)}`
  const rest = size % FRACTIONS
  return rest === 0
    ? whole
    : `${whole}.${String(rest + FRACTIONS)
        .slice(1)
        .replace(/0+$/, '')}`
}
