// Numbers the records of a table as they are met, each combination of facts once, and sums up each AS.

import type { TableInput } from './builder.ts'
import { COLUMN, RECORD_SHIFT, RECORD_WORDS } from './layout.ts'
import { StringsBuilder } from './strings.ts'

/** The most records: an entry has 24 bits for the number of one. */
const MAX_RECORDS = 1 << 24

/** The records of a table while it is built; record 0 is «nothing known». */
export class RecordsBuilder {
  readonly strings = new StringsBuilder()
  readonly #input: TableInput
  readonly #score = this.strings.add('0')
  readonly #registries: readonly number[]
  /** Offsets of strings by country value, and by AS number for its number and its name. */
  readonly #countries = new Map<number, number>()
  readonly #asNumberStrings = new Map<number, number>()
  readonly #asNameStrings = new Map<number, number>()
  #count = 1
  /** What a record is made of: its AS number, and its country and registry as `country * 8 + registry`. */
  #asns = new Uint32Array(1 << 12)
  #places = new Uint32Array(1 << 12)
  #words = new Uint32Array(RECORD_WORDS << 12)
  /** Addresses that point to a record, by family. */
  #addresses4 = new Float64Array(1 << 12)
  #addresses6 = new Float64Array(1 << 12)
  /** Record numbers by the hash of what they are made of; open addressing, 0 is free. */
  #slots = new Uint32Array(1 << 14)

  constructor(input: TableInput) {
    this.#input = input
    this.#registries = input.registries.map((registry) => this.strings.add(registry))
  }

  /**
   * The number of the record for an AS, a country and a registry, 0 each where it is not known.
   *
   * @throws {RangeError} when the data has more combinations than a table can number.
   */
  number(asn: number, country: number, registry: number): number {
    const place = country * 8 + registry
    const mask = this.#slots.length - 1
    let slot = hash(asn, place) & mask
    for (;;) {
      const record = this.#slots[slot]
      if (record === 0) break
      if (this.#asns[record] === asn && this.#places[record] === place) return record
      slot = (slot + 1) & mask
    }
    if (this.#count === this.#asns.length) {
      this.#grow()
      return this.number(asn, country, registry)
    }
    const record = this.#count++
    this.#slots[slot] = record
    this.#asns[record] = asn
    this.#places[record] = place
    this.#write(record, asn, country, registry)
    return record
  }

  /** Notes that `addresses` more addresses of a family point to a record. */
  countAddresses(record: number, family: 4 | 6, addresses: number): void {
    if (family === 4) this.#addresses4[record] += addresses
    else this.#addresses6[record] += addresses
  }

  /**
   * Each AS number that was met, ascending, and a record for the AS as a whole: the country that most of its
   * addresses are in, and the registry of its lowest prefix. IPv4 decides where an AS has any: counted
   * together, IPv6 would drown it. Records must have been met in ascending order of addresses, IPv4 first.
   */
  summariseAses(): { readonly asNumbers: Uint32Array; readonly asRecords: Uint32Array } {
    const ases = new Map<number, { registry: number; byIpv4: boolean; countries: Map<number, number> }>()
    for (let record = 1; record < this.#count; record++) {
      const asn = this.#asns[record]
      if (asn === 0) continue
      const place = this.#places[record]
      let as = ases.get(asn)
      if (as === undefined) {
        as = { registry: place & 7, byIpv4: this.#addresses4[record] > 0, countries: new Map() }
        ases.set(asn, as)
      }
      const country = place >>> 3
      const addresses = as.byIpv4 ? this.#addresses4[record] : this.#addresses6[record]
      if (country !== 0) as.countries.set(country, (as.countries.get(country) ?? 0) + addresses)
    }
    const asNumbers = Uint32Array.from(ases.keys()).sort()
    const asRecords = asNumbers.map((asn) => {
      const as = ases.get(asn)
      return as === undefined ? 0 : this.number(asn, largest(as.countries), as.registry)
    })
    return { asNumbers, asRecords }
  }

  finish(): Uint32Array {
    return this.#words.subarray(0, this.#count << RECORD_SHIFT)
  }

  #write(record: number, asn: number, country: number, registry: number): void {
    const words = this.#words
    const at = record << RECORD_SHIFT
    if (asn !== 0) {
      let number = this.#asNumberStrings.get(asn)
      if (number === undefined) {
        // One behind the other, because an answer reads both.
        number = this.strings.add(String(asn))
        this.#asNumberStrings.set(asn, number)
        this.#asNameStrings.set(asn, this.strings.add(this.#input.nameOf(asn)))
      }
      words[at + COLUMN.asn] = number
      words[at + COLUMN.name] = this.#asNameStrings.get(asn) ?? 0
    }
    if (country !== 0) words[at + COLUMN.country] = this.#country(country)
    if (registry !== 0) words[at + COLUMN.registry] = this.#registries[registry - 1]
    words[at + COLUMN.score] = this.#score
  }

  #country(value: number): number {
    let offset = this.#countries.get(value)
    if (offset === undefined) {
      const { code, number } = this.#input.countryOf(value)
      offset = this.strings.addCountry(code, number)
      this.#countries.set(value, offset)
    }
    return offset
  }

  #grow(): void {
    const capacity = this.#asns.length * 2
    if (capacity > MAX_RECORDS) throw new RangeError(`more than ${MAX_RECORDS} different records`)
    this.#asns = enlarge(this.#asns, new Uint32Array(capacity))
    this.#places = enlarge(this.#places, new Uint32Array(capacity))
    this.#words = enlarge(this.#words, new Uint32Array(capacity << RECORD_SHIFT))
    this.#addresses4 = enlarge(this.#addresses4, new Float64Array(capacity))
    this.#addresses6 = enlarge(this.#addresses6, new Float64Array(capacity))
    this.#slots = new Uint32Array(capacity * 4)
    const mask = this.#slots.length - 1
    for (let record = 1; record < this.#count; record++) {
      let slot = hash(this.#asns[record], this.#places[record]) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = record
    }
  }
}

/** The country with the most addresses; of equals the one with the lower code; 0 of none. */
function largest(countries: ReadonlyMap<number, number>): number {
  let best = 0
  let most = -1
  for (const [country, addresses] of countries) {
    if (addresses > most || (addresses === most && country < best)) {
      best = country
      most = addresses
    }
  }
  return best
}

function hash(asn: number, place: number): number {
  const mixed = Math.imul(asn ^ Math.imul(place, 0x9e3779b1), 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

function enlarge<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}
