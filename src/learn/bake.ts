// The rows that the compile lays over the table: what is told of each country, AS, prefix and /24 or /48 that taught anything.
//
// The most specific row of an address is its answer, so that the rows must say together what the model says: one that is
// not told stands all the same where a wider one is told, and so does a prefix that taught nothing within one that did.

import { networkText } from '../table/address-text.ts'
import { asnOf } from '../table/as-number.ts'
import type { Table } from '../table/table.ts'
import { announced } from './announced.ts'
import { evidenceText } from './evidence.ts'
import type { Excluded } from './excluded.ts'
import {
  AS_HIGH,
  COUNTRY_HIGH,
  countryText,
  KIND,
  keyText,
  kindOf,
  LEVEL,
  NETWORK_LENGTH,
  networkLength,
  networkWords,
  ofReporter,
} from './keys.ts'
import type { Judgement, Model } from './model.ts'
import { countryOf, type PlaceKeys, writePlace } from './place.ts'
import { LEAST_TOLD, type LearnedRow } from './product.ts'

/** What of a place taught less than so many messages, on each level below all mail, is not told. */
const LEAST_EVIDENCE = 2

/** Whether a judgement is told at all. */
export function isTold({ levels, decibels }: Judgement): boolean {
  return Math.abs(decibels) >= LEAST_TOLD && levels.some(({ spam, ham }) => spam + ham >= LEAST_EVIDENCE)
}

/** A key, without its reporter, and when its newest verdict came. */
interface Key {
  readonly high: number
  readonly low: number
  readonly seen: number
}

/** The rows, those of countries first and those of networks last, each kind in ascending order. */
export function productRows(model: Model, table: Table, now: number, excluded: Excluded): LearnedRow[] {
  return new Baker(model, table, now, excluded).rows()
}

class Baker {
  readonly #model: Model
  readonly #table: Table
  readonly #now: number
  readonly #excluded: Excluded
  readonly #rows: LearnedRow[] = []
  readonly #place: PlaceKeys = new Uint32Array(8)
  /** Networks, by their key, that lie in a prefix whose row they must not have. */
  readonly #hidden = new Set<string>()

  constructor(model: Model, table: Table, now: number, excluded: Excluded) {
    this.#model = model
    this.#table = table
    this.#now = now
    this.#excluded = excluded
  }

  rows(): LearnedRow[] {
    const keys = keysOf(this.#model)
    const ofKinds = (...kinds: number[]): Key[] => keys.filter(({ high }) => kinds.includes(kindOf(high)))
    for (const key of ofKinds(KIND.country)) if (key.low !== 0) this.#addCountry(key)
    this.#addAses(ofKinds(KIND.as))
    this.#addPrefixes(ofKinds(KIND.prefix4, KIND.prefix6))
    for (const key of ofKinds(KIND.network4, KIND.network6)) this.#addNetwork(key)
    for (const text of this.#excluded.networkTexts) {
      this.#rows.push({ kind: 'network', cidr: text, decibels: 0, text: `${text} | excluded` })
    }
    return this.#rows
  }

  #judge(place: PlaceKeys): Judgement {
    return this.#model.judge(place, this.#now)
  }

  #addCountry({ high, low, seen }: Key): void {
    const place = this.#place.fill(0)
    place[LEVEL.country] = high
    place[LEVEL.country + 1] = low
    const judgement = this.#judge(place)
    if (!isTold(judgement)) return
    const text = evidenceText(place, judgement, 0, seen)
    this.#rows.push({ kind: 'country', country: countryText(low), decibels: judgement.decibels, text })
  }

  /** An AS has a row for each country that the table has it in. */
  #addAses(keys: readonly Key[]): void {
    const countries = this.#countriesOf(new Set([...keys.map(({ low }) => low), ...this.#excluded.asns]))
    const seenOf = new Map(keys.map(({ low, seen }) => [low, seen]))
    for (const [asn, words] of [...countries].sort(([a], [b]) => a - b)) {
      for (const country of [...words].sort((a, b) => a - b)) {
        const place = this.#place.fill(0)
        place.set([country === 0 ? 0 : COUNTRY_HIGH, country, AS_HIGH, asn])
        const row = { kind: 'as', asn, country: countryText(country) } as const
        if (this.#excluded.hasAs(asn)) {
          this.#rows.push({ ...row, decibels: 0, text: `AS${asn} | excluded` })
          continue
        }
        const judgement = this.#judge(place)
        const parent = place.slice()
        parent.fill(0, LEVEL.as)
        if (!isTold(judgement) && !isTold(this.#judge(parent))) continue
        const text = evidenceText(place, judgement, 1, seenOf.get(asn) ?? this.#now)
        this.#rows.push({ ...row, decibels: decibelsTold(judgement), text })
      }
    }
  }

  /** The countries of ASes, as words. */
  #countriesOf(asns: ReadonlySet<number>): Map<number, Set<number>> {
    const found = new Map<number, Set<number>>()
    for (let record = 1; record < this.#table.recordCount; record++) {
      const asn = asnOf(this.#table, record)
      if (!asns.has(asn)) continue
      const countries = found.get(asn) ?? new Set()
      found.set(asn, countries.add(countryOf(this.#table, record)))
    }
    return found
  }

  /** Prefixes that are still announced, and what is announced within them and taught nothing itself. */
  #addPrefixes(keys: readonly Key[]): void {
    for (const family of [4, 6] as const) {
      const kind = family === 4 ? KIND.prefix4 : KIND.prefix6
      const learned = keys.filter(({ high }) => kindOf(high) === kind)
      for (const { words, own, length, key, around } of announced(this.#table, family, learned)) {
        writePlace(this.#table, own, this.#place)
        if (key !== null) this.#addRow(this.#place.slice(), 2, key.seen, around !== null)
        else if (around !== null) this.#addWithin(words, length, around.seen)
      }
    }
  }

  /** What the model says of a prefix that taught nothing is what its AS says, whatever is said of one around it. */
  #addWithin(words: readonly number[], length: number, seen: number): void {
    const [high, low] = this.#place.subarray(LEVEL.network)
    if (length >= NETWORK_LENGTH[words.length === 1 ? 4 : 6] && this.#model.isKnown(high, low)) {
      this.#hidden.add(`${high} ${low}`)
      return
    }
    if (this.#excluded.covers(words, length)) return
    this.#place.fill(0, LEVEL.prefix)
    this.#push(`${networkText(words, length)}/${length}`, this.#place, 1, seen)
  }

  #addNetwork({ high, low, seen }: Key): void {
    const words = networkWords(high, low)
    if (!writePlace(this.#table, words, this.#place)) {
      // Nothing is known of its first address: of the first of its second half, perhaps.
      const half = words.length === 1 ? [(words[0] | 128) >>> 0] : [words[0], words[1] | 0x8000, 0, 0]
      if (!writePlace(this.#table, half, this.#place)) return
    }
    this.#addRow(this.#place.slice(), 3, seen, this.#hidden.has(`${high} ${low}`))
  }

  /**
   * The row of a prefix or a network, unless neither it nor what is around it is told.
   *
   * @param isWithin whether it lies in a prefix of another row
   */
  #addRow(place: PlaceKeys, level: 2 | 3, seen: number, isWithin: boolean): void {
    const [high, low] = [place[level * 2], place[level * 2 + 1]]
    if (this.#excluded.covers(networkWords(high, low), networkLength(high))) return
    const whole = place.slice().fill(0, level * 2 + 2)
    const parent = whole.slice().fill(0, level * 2)
    const isNeeded =
      isWithin ||
      (!this.#excluded.hasAs(place[LEVEL.as + 1]) &&
        (isTold(this.#judge(whole)) || isTold(this.#judge(parent))))
    if (isNeeded) this.#push(keyText(high, low), whole, level, seen)
  }

  /** The row of a network that is told what a place says. */
  #push(cidr: string, place: PlaceKeys, level: number, seen: number): void {
    const asn = place[LEVEL.as + 1]
    if (this.#excluded.hasAs(asn)) {
      this.#rows.push({ kind: 'network', cidr, decibels: 0, text: `AS${asn} | excluded` })
      return
    }
    const judgement = this.#judge(place)
    const text = evidenceText(place, judgement, level, seen)
    this.#rows.push({ kind: 'network', cidr, decibels: decibelsTold(judgement), text })
  }
}

/** What too little is known of has a row that tells nothing. */
const decibelsTold = (judgement: Judgement): number => (isTold(judgement) ? judgement.decibels : 0)

/** The keys of networks, ASes and countries, of all reporters together, in ascending order. */
function keysOf({ keys }: Model): Key[] {
  const found = new Map<string, Key>()
  for (let at = 0; at < keys.count; at++) {
    const high = ofReporter(keys.high(at), 0)
    if (kindOf(high) === KIND.address) continue
    const low = keys.low(at)
    const name = `${high} ${low}`
    const seen = Math.max(found.get(name)?.seen ?? 0, keys.seen(at))
    found.set(name, { high, low, seen })
  }
  return [...found.values()].sort((a, b) => kindOf(a.high) - kindOf(b.high) || order(a, b))
}

/** By address, and by length of those that begin alike. */
function order(a: Key, b: Key): number {
  const bits = (a.high & 0xffff) - (b.high & 0xffff)
  return bits || a.low - b.low || networkLength(a.high) - networkLength(b.high)
}
