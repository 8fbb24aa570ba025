// Clients as the rules see them: an address, and what the table knows of it.

import type { Client, Place } from '../policy/client.ts'
import type { ClientAddress } from '../policy/client-address.ts'
import { countedNetwork } from '../policy/client-address.ts'
import type { Rules } from '../policy/settings.ts'
import { type Attributes, recordAttributes } from '../table/attributes.ts'
import { recordOf, type Table } from '../table/table.ts'
import type { CountryPoint } from './task.ts'

/** How far off a place may be, in km: that of a city, and the point of a country. */
const CITY_RADIUS = 50
const COUNTRY_RADIUS = 1000

/** Records of the table of which the facts are remembered: texts are dear to read, and clients come again. */
const MAX_REMEMBERED = 4096

type KnownFacts = Pick<Client, 'country' | 'asn' | 'score' | 'place'>

const NOTHING: KnownFacts = { country: null, asn: null, score: 0, place: null }

/** Looks clients up in one table. */
export class Clients {
  readonly #table: Table
  readonly #points: ReadonlyMap<string, CountryPoint>
  readonly #remembered = new Map<number, KnownFacts>()

  /** @param points where addresses are that no city is known of, by country */
  constructor(table: Table, points: ReadonlyMap<string, CountryPoint>) {
    this.#table = table
    this.#points = points
  }

  /** An address with its facts. */
  of(address: ClientAddress, { prefixes }: Rules): Client {
    const { country, asn, score, place } = this.#factsOf(address)
    return { address, network: countedNetwork(address, prefixes), country, asn, score, place }
  }

  #factsOf({ family, words }: ClientAddress): KnownFacts {
    const table = this.#table
    const entry =
      family === 4 ? table.find4(words[0]) : table.find6OrEmbedded(words[0], words[1], words[2], words[3])
    if (entry === 0) return NOTHING
    const record = recordOf(entry)
    const known = this.#remembered.get(record)
    if (known !== undefined) return known
    const { country, asn, score, ...facts } = recordAttributes(table, record)
    const found = { country, asn, score, place: this.#placeOf(country, facts) }
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(record, found)
    return found
  }

  #placeOf(
    country: string | null,
    { latitude, longitude, city }: Pick<Attributes, 'latitude' | 'longitude' | 'city'>,
  ): Place | null {
    if (latitude !== null && longitude !== null) {
      const isCity = city !== null
      return { latitude, longitude, isCity, radius: isCity ? CITY_RADIUS : COUNTRY_RADIUS }
    }
    const point = country === null ? undefined : this.#points.get(country)
    return point === undefined ? null : { ...point, isCity: false, radius: COUNTRY_RADIUS }
  }
}
