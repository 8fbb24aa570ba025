// The setting `here`: a place on Earth, or a public address of which the data knows the place.

import { z } from 'zod'
import type { OriginPoint } from '../data/compile/origin-point.ts'
import { parseCidr } from '../table/cidr-text.ts'

const latitude = z.number('degrees north of the equator').min(-90).max(90)
const longitude = z.number('degrees east of Greenwich').min(-180).max(180)
const coordinates = z.strictObject({ lat: latitude, lon: longitude })

const EXPECTED = 'an IP address, LAT,LON such as 52.52,13.40, or {lat: 52.52, lon: 13.40}'

/** Reads `{lat, lon}`, `LAT,LON` and an address. */
export const originPointSchema = z.unknown().transform((value, context): OriginPoint => {
  const wrong = (message: string): OriginPoint => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const pair = typeof value === 'string' ? /^\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*$/.exec(value) : null
  if (typeof value === 'string' && pair === null)
    return pointOfAddress(value) ?? wrong(`'${value}' is not ${EXPECTED}`)
  const parsed = coordinates.safeParse(pair === null ? value : { lat: Number(pair[1]), lon: Number(pair[2]) })
  if (!parsed.success) return wrong(`${pair === null ? 'it' : `'${value}'`} is not ${EXPECTED}`)
  return { latitude: parsed.data.lat, longitude: parsed.data.lon }
})

function pointOfAddress(address: string): OriginPoint | null {
  try {
    const cidr = parseCidr(address)
    return cidr.length === (cidr.family === 4 ? 32 : 128) ? { address } : null
  } catch {
    return null
  }
}
