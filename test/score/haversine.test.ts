// Distances on Earth.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { haversine } from '../../src/score/haversine.ts'

/** The same distance by another way: the angle between two vectors. */
function byVectors(latitude1: number, longitude1: number, latitude2: number, longitude2: number): number {
  const vector = (latitude: number, longitude: number): [number, number, number] => {
    const phi = (latitude / 180) * Math.PI
    const lambda = (longitude / 180) * Math.PI
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
  }
  const a = vector(latitude1, longitude1)
  const b = vector(latitude2, longitude2)
  const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
  return 6371 * Math.atan2(Math.hypot(...cross), dot)
}

describe('haversine', () => {
  it.each([
    // What haraka-plugin-geoip 1.1.2 prints for these places.
    { name: 'the same place', places: [52.52, 13.405, 52.52, 13.405], km: 0 },
    { name: 'Seattle to Dallas', places: [47.6062, -122.3321, 32.7767, -96.797], km: 2703 },
    { name: 'Berlin to Sydney', places: [52.52, 13.405, -33.8688, 151.2093], km: 16094 },
    { name: 'over the 180th meridian', places: [-18.14, 178.44, -13.83, -171.76], km: 1152 },
    { name: 'pole to pole', places: [90, 0, -90, 0], km: 20015 },
    { name: 'opposite places on the equator', places: [0, 0, 0, 180], km: 20015 },
    { name: 'half a degree of the equator', places: [0, 0, 0, 0.5], km: 56 },
  ])('$name', ({ places: [latitude1, longitude1, latitude2, longitude2], km }) => {
    expect(haversine(latitude1, longitude1, latitude2, longitude2)).toBe(km)
  })

  it('agrees with vectors, is the same in both directions and never more than half round the Earth', () => {
    const latitude = fc.double({ min: -90, max: 90, noNaN: true })
    const longitude = fc.double({ min: -180, max: 180, noNaN: true })
    fc.assert(
      fc.property(latitude, longitude, latitude, longitude, (a, b, c, d) => {
        const km = haversine(a, b, c, d)
        expect(Number.isInteger(km)).toBe(true)
        expect(km).toBe(haversine(c, d, a, b))
        expect(km).toBeLessThanOrEqual(20015)
        // Half a kilometre is what rounding may take; the rest is floating point near opposite places.
        expect(Math.abs(km - byVectors(a, b, c, d))).toBeLessThanOrEqual(0.5001)
      }),
      { numRuns: 2000 },
    )
  })
})
