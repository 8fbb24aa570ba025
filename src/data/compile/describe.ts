// Turns the numbers of the layers into the contents of records: texts, distance and score.

import { haversine } from '../../score/haversine.ts'
import type { Scorer } from '../../score/scorer.ts'
import type { PrefixWeight } from '../../score/weights.ts'
import { ATTRIBUTE } from '../../table/build/record-attributes.ts'
import type { Country, Describe, Score } from '../../table/build/record-texts.ts'
import { RPKI_CODE } from '../../table/layout.ts'
import { COUNTRY_VALUES, countryCode, countryNumber } from '../countries.ts'
import { withoutBraces } from '../formats/reading/origins.ts'
import type { LearnedValues } from './learned.ts'
import type { Locations } from './locations.ts'
import type { Coordinates } from './origin-point.ts'
import type { ValueTables } from './value-tables.ts'

/** No distance on Earth reaches it. */
const UNKNOWN = 0xffff

/** Added to a distance that has the point of a country for an end. */
const ROUGH = 0x10000

/** Above all distances, rough or not. */
const DISTANCES = 2 * ROUGH

/** Above all codes of states of RPKI. */
const RPKI_CODES = 8

/** What distances are counted from, and what scores are made of. */
export interface Scoring {
  /** Where distances are counted from; null for no distances. */
  readonly originPoint: Coordinates | null
  readonly scorer: Scorer
  /** A prefix's value is 1 + its index. */
  readonly prefixes: readonly PrefixWeight[]
  /** Null where nothing was learned. */
  readonly learned: LearnedValues | null
}

/** How records are described. An address whose place isn't known is at its country's point. */
export function describer(
  valueTables: ValueTables,
  { originPoint, scorer, prefixes, learned: learnedValues }: Scoring,
): Describe {
  const { asNames, registries, labels, origins, locations, rpki: rpkiStates } = valueTables
  const countries = new Map<number, Country>()
  const countryOf = (value: number): Country => {
    const known = countries.get(value)
    if (known !== undefined) return known
    const code = countryCode(value)
    const country = { code, number: countryNumber(code) }
    countries.set(value, country)
    return country
  }
  const distances = distancesFrom(originPoint, locations)
  /** Scores by country, distance and state of RPKI alone, as those of nearly all records are. */
  const scores = new Map<number, Score>()
  return (attributes) => {
    const asn = attributes[ATTRIBUTE.asn]
    const country = attributes[ATTRIBUTE.country] === 0 ? undefined : countryOf(attributes[ATTRIBUTE.country])
    const place = attributes[ATTRIBUTE.location] || attributes[ATTRIBUTE.country]
    const location = locations.isKnown(place) ? place : 0
    const measured = distances[location]
    const distance = measured === UNKNOWN ? undefined : measured & UNKNOWN
    const isRough = measured >= ROUGH
    const weight = attributes[ATTRIBUTE.weight]
    const rpki = rpkiStates.state(attributes[ATTRIBUTE.rpki])
    const code = rpki === undefined ? 0 : RPKI_CODE[rpki.state]
    const learned = learnedValues?.of(attributes[ATTRIBUTE.learned], asn, attributes[ATTRIBUTE.country])
    const key =
      weight === 0 && learned === undefined && !scorer.weighsAs(asn)
        ? (attributes[ATTRIBUTE.country] * RPKI_CODES + code) * DISTANCES + measured
        : -1
    let score = scores.get(key)
    if (score === undefined) {
      score = scorer.weigh({
        asn: asn === 0 ? null : asn,
        country: country?.code ?? null,
        distance: distance ?? null,
        isRough,
        prefix: weight === 0 ? null : prefixes[weight - 1],
        rpki: rpki?.state ?? null,
        learned: learned?.part ?? null,
      })
      if (key >= 0) scores.set(key, score)
    }
    return {
      asn: asn === 0 ? undefined : String(asn),
      name: labels.text(attributes[ATTRIBUTE.label]) || asNames.get(asn),
      origins:
        attributes[ATTRIBUTE.origins] === 0
          ? undefined
          : withoutBraces(origins.text(attributes[ATTRIBUTE.origins])),
      country,
      registry: registries.text(attributes[ATTRIBUTE.registry]),
      rpki,
      allocated:
        attributes[ATTRIBUTE.allocated] === 0 ? undefined : dateText(attributes[ATTRIBUTE.allocated]),
      location: location === 0 ? undefined : location,
      distance,
      isRough,
      score,
      reputation: learned?.reputation,
    }
  }
}

/**
 * The distance of every place in whole kilometres, UNKNOWN where either end isn't known. Between two places of which
 * no more is known than that they are in one country, it isn't known either: they may be at both ends of it.
 */
function distancesFrom(originPoint: Coordinates | null, locations: Locations): Uint32Array {
  const distances = new Uint32Array(1 + COUNTRY_VALUES + locations.count).fill(UNKNOWN)
  if (originPoint === null) return distances
  /** The countries that here is the point of, be it named by an address or by its coordinates. */
  const homes = new Set<number>()
  for (let location = 1; location < distances.length; location++) {
    if (locations.isCountryPoint(location) && locations.isAt(location, originPoint))
      homes.add(locations.country(location))
  }
  for (let location = 1; location < distances.length; location++) {
    if (!locations.isKnown(location)) continue
    const isPoint = locations.isCountryPoint(location)
    if (isPoint && homes.has(locations.country(location))) continue
    const [latitude, longitude] = [locations.latitude(location), locations.longitude(location)]
    const distance = haversine(originPoint.latitude, originPoint.longitude, latitude, longitude)
    distances[location] = isPoint || homes.size > 0 ? distance + ROUGH : distance
  }
  return distances
}

/** 20231228 as 2023-12-28. */
function dateText(date: number): string {
  const digits = String(date)
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
}
