// What the numbers in the layers stand for; one set of them is shared by all sources of a table.

import type { CountryPoints } from './country-points.ts'
import { Locations } from './locations.ts'
import { Numbered } from './numbered.ts'
import { RpkiStates } from './rpki-states.ts'

/** A place that a file names by GeoNames' number, and others tell of addresses. */
export interface Geoname {
  /** A country's value, 0 when unknown. */
  readonly country: number
  readonly region: string
  readonly city: string
}

/** All texts and places that sources bring. */
export class ValueTables {
  /** The name of each AS, sanitised; the first source that names one wins. */
  readonly asNames = new Map<number, string>()
  readonly registries = new Numbered()
  /** Names that belong to addresses. */
  readonly labels = new Numbered()
  /** Sets of ASes that announce a prefix together, such as `20738 20773`; an AS_SET is in braces. */
  readonly origins = new Numbered()
  readonly rpki = new RpkiStates()
  readonly locations: Locations
  readonly geonames = new Map<number, Geoname>()

  /** @param points where countries are, for addresses of which no more is known */
  constructor(points: CountryPoints = new Map()) {
    this.locations = new Locations(points)
  }

  /** Lets the next source bring so many of each. */
  allow(max: number): void {
    for (const of of [this.registries, this.labels, this.origins, this.locations]) of.allow(max)
  }
}
