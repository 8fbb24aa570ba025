// Where the server's own host is: what distances are counted from.

import { AsnzoneError } from '../errors.ts'
import { type Steps, valueAt } from '../table/steps.ts'
import { parseCidr } from './cidr-text.ts'
import type { Locations } from './locations.ts'

/** A place on Earth in decimal degrees. */
export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** A place, or a public address that the data knows the place of. */
export type Here = Coordinates | { readonly address: string }

/** The layers of a family that tell where an address is. */
export interface PlaceLayers {
  readonly location: Steps
  readonly country: Steps
}

/**
 * The coordinates of here.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when the data doesn't know where the address is.
 */
export function coordinatesOf(
  here: Here,
  layersOf: (family: 4 | 6) => PlaceLayers,
  locations: Locations,
): Coordinates {
  if (!('address' in here)) return here
  const { family, start } = parseCidr(here.address)
  const { location, country } = layersOf(family)
  const place = valueAt(location, start) || valueAt(country, start)
  if (!locations.isKnown(place)) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `here: no source knows where ${here.address} is; give latitude and longitude, such as 52.52,13.40`,
    )
  }
  return { latitude: locations.latitude(place), longitude: locations.longitude(place) }
}
