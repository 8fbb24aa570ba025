// Turns the numbers of the layers into the contents of records: texts, distance and score.

import { haversine } from '../score/haversine.ts'
import type { Scorer } from '../score/scorer.ts'
import type { PrefixWeight } from '../score/weights.ts'
import { FACT } from '../table/record-facts.ts'
import type { Country, Describe, Score } from '../table/record-texts.ts'
import { COUNTRY_VALUES, countryCode, countryNumber } from './countries.ts'
import type { Coordinates } from './here.ts'
import type { Locations } from './locations.ts'
import type { Vocabulary } from './vocabulary.ts'

/** No distance on Earth reaches it. */
const UNKNOWN = 0xffff

/** How addresses are judged. */
export interface Judgement {
  /** Where distances are counted from; null for no distances. */
  readonly here: Coordinates | null
  readonly scorer: Scorer
  /** A prefix's value is 1 + its index. */
  readonly prefixes: readonly PrefixWeight[]
}

/** How records are described. An address whose place isn't known is at its country's point. */
export function describer(vocabulary: Vocabulary, { here, scorer, prefixes }: Judgement): Describe {
  const { asNames, registries, labels, origins, locations } = vocabulary
  const countries = new Map<number, Country>()
  const countryOf = (value: number): Country => {
    const known = countries.get(value)
    if (known !== undefined) return known
    const code = countryCode(value)
    const country = { code, number: countryNumber(code) }
    countries.set(value, country)
    return country
  }
  const distances = distancesFrom(here, locations)
  /** Scores by country and distance alone, as those of nearly all records are. */
  const scores = new Map<number, Score>()
  return (facts) => {
    const asn = facts[FACT.asn]
    const country = facts[FACT.country] === 0 ? undefined : countryOf(facts[FACT.country])
    const place = facts[FACT.location] || facts[FACT.country]
    const location = locations.isKnown(place) ? place : 0
    const distance = distances[location] === UNKNOWN ? undefined : distances[location]
    const weight = facts[FACT.weight]
    const key =
      weight === 0 && !scorer.weighsAs(asn) ? facts[FACT.country] * (UNKNOWN + 1) + distances[location] : -1
    let score = scores.get(key)
    if (score === undefined) {
      score = scorer.weigh({
        asn: asn === 0 ? null : asn,
        country: country?.code ?? null,
        distance: distance ?? null,
        prefix: weight === 0 ? null : prefixes[weight - 1],
      })
      if (key >= 0) scores.set(key, score)
    }
    return {
      asn: asn === 0 ? undefined : String(asn),
      name: labels.text(facts[FACT.label]) || asNames.get(asn),
      origins: facts[FACT.origins] === 0 ? undefined : origins.text(facts[FACT.origins]),
      country,
      registry: registries.text(facts[FACT.registry]),
      allocated: facts[FACT.allocated] === 0 ? undefined : dateText(facts[FACT.allocated]),
      location: location === 0 ? undefined : location,
      distance,
      score,
    }
  }
}

/** The distance of every place in whole kilometres, UNKNOWN where either end isn't known. */
function distancesFrom(here: Coordinates | null, locations: Locations): Uint16Array {
  const distances = new Uint16Array(1 + COUNTRY_VALUES + locations.count).fill(UNKNOWN)
  if (here === null) return distances
  for (let location = 1; location < distances.length; location++) {
    if (!locations.isKnown(location)) continue
    const latitude = locations.latitude(location)
    distances[location] = haversine(here.latitude, here.longitude, latitude, locations.longitude(location))
  }
  return distances
}

/** 20231228 as 2023-12-28. */
function dateText(date: number): string {
  const digits = String(date)
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
}
