// Which DNS zones an export is of, and of which families.

import { AsnzoneError } from '../errors.ts'
import type { Zone } from '../zones/zone.ts'
import { tellsAddress } from './zone-answer.ts'
import { familiesOf } from './zone-entries.ts'

/** What is asked for: a zone by its name or its id, the lists of countries, or the names of ASes. */
export interface ZoneChoice {
  readonly zone?: string
  readonly country?: readonly string[]
  readonly isOfAsNames: boolean
}

/**
 * The zones that are asked for.
 *
 * @param domain where the own zones are
 * @throws {AsnzoneError} `ASNZONE_EXPORT` when there is no such zone, or none is named.
 */
export function zonesFor(
  zones: readonly Zone[],
  domain: string,
  { zone, country, isOfAsNames }: ZoneChoice,
): readonly Zone[] {
  const named = (name: string): Zone => {
    const plain = name.toLowerCase().replace(/\.$/, '')
    const found = zones.find((it) => it.name === plain)
    const ofId = zones.filter(({ body }) => body.id === plain)
    if (found !== undefined) return found
    if (ofId.length === 1) return ofId[0]
    throw wrong(`there is no zone ${name}; asnzone zones lists them`)
  }
  if (zone !== undefined && isOfAsNames) throw wrong('--zone or --what as-names, not both')
  if (zone !== undefined) return [named(zone)]
  if (isOfAsNames) return [named(`as.${domain}`)]
  if (country !== undefined) return country.map((code) => named(`${code.toLowerCase()}.country.${domain}`))
  throw wrong('say which zone: --zone NAME, --country CC or --what as-names')
}

/**
 * The families that a file is of.
 *
 * @throws {AsnzoneError} `ASNZONE_EXPORT` when the zone has none of those that were asked for, or the format can't have both.
 */
export function familiesFor(
  name: string,
  oneFamily: boolean,
  zone: Zone,
  asked: 4 | 6 | null,
): readonly (4 | 6)[] {
  if (zone.body.owner === null) throw wrong(`${zone.name} holds nothing below its name`)
  if (zone.body.owner === 'address') {
    throw wrong(
      `${zone.name} has a name for each address as it is written, and no file has so many: export a zone of owner ip`,
    )
  }
  if (tellsAddress(zone)) {
    throw wrong(
      `${zone.name} tells each address its own {ip}, and no file has so many answers: export a zone without it`,
    )
  }
  const has = familiesOf(zone)
  const families = has.filter((family) => asked === null || family === asked)
  if (has.length > 0 && families.length === 0)
    throw wrong(`${zone.name} has no names of IPv${asked} addresses`)
  if (oneFamily && families.length > 1) {
    throw wrong(`${zone.name} is of both families, and ${name} has a file for each: --family 4 or --family 6`)
  }
  return families
}

const wrong = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_EXPORT', message)
