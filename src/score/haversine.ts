// The distance between two places on Earth.

/** The Earth's mean radius in km. */
const EARTH_RADIUS = 6371

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/**
 * The great-circle distance in whole kilometres between two places in decimal degrees, by the haversine formula.
 *
 * Radius, order of operations and rounding are those that haraka-plugin-geoip prints, so that limits which were
 * set for it keep their meaning.
 */
export function haversine(
  latitude1: number,
  longitude1: number,
  latitude2: number,
  longitude2: number,
): number {
  const sinLatitude = Math.sin(radians(latitude2 - latitude1) / 2)
  const sinLongitude = Math.sin(radians(longitude2 - longitude1) / 2)
  const a =
    sinLatitude * sinLatitude +
    sinLongitude * sinLongitude * Math.cos(radians(latitude1)) * Math.cos(radians(latitude2))
  // Rounding may lift a hair above 1 where two places are opposite each other.
  const angle = 2 * Math.atan2(Math.sqrt(a), Math.sqrt(Math.max(0, 1 - a)))
  return Number((EARTH_RADIUS * angle).toFixed(0))
}
