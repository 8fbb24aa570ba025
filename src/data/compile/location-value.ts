// A place as a source tells it becomes a number of the location layer.

import type { Locations } from './locations.ts'
import { sanitiseName } from './names.ts'

/** A place as a source tells it. */
export interface Place {
  /** A country's value, 0 when unknown. */
  readonly country: number
  readonly region: string
  readonly city: string
  /** Degrees, in their bounds; null when unknown. */
  readonly latitude: number | null
  readonly longitude: number | null
  /** Whether its source has no names of places at all. */
  readonly isNameless?: boolean
}

/**
 * The number of a place. Without coordinates it is that of its country's point, and without a country either
 * it is 0, «nothing known». 0°, 0° is in the sea: sources write it for «unknown». Coordinates for which a source that
 * has names tells neither a city nor a region stand for the whole country: the source knows no more.
 */
export function locationValue(locations: Locations, place: Place): number {
  const { country, region, city, latitude, longitude, isNameless = false } = place
  if (latitude === null || longitude === null || (latitude === 0 && longitude === 0)) return country
  const [cityName, regionName] = [sanitiseName(city), sanitiseName(region)]
  const isCountryPoint = country !== 0 && cityName === '' && regionName === '' && !isNameless
  return locations.add(cityName, regionName, country, latitude, longitude, isCountryPoint)
}
