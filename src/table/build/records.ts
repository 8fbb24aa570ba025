// Numbers the records of a table as they are met, each combination of attributes once, and sums up each AS.

import { doubled, enlarged, type IntervalMap, largerByHalf, valueAt } from '../interval-map.ts'
import { COLUMN, RECORD_SHIFT, RECORD_WORDS, RPKI_CODE, SCORE_SIDE } from '../layout.ts'
import { octetOfRoas } from '../roas.ts'
import { summariseAses } from './as-summary.ts'
import { ATTRIBUTE, ATTRIBUTE_COUNT } from './record-attributes.ts'
import type {
  Country,
  Describe,
  DescribeLocation,
  RecordTexts,
  Reputation,
  Rpki,
  Score,
} from './record-texts.ts'
import { StringsBuilder } from './strings.ts'
import { WordRows } from './word-rows.ts'

/** The most records: an entry has 24 bits for the number of one. */
const MAX_RECORDS = 1 << 24

/** Records that there is room for at first. */
const CAPACITY = 1 << 12

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
  /** By registry, of which there are few, and what RPKI says, which is one object for all records of which it says the same. */
  readonly #registries = new Map<string, Map<Rpki | null, number>>()
  readonly #distances = new Map<number, number>()
  readonly #scores = new Map<string, number>()
  /** By the number of the location. */
  #locations: Uint32Array = new Uint32Array(1 << 10)
  /** The record that was asked for last. */
  #last = 0
  /** The attributes of each record. */
  readonly #attributes = new WordRows(ATTRIBUTE_COUNT, CAPACITY)
  #words: Uint32Array = new Uint32Array(RECORD_WORDS * CAPACITY)
  /** Addresses that point to a record, by family. */
  #addresses4: Float64Array = new Float64Array(CAPACITY)
  #addresses6: Float64Array = new Float64Array(CAPACITY)

  constructor(describe: Describe, describeLocation: DescribeLocation = noLocation) {
    this.#describe = describe
    this.#describeLocation = describeLocation
    this.#attributes.numberOf(new Uint32Array(ATTRIBUTE_COUNT))
  }

  /**
   * The number of the record for a combination of attributes.
   *
   * @throws {RangeError} when the data has more combinations than a table can number.
   */
  number(attributes: Uint32Array): number {
    // Pieces that a range is cut into follow each other.
    if (this.#last !== 0 && this.#attributes.isAt(this.#last, attributes)) return this.#last
    const { count } = this.#attributes
    const record = this.#attributes.numberOf(attributes)
    if (record === count) {
      if (record === this.#addresses4.length) this.#grow()
      this.#write(record, attributes[ATTRIBUTE.asn], this.#describe(attributes))
    }
    this.#last = record
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
        count: this.#attributes.count,
        attributes: this.#attributes.words,
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
    return this.#words.subarray(0, this.#attributes.count << RECORD_SHIFT)
  }

  /** Forgets what records were told apart by, which takes more memory than they do: no more can come. */
  forget(): void {
    this.#attributes.clear()
    this.#addresses4 = this.#addresses6 = new Float64Array(0)
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
    words[at + COLUMN.registry] = this.#registry(texts.registry ?? '', texts.rpki)
    words[at + COLUMN.allocated] = this.#text(texts.allocated ?? '')
    if (location !== undefined) words[at + COLUMN.location] = this.#location(location)
    if (distance !== undefined) words[at + COLUMN.distance] = this.#distance(distance, isRough)
    if (score !== undefined) words[at + COLUMN.score] = this.#score(score, texts.reputation)
  }

  /** Number and name stand one after the other, because an answer reads both. */
  #as(asn: number, number: string, name: string): AsTexts {
    return once(this.#ases, asn, () => {
      return { number: this.strings.addOrigins(number, number), name: this.strings.add(name), text: name }
    })
  }

  #origins(number: string, origins: string): number {
    return once(this.#sets, origins, () => this.strings.addOrigins(number, origins))
  }

  #country({ code, number }: Country): number {
    return once(this.#countries, code, () => this.strings.addBlock([code, code.toLowerCase(), number]))
  }

  #registry(registry: string, rpki: Rpki | null = null): number {
    if (registry === '' && rpki === null) return 0
    const states = once(this.#registries, registry, () => new Map<Rpki | null, number>())
    return once(states, rpki, () => {
      return this.strings.addBlock([octetsOf(rpki), registry, ...stringsOf(rpki)]) + OCTETS_STRING
    })
  }

  #distance(distance: number, isRough: boolean): number {
    return once(this.#distances, distance * 2 + Number(isRough), () => {
      return this.strings.addBlock([distance, String(distance), isRough ? '1' : '']) + OCTETS_STRING
    })
  }

  #score({ sum, parts }: Score, reputation: Reputation | undefined): number {
    const { value = 0, evidence = '' } = reputation ?? {}
    const key = parts || String(sum)
    return once(this.#scores, value === 0 ? key : `${key}\n${value}\n${evidence}`, () => {
      const learned = value === 0 ? '' : String(value)
      const block = [sidedOctets(value), sidedOctets(sum), String(sum), parts, learned, evidence]
      return this.strings.addBlock(block) + 2 * OCTETS_STRING
    })
  }

  #location(number: number): number {
    while (number >= this.#locations.length) {
      this.#locations = doubled(this.#locations)
    }
    if (this.#locations[number] === 0) {
      const { city, region, country, continent, latitude, longitude } = this.#describeLocation(number)
      this.#locations[number] = this.strings.addBlock([city, region, country, continent, latitude, longitude])
    }
    return this.#locations[number]
  }

  #text(text: string): number {
    return once(this.#texts, text, () => this.strings.add(text))
  }

  #grow(): void {
    const before = this.#addresses4.length
    if (before === MAX_RECORDS) throw new RangeError(`more than ${MAX_RECORDS - 1} different records`)
    const capacity = Math.min(MAX_RECORDS, largerByHalf(before))
    this.#words = enlarged(this.#words, capacity << RECORD_SHIFT)
    this.#addresses4 = enlargedSums(this.#addresses4, capacity)
    this.#addresses6 = enlargedSums(this.#addresses6, capacity)
  }
}

/** Where the texts of an AS are, and the name that is there. */
interface AsTexts {
  readonly number: number
  readonly name: number
  readonly text: string
}

/** What is kept for a key; made when it is asked for first. */
function once<Key, Value>(kept: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = kept.get(key)
  if (value === undefined) {
    value = make()
    kept.set(key, value)
  }
  return value
}

/** Which side of zero a number is on, and how far from it, as two octets. */
function sidedOctets(number: number): number {
  const { zero, negative, positive } = SCORE_SIDE
  const side = number === 0 ? zero : number < 0 ? negative : positive
  return (side << 8) | Math.min(255, Math.abs(number))
}

/** What stands in front of a registry. */
function octetsOf(rpki: Rpki | null): number {
  if (rpki === null) return 0
  const { state, family, roas, hasMore } = rpki
  return (RPKI_CODE[state] << 8) | octetOfRoas(roas.length, hasMore, family)
}

/** What follows a registry. */
function stringsOf(rpki: Rpki | null): (string | number)[] {
  if (rpki === null) return ['']
  const roas = rpki.roas.flatMap(({ asn, shorter, more }) => [
    asn === undefined ? '' : String(asn),
    (shorter << 8) | more,
  ])
  return [rpki.state, ...roas]
}

function enlargedSums(sums: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length)
  larger.set(sums)
  return larger
}

function noLocation(): never {
  throw new RangeError('a record has a location, and nothing describes locations')
}
