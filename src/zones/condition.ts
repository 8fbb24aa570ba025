// The conditions of a list as they are tested for each query: on the strings of a record, without a text or an allocation.

import {
  COLUMN,
  OCTETS_BEFORE,
  ORIGINS_LENGTH,
  RECORD_SHIFT,
  REPUTATION_BEFORE,
  RPKI_CODE,
  SCORE_SIDE,
} from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { type ListsDefinition, TOO_FAR } from './lists.ts'

const BLANK = 0x20
const MINUS = 0x2d
const ZERO = 0x30
const FIRST_LETTER = 0x41
const LETTERS = 26

/** A column whose number has to be over one limit and below another. */
interface NumberWithin {
  readonly column: number
  readonly over: number
  readonly below: number
}

/** Conditions that have to hold all together. What is not known of an address holds for none. */
export class Condition {
  /** 1 for each country that is listed, by its two letters; null for any. */
  readonly #countries: Uint8Array | null
  /** Ascending; null for any. */
  readonly #asns: Uint32Array | null
  readonly #withOrigins: boolean
  readonly #numbers: readonly NumberWithin[]
  /** A bit for each state of RPKI that is listed, by its code; 0 for any. */
  readonly #states: number
  /** Limits of what was learned; null for none. */
  readonly #reputation: Omit<NumberWithin, 'column'> | null

  /**
   * @param multiOrigin whether every AS that announces a prefix is looked at, not the first alone
   * @param tooFar kilometres that `{too-far}` stands for
   */
  constructor(
    { country, asn, distance, score, rpki = [], reputation }: ListsDefinition,
    multiOrigin: boolean,
    tooFar: number,
  ) {
    this.#countries = country === undefined ? null : countriesOf(country)
    this.#asns = asn === undefined ? null : Uint32Array.from(asn).sort()
    this.#withOrigins = multiOrigin
    this.#numbers = [
      ...(distance === undefined ? [] : [numberWithin(COLUMN.distance, distance, tooFar)]),
      ...(score === undefined ? [] : [numberWithin(COLUMN.score, score, tooFar)]),
    ]
    this.#states = rpki.reduce((states, state) => states | (1 << RPKI_CODE[state]), 0)
    this.#reputation = reputation === undefined ? null : numberWithin(COLUMN.score, reputation, tooFar)
  }

  /** Whether it holds for a record of the table. */
  holds({ records, strings }: Table, record: number): boolean {
    const words = record << RECORD_SHIFT
    if (this.#countries !== null) {
      // Offset 0 holds the empty string, whose octets are no letters.
      const country = records[words + COLUMN.country]
      if (country === 0 || this.#countries[letters(strings[country + 1], strings[country + 2])] !== 1)
        return false
    }
    const numbers = this.#numbers
    for (let i = 0; i < numbers.length; i++) {
      const { column, over, below } = numbers[i]
      const offset = records[words + column]
      if (offset === 0) return false
      const number = numberAt(strings, offset + 1, offset + 1 + strings[offset])
      if (!(number > over && number < below)) return false
    }
    if (this.#states !== 0) {
      const registry = records[words + COLUMN.registry]
      if (registry === 0 || ((this.#states >> strings[registry + OCTETS_BEFORE]) & 1) === 0) return false
    }
    if (this.#reputation !== null) {
      const { over, below } = this.#reputation
      const offset = records[words + COLUMN.score]
      if (offset === 0) return false
      const side = strings[offset + REPUTATION_BEFORE]
      const magnitude = strings[offset + REPUTATION_BEFORE + 1]
      const number = side === SCORE_SIDE.negative ? -magnitude : magnitude
      if (side === SCORE_SIDE.zero || !(number > over && number < below)) return false
    }
    return this.#asns === null || this.#hasAs(this.#asns, strings, records[words + COLUMN.asn])
  }

  #hasAs(asns: Uint32Array, strings: Uint8Array, offset: number): boolean {
    if (offset === 0) return false
    const end = offset + 1 + strings[this.#withOrigins ? offset + ORIGINS_LENGTH : offset]
    for (let at = offset + 1; at < end; ) {
      let blank = at
      while (blank < end && strings[blank] !== BLANK) blank++
      if (includes(asns, numberAt(strings, at, blank))) return true
      at = blank + 1
    }
    return false
  }
}

const letters = (first: number, second: number): number =>
  (first - FIRST_LETTER) * LETTERS + (second - FIRST_LETTER)

function countriesOf(codes: readonly string[]): Uint8Array {
  const countries = new Uint8Array(LETTERS * LETTERS)
  for (const code of codes) countries[letters(code.charCodeAt(0), code.charCodeAt(1))] = 1
  return countries
}

/** A limit of a number as a zone file has it. */
type Limit = number | typeof TOO_FAR | undefined

function numberWithin(column: number, limits: { over?: Limit; below?: Limit }, tooFar: number): NumberWithin {
  const { over = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = limits
  const numberOf = (limit: number | typeof TOO_FAR): number => (limit === TOO_FAR ? tooFar : limit)
  return { column, over: numberOf(over), below: numberOf(below) }
}

/** The whole number whose digits are the octets from `start` to before `end`. */
function numberAt(strings: Uint8Array, start: number, end: number): number {
  const isNegative = strings[start] === MINUS
  let number = 0
  for (let at = isNegative ? start + 1 : start; at < end; at++) number = number * 10 + strings[at] - ZERO
  return isNegative ? -number : number
}

function includes(ascending: Uint32Array, number: number): boolean {
  let low = 0
  let up = ascending.length - 1
  while (low <= up) {
    const middle = (low + up) >>> 1
    if (ascending[middle] === number) return true
    if (ascending[middle] < number) low = middle + 1
    else up = middle - 1
  }
  return false
}
