// Where the server's own host is: what distances are counted from.

import { parseCidr } from '../../table/cidr-text.ts'
import { isEmbedded4 } from '../../table/embedded.ts'
import { type IntervalMap, valueAt } from '../../table/interval-map.ts'
import { lookUp, parseLookupTarget } from '../../table/lookup-target.ts'
import type { Table } from '../../table/table.ts'
import type { Locations } from './locations.ts'

/** A place on Earth in decimal degrees. */
export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** A place, or a public address that the data knows the place of. */
export type OriginPoint = Coordinates | { readonly address: string }

/** The layers of a family that tell where an address is. */
export interface LocationLayers {
  readonly location: IntervalMap
  readonly country: IntervalMap
}

/**
 * The coordinates of here; null when the data doesn't know where the address is.
 */
export function coordinatesOf(
  originPoint: OriginPoint,
  layersOf: (family: 4 | 6) => LocationLayers,
  locations: Locations,
): Coordinates | null {
  if (!('address' in originPoint)) return originPoint
  const { family, start } = parseCidr(originPoint.address)
  const placeAt = (at: 4 | 6, words: Uint32Array): number => {
    const { location, country } = layersOf(at)
    return valueAt(location, words) || valueAt(country, words)
  }
  // An IPv6 address that stands for an IPv4 one is where that is, as in answers.
  const isEmbedded = family === 6 && isEmbedded4(start[0], start[1], start[2])
  const place = (isEmbedded && placeAt(4, start.subarray(3))) || placeAt(family, start)
  if (!locations.isKnown(place)) return null
  return { latitude: locations.latitude(place), longitude: locations.longitude(place) }
}

/** Where distances are counted from, as far as a table knows it. */
export function knownOriginPoint(originPoint: OriginPoint, table: Table): Coordinates | null {
  if (!('address' in originPoint)) return originPoint
  const { latitude = null, longitude = null } =
    lookUp(table, parseLookupTarget(originPoint.address)).attributes ?? {}
  return latitude === null || longitude === null ? null : { latitude, longitude }
}

/** What is to be said where a table doesn't know the place that distances are counted from; null where it does. */
export function originPointWarning(originPoint: OriginPoint | undefined, table: Table): string | null {
  if (
    originPoint === undefined ||
    !('address' in originPoint) ||
    knownOriginPoint(originPoint, table) !== null
  )
    return null
  return `here: no source knows where ${originPoint.address} is, so all distances are --; give latitude and longitude, such as 52.52,13.40`
}
