// What can be said of an AS as a whole, from the records of its addresses.

import { ATTRIBUTE, ATTRIBUTE_COUNT } from './record-attributes.ts'

/** Records as they were met; record 0 is none. */
export interface MetRecords {
  readonly count: number
  /** ATTRIBUTE_COUNT numbers a record. */
  readonly attributes: Uint32Array
  /** How many addresses of each family point to each record. */
  readonly addresses4: Float64Array
  readonly addresses6: Float64Array
}

/** One element an AS, ascending by number. */
export interface AsSummaries {
  readonly numbers: Uint32Array
  /** The country that most addresses are in, 0 where none is known. */
  readonly countries: Uint32Array
}

/** Which of the two words of a 64-bit number is the upper one on this machine. */
const UPPER = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0

/**
 * Each AS that was met or is named. IPv4 decides which country has most of its addresses, and IPv6 only between
 * equals: counted together, it would drown IPv4.
 *
 * @param named AS numbers that may have no addresses
 */
export function summariseAses(records: MetRecords, named: Iterable<number>): AsSummaries {
  const { count, attributes, addresses4, addresses6 } = records
  const alone = Uint32Array.from(named)
  const keys = new Uint32Array((count + alone.length) * 2)
  let length = 0
  const add = (asn: number, record: number): void => {
    keys[length * 2 + UPPER] = asn
    keys[length * 2 + 1 - UPPER] = record
    length++
  }
  for (let record = 1; record < count; record++) {
    const asn = attributes[record * ATTRIBUTE_COUNT + ATTRIBUTE.asn]
    if (asn !== 0) add(asn, record)
  }
  for (let i = 0; i < alone.length; i++) add(alone[i], 0)
  // As 64-bit numbers they are sorted by AS, and those of an AS by record, without a call a comparison.
  new BigUint64Array(keys.buffer, 0, length).sort()
  const summaries = {
    numbers: new Uint32Array(length),
    countries: new Uint32Array(length),
  }
  const tally = new Tally()
  let ases = 0
  for (let i = 0; i < length; ) {
    const asn = keys[i * 2 + UPPER]
    tally.clear()
    for (; i < length && keys[i * 2 + UPPER] === asn; i++) {
      const record = keys[i * 2 + 1 - UPPER]
      if (record === 0) continue
      const country = attributes[record * ATTRIBUTE_COUNT + ATTRIBUTE.country]
      if (country !== 0) tally.add(country, addresses4[record], addresses6[record])
    }
    summaries.numbers[ases] = asn
    summaries.countries[ases] = tally.largest()
    ases++
  }
  return {
    numbers: summaries.numbers.slice(0, ases),
    countries: summaries.countries.slice(0, ases),
  }
}

/** Addresses by country, of the few countries that an AS has. */
class Tally {
  readonly #countries: number[] = []
  readonly #addresses4: number[] = []
  readonly #addresses6: number[] = []

  clear(): void {
    this.#countries.length = 0
    this.#addresses4.length = 0
    this.#addresses6.length = 0
  }

  add(country: number, addresses4: number, addresses6: number): void {
    let at = this.#countries.indexOf(country)
    if (at < 0) {
      at = this.#countries.push(country) - 1
      this.#addresses4.push(0)
      this.#addresses6.push(0)
    }
    this.#addresses4[at] += addresses4
    this.#addresses6[at] += addresses6
  }

  /** The country with the most IPv4 addresses; of equals with the most IPv6, then the lower number; 0 of none. */
  largest(): number {
    let best = 0
    for (let at = 1; at < this.#countries.length; at++) {
      const more =
        this.#addresses4[at] - this.#addresses4[best] ||
        this.#addresses6[at] - this.#addresses6[best] ||
        this.#countries[best] - this.#countries[at]
      if (more > 0) best = at
    }
    return this.#countries[best] ?? 0
  }
}
