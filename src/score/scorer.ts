// Weighs what is known of an address: a sum, and the parts that it is made of.

import type { PrefixWeight, RpkiWeights, Weights } from './weights.ts'

/** What is known of an address; what is not known is null. */
export interface Weighable {
  readonly asn: number | null
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string | null
  /** Kilometres. */
  readonly distance: number | null
  /** Whether the distance is only as good as the point of a country. */
  readonly isRough: boolean
  /** The most specific of the listed prefixes that the address lies in. */
  readonly prefix: PrefixWeight | null
  /** What RPKI says of its prefix and AS. */
  readonly rpki: keyof RpkiWeights | null
  readonly learned: LearnedPart | null
}

/** The most octets of all parts in one line: with more, what was learned is told without its evidence. */
export const MAX_PARTS = 200

/** What was learned of an address, as a part of its score. */
export interface LearnedPart {
  /** Such as `AS14061 22 spam 2 ham`. */
  readonly evidence: string
  readonly weight: number
}

/** A sum of weights. */
export interface Verdict {
  /** Negative for suspicious. */
  readonly sum: number
  /** Every part that isn't 0, such as `country CN -5 | distance 8123 km -1`. */
  readonly parts: string
}

/** A band of distance. */
interface Band {
  readonly over: number
  readonly weight: number
  /** Whether it welcomes what is closer than a farther band, which a rough distance never counts as. */
  readonly isForNear: boolean
}

/** Weighs addresses with one set of weights. */
export class Scorer {
  readonly #countries = new Map<string, number>()
  readonly #asns = new Map<number, number>()
  readonly #default: number
  readonly #unknown: number
  readonly #rpki: RpkiWeights
  /** The farthest band first. */
  readonly #bands: readonly Band[]

  constructor(weights: Weights) {
    for (const { codes, weight } of weights.countries) {
      for (const code of codes) if (!this.#countries.has(code)) this.#countries.set(code, weight)
    }
    for (const { asns, weight } of weights.asns) {
      for (const asn of asns) if (!this.#asns.has(asn)) this.#asns.set(asn, weight)
    }
    this.#default = weights.default
    this.#unknown = weights.unknown
    this.#rpki = weights.rpki
    const bands = [...weights.distance].sort((a, b) => b.over - a.over)
    this.#bands = bands.map((band, i) => {
      return {
        ...band,
        isForNear: band.weight > 0 && bands.slice(0, i).some(({ weight }) => weight < band.weight),
      }
    })
  }

  /** Whether an AS has a weight of its own. */
  weighsAs(asn: number): boolean {
    return this.#asns.has(asn)
  }

  /** The score of an address. */
  weigh({ asn, country, distance, isRough, prefix, rpki, learned }: Weighable): Verdict {
    let sum = 0
    let parts = ''
    const add = (what: string, weight: number): void => {
      if (weight === 0) return
      sum += weight
      parts += `${parts === '' ? '' : ' | '}${what} ${weight}`
    }
    if (country === null) add('country unknown', this.#unknown)
    else add(`country ${country}`, this.#countries.get(country) ?? this.#default)
    if (distance !== null) {
      const band = this.#bands.find(({ over }) => distance > over)
      if (band !== undefined && !(isRough && band.isForNear)) add(`distance ${distance} km`, band.weight)
    }
    if (asn !== null) add(`AS${asn}`, this.#asns.get(asn) ?? 0)
    if (prefix !== null) add(`prefix ${prefix.cidr}`, prefix.weight)
    if (rpki !== null) add(`rpki ${rpki}`, this.#rpki[rpki])
    if (learned !== null) {
      const { evidence, weight } = learned
      const fits = `${parts} | learned ${evidence} ${weight}`.length <= MAX_PARTS
      add(fits ? `learned ${evidence}` : 'learned', weight)
    }
    return { sum, parts }
  }
}
