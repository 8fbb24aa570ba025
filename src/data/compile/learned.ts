// What was learned from verdicts on mail, as a compile lays it over its other data: the most specific that is known of an
// address counts, and what it is is the sum of all levels already.

import { AsnzoneError } from '../../errors.ts'
import { LEAST_TOLD, type LearnedRow, productState, readProduct } from '../../learn/product.ts'
import type { LearnedPart } from '../../score/scorer.ts'
import type { Reputation } from '../../table/build/record-texts.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { MAX_REPUTATION } from '../../table/layout.ts'
import type { LearnedCounts } from '../../table/metadata.ts'
import { COUNTRY_VALUES, countryValue } from '../countries.ts'
import { layersOfPrefixes, type PrefixLayers, type PrefixValue } from './prefix-layers.ts'

/** The value of all networks of which nothing is told: what is known of them hides what is less specific. */
const SILENT = 1

/** How what was learned counts in a score. */
export interface LearnedWeights {
  /** Points of a score for a decibel. */
  readonly weight: number
  /** The most points, either way. */
  readonly most: number
}

/** What was learned of an address: for the zone of reputations, and as a part of its score. */
export interface Learned {
  readonly reputation: Reputation
  readonly part: LearnedPart
}

/** All that was learned. */
export class LearnedValues {
  /** The networks of which something was learned, the longest on top. */
  readonly layers: PrefixLayers
  readonly counts: Omit<LearnedCounts, 'date'>
  readonly #networks: (Learned | undefined)[] = [undefined, undefined]
  /** By AS and country. */
  readonly #ases = new Map<number, Learned | undefined>()
  readonly #countries = new Map<number, Learned | undefined>()

  /** @param rows of equal ones the last counts */
  constructor(rows: readonly LearnedRow[], weights: LearnedWeights) {
    const networks: PrefixValue[] = []
    for (const row of rows) {
      const learned = learnedOf(row, weights)
      if (row.kind === 'as') this.#ases.set(asKey(row.asn, numberOf(row.country)), learned)
      else if (row.kind === 'country') this.#countries.set(numberOf(row.country), learned)
      else {
        const value = learned === undefined ? SILENT : this.#networks.push(learned) - 1
        networks.push({ cidr: parseCidr(row.cidr), value })
      }
    }
    this.layers = layersOfPrefixes(networks)
    this.counts = { networks: networks.length, ases: this.#ases.size, countries: this.#countries.size }
  }

  /**
   * What is to be told of an address; undefined for nothing.
   *
   * @param network the value of its network in the layers, 0 for none
   * @param asn 0 where it is not known, and so is the country
   */
  of(network: number, asn: number, country: number): Learned | undefined {
    if (network !== 0) return this.#networks[network]
    for (const key of [asKey(asn, country), asKey(asn, 0)]) {
      if (asn !== 0 && this.#ases.has(key)) return this.#ases.get(key)
    }
    return this.#countries.get(country)
  }
}

/** What is to be laid over other data, from where, and who is told when that can't be read. */
export interface ReadLearnedOptions {
  /** Nothing is read when not given, and so it is without a directory. */
  readonly learned?: LearnedWeights | undefined
  readonly dataDirectory?: string
  readonly onWarning?: (message: string) => void
}

/** What was learned, and what is told of it. */
export interface ReadLearned {
  readonly values: LearnedValues
  readonly counts: LearnedCounts
}

/** What was learned; null where that is nothing, or can't be read: an opinion is no reason not to answer. */
export function readLearned({ learned, dataDirectory, onWarning }: ReadLearnedOptions): ReadLearned | null {
  if (learned === undefined || dataDirectory === undefined) return null
  try {
    const written = productState(dataDirectory)
    const rows = readProduct(dataDirectory)
    if (rows === null) return null
    const values = new LearnedValues(rows, learned)
    const date = new Date(written?.mtimeMs ?? Date.now()).toISOString()
    return { values, counts: { ...values.counts, date } }
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    onWarning?.(`answers are without what was learned: ${error.message}`)
    return null
  }
}

const asKey = (asn: number, country: number): number => asn * (COUNTRY_VALUES + 1) + country

const numberOf = (country: string): number => (country === '' ? 0 : countryValue(country))

function learnedOf({ decibels, text }: LearnedRow, { weight, most }: LearnedWeights): Learned | undefined {
  const size = Math.abs(decibels)
  if (size < LEAST_TOLD) return undefined
  const good = decibels < 0 ? 1 : -1
  const reputation = { value: good * Math.round(Math.min(MAX_REPUTATION, size)), evidence: text }
  // Never -0.
  const points = Math.round(Math.min(most, size * weight))
  return { reputation, part: { evidence: shortened(text), weight: points === 0 ? 0 : good * points } }
}

/** `AS14061 | 22 spam, 2 ham | 2026-11-27` as `AS14061 22 spam 2 ham`: a part of a score is between two such bars. */
function shortened(evidence: string): string {
  const words: string[] = []
  for (const word of evidence.split(' | ')) {
    const counts = /^(\d+) spam, (\d+) ham$/.exec(word)
    if (counts !== null && words.length > 0) {
      const [, spam, ham] = counts
      const told = [spam === '0' ? '' : ` ${spam} spam`, ham === '0' ? '' : ` ${ham} ham`]
      words[words.length - 1] += told.join('')
    } else if (!/^\d{4}-\d\d-\d\d$/.test(word)) words.push(word)
  }
  return words.join(', ')
}
