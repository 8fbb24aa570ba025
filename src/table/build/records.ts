// Numbers the records of a table as they are met, each combination of attributes once, and sums up each AS.

import { type IntervalMap, valueAt } from '../interval-map.ts'
import { COLUMN, RECORD_SHIFT, RECORD_WORDS, SCORE_SIDE } from '../layout.ts'
import { summariseAses } from './as-summary.ts'
import { ATTRIBUTE, ATTRIBUTE_COUNT } from './record-attributes.ts'
import type { Country, Describe, DescribeLocation, RecordTexts, Score } from './record-texts.ts'
import { StringsBuilder } from './strings.ts'

/** The most records: an entry has 24 bits for the number of one. */
const MAX_RECORDS = 1 << 24

/** Octets of a string that holds two, its length octet included. */
const OCTETS_STRING = 3

/** What is known of AS numbers besides their addresses. */
export interface AsLayers {
  /** Who delegated a number, and when: layers over the numbers, which are as wide as IPv4 addresses. */
  readonly registry?: IntervalMap
  readonly allocated?: IntervalMap
  /** Numbers that the table shall know even when no address has them. */
  readonly named?: Iterable<number>
}

/** The records of a table while it is built; record 0 is «nothing known». */
export class RecordsBuilder {
  readonly strings = new StringsBuilder()
  readonly #describe: Describe
  readonly #describeLocation: DescribeLocation
  /** Offsets of strings that are in the table; an AS's number and name are kept together, by its number. */
  readonly #texts = new Map<string, number>()
  readonly #countries = new Map<string, number>()
  readonly #ases = new Map<number, AsTexts>()
  /** Offsets of AS numbers that others follow. */
  readonly #sets = new Map<string, number>()
  readonly #distances = new Map<number, number>()
  readonly #scores = new Map<string, number>()
  /** By the number of the location. */
  #locations = new Uint32Array(1 << 10)
  #count = 1
  /** The record that was asked for last. */
  #last = 0
  /** ATTRIBUTE_COUNT numbers a record. */
  #attributes = new Uint32Array(ATTRIBUTE_COUNT << 12)
  #words = new Uint32Array(RECORD_WORDS << 12)
  /** Addresses that point to a record, by family. */
  #addresses4 = new Float64Array(1 << 12)
  #addresses6 = new Float64Array(1 << 12)
  /** Record numbers by the hash of their attributes; open addressing, 0 is free. */
  #slots = new Uint32Array(1 << 14)

  constructor(describe: Describe, describeLocation: DescribeLocation = noLocation) {
    this.#describe = describe
    this.#describeLocation = describeLocation
  }

  /**
   * The number of the record for a combination of attributes.
   *
   * @throws {RangeError} when the data has more combinations than a table can number.
   */
  number(attributes: Uint32Array): number {
    // Pieces that a range is cut into follow each other.
    if (this.#last !== 0 && this.#holds(this.#last, attributes)) return this.#last
    this.#last = this.#find(attributes)
    return this.#last
  }

  #find(attributes: Uint32Array): number {
    const mask = this.#slots.length - 1
    let slot = hash(attributes, 0) & mask
    for (;;) {
      const record = this.#slots[slot]
      if (record === 0) break
      if (this.#holds(record, attributes)) return record
      slot = (slot + 1) & mask
    }
    if (this.#count === this.#addresses4.length) {
      this.#grow()
      return this.#find(attributes)
    }
    const record = this.#count++
    this.#slots[slot] = record
    this.#attributes.set(attributes, record * ATTRIBUTE_COUNT)
    this.#write(record, attributes[ATTRIBUTE.asn], this.#describe(attributes))
    return record
  }

  /** Notes that `addresses` more addresses of a family point to a record. */
  countAddresses(record: number, family: 4 | 6, addresses: number): void {
    if (family === 4) this.#addresses4[record] += addresses
    else this.#addresses6[record] += addresses
  }

  /**
   * Each AS number that was met, ascending, and a record for the AS as a whole: the country that most of its
   * addresses are in, and the registry that delegated the number.
   */
  summariseAses(layers: AsLayers = {}): { readonly asNumbers: Uint32Array; readonly asRecords: Uint32Array } {
    const summaries = summariseAses(
      {
        count: this.#count,
        attributes: this.#attributes,
        addresses4: this.#addresses4,
        addresses6: this.#addresses6,
      },
      layers.named ?? [],
    )
    const { numbers: asNumbers, countries } = summaries
    const attributes = new Uint32Array(ATTRIBUTE_COUNT)
    const word = new Uint32Array(1)
    const asRecords = asNumbers.map((asn, as) => {
      word[0] = asn
      attributes[ATTRIBUTE.asn] = asn
      attributes[ATTRIBUTE.country] = countries[as]
      attributes[ATTRIBUTE.registry] = layers.registry === undefined ? 0 : valueAt(layers.registry, word)
      attributes[ATTRIBUTE.allocated] = layers.allocated === undefined ? 0 : valueAt(layers.allocated, word)
      return this.number(attributes)
    })
    return { asNumbers, asRecords }
  }

  finish(): Uint32Array {
    return this.#words.subarray(0, this.#count << RECORD_SHIFT)
  }

  #holds(record: number, attributes: Uint32Array): boolean {
    for (let i = 0; i < ATTRIBUTE_COUNT; i++)
      if (this.#attributes[record * ATTRIBUTE_COUNT + i] !== attributes[i]) return false
    return true
  }

  #write(record: number, asn: number, texts: RecordTexts): void {
    const words = this.#words
    const at = record << RECORD_SHIFT
    const { asn: number, name = '', origins, country, location, distance, isRough = false, score } = texts
    if (number !== undefined) {
      const as = this.#as(asn, number, name)
      words[at + COLUMN.asn] = origins === undefined ? as.number : this.#origins(number, origins)
      words[at + COLUMN.name] = name === as.text ? as.name : this.#text(name)
    } else words[at + COLUMN.name] = this.#text(name)
    if (country !== undefined) words[at + COLUMN.country] = this.#country(country)
    words[at + COLUMN.registry] = this.#text(texts.registry ?? '')
    words[at + COLUMN.allocated] = this.#text(texts.allocated ?? '')
    if (location !== undefined) words[at + COLUMN.location] = this.#location(location)
    if (distance !== undefined) words[at + COLUMN.distance] = this.#distance(distance, isRough)
    if (score !== undefined) words[at + COLUMN.score] = this.#score(score)
  }

  /** Number and name stand one behind the other, because an answer reads both. */
  #as(asn: number, number: string, name: string): AsTexts {
    let as = this.#ases.get(asn)
    if (as === undefined) {
      as = { number: this.strings.addOrigins(number, number), name: this.strings.add(name), text: name }
      this.#ases.set(asn, as)
    }
    return as
  }

  #origins(number: string, origins: string): number {
    let offset = this.#sets.get(origins)
    if (offset === undefined) {
      offset = this.strings.addOrigins(number, origins)
      this.#sets.set(origins, offset)
    }
    return offset
  }

  #country({ code, number }: Country): number {
    let offset = this.#countries.get(code)
    if (offset === undefined) {
      offset = this.strings.addBlock([code, code.toLowerCase(), number])
      this.#countries.set(code, offset)
    }
    return offset
  }

  #distance(distance: number, isRough: boolean): number {
    const key = distance * 2 + Number(isRough)
    let offset = this.#distances.get(key)
    if (offset === undefined) {
      offset = this.strings.addBlock([distance, String(distance), isRough ? '1' : '']) + OCTETS_STRING
      this.#distances.set(key, offset)
    }
    return offset
  }

  #score({ sum, parts }: Score): number {
    const key = parts || String(sum)
    let offset = this.#scores.get(key)
    if (offset === undefined) {
      const { zero, negative, positive } = SCORE_SIDE
      const side = sum === 0 ? zero : sum < 0 ? negative : positive
      const octets = (side << 8) | Math.min(255, Math.abs(sum))
      offset = this.strings.addBlock([octets, String(sum), parts]) + OCTETS_STRING
      this.#scores.set(key, offset)
    }
    return offset
  }

  #location(number: number): number {
    while (number >= this.#locations.length) {
      this.#locations = enlarge(this.#locations, new Uint32Array(this.#locations.length * 2))
    }
    if (this.#locations[number] === 0) {
      const { city, region, country, continent, latitude, longitude } = this.#describeLocation(number)
      this.#locations[number] = this.strings.addBlock([city, region, country, continent, latitude, longitude])
    }
    return this.#locations[number]
  }

  #text(text: string): number {
    let offset = this.#texts.get(text)
    if (offset === undefined) {
      offset = this.strings.add(text)
      this.#texts.set(text, offset)
    }
    return offset
  }

  #grow(): void {
    const capacity = this.#addresses4.length * 2
    if (capacity > MAX_RECORDS) throw new RangeError(`more than ${MAX_RECORDS - 1} different records`)
    this.#attributes = enlarge(this.#attributes, new Uint32Array(capacity * ATTRIBUTE_COUNT))
    this.#words = enlarge(this.#words, new Uint32Array(capacity << RECORD_SHIFT))
    this.#addresses4 = enlarge(this.#addresses4, new Float64Array(capacity))
    this.#addresses6 = enlarge(this.#addresses6, new Float64Array(capacity))
    this.#slots = new Uint32Array(capacity * 4)
    const mask = this.#slots.length - 1
    for (let record = 1; record < this.#count; record++) {
      let slot = hash(this.#attributes, record * ATTRIBUTE_COUNT) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = record
    }
  }
}

/** Where the texts of an AS are, and the name that is there. */
interface AsTexts {
  readonly number: number
  readonly name: number
  readonly text: string
}

function hash(attributes: Uint32Array, at: number): number {
  let mixed = 0
  for (let i = 0; i < ATTRIBUTE_COUNT; i++) {
    mixed = Math.imul(mixed ^ attributes[at + i], 0x85ebca6b)
    mixed ^= mixed >>> 15
  }
  return mixed
}

function enlarge<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}

function noLocation(): never {
  throw new RangeError('a record has a location, and nothing describes locations')
}
