// The ASes that most was learned of: those whose share of spam differs most from that of all mail.

import { asAttributes } from '../table/attributes.ts'
import type { Table } from '../table/table.ts'
import { isTold } from './bake.ts'
import { KeyTable } from './key-table.ts'
import { AS_HIGH, COUNTRY_HIGH, countryWord, LEVEL, ofReporter } from './keys.ts'
import { LEARNED_COLUMNS, putLearned } from './learned-rows.ts'
import { Model } from './model.ts'
import { type LearnedSource, type ReadableState, readState } from './read-state.ts'

/** The most keys of ASes and countries, those of each reporter: 7 MB, more than there are ASes. */
const MAX_KEYS = 250_000

/** An AS and what was learned of it. */
export interface ToldAs {
  readonly asn: number
  /** '' where the table doesn't know it, and so is the country. */
  readonly name: string
  readonly country: string
  /** Over all mail, positive for spam. */
  readonly decibels: number
  /** Decayed to now. */
  readonly spam: number
  readonly ham: number
}

/**
 * The ASes of which something is told, the farthest from all mail first; each is judged in the country that the table has it in.
 *
 * @param now seconds since the epoch
 * @returns none where nothing was ever learned
 * @throws {AsnzoneError} `ASNZONE_DATA` when the state can't be read or is not ours.
 */
export function toldAses({ file, halfLife, exclude }: LearnedSource, table: Table, now: number): ToldAs[] {
  const excluded = new Set(exclude.asns)
  const model = readState(file, (state) => modelOf(state, halfLife))
  if (model === null) return []
  const place = new Uint32Array(8)
  const told: ToldAs[] = []
  for (const asn of asnsOf(model)) {
    if (excluded.has(asn)) continue
    const attributes = asAttributes(table, asn)
    const country = attributes?.country ?? ''
    place.fill(0)
    if (country !== '') {
      place.set([COUNTRY_HIGH, countryWord(country.charCodeAt(0), country.charCodeAt(1))], LEVEL.country)
    }
    place.set([AS_HIGH, asn], LEVEL.as)
    const judgement = model.judge(place, now)
    if (!isTold(judgement)) continue
    const { spam, ham } = judgement.levels[LEVEL.as / 2]
    told.push({ asn, name: attributes?.name ?? '', country, decibels: judgement.decibels, spam, ham })
  }
  return told.sort((a, b) => Math.abs(b.decibels) - Math.abs(a.decibels) || a.asn - b.asn)
}

/** All mail, countries and ASes; not networks, of which there are many more. */
function modelOf({ database, reporters }: ReadableState, halfLife: number): Model {
  const keys = new KeyTable(halfLife, MAX_KEYS)
  // Countries, and all mail among them, come first.
  for (const kind of ['country', 'as']) {
    const rows = database.prepare(`SELECT ${LEARNED_COLUMNS} FROM LEARNED WHERE kind = ?`)
    putLearned(keys, rows.iterate(kind), reporters)
  }
  return new Model(keys, () => reporters)
}

/** The numbers of the ASes that something is known of, whoever told it. */
function asnsOf({ keys }: Model): ReadonlySet<number> {
  const asns = new Set<number>()
  for (let at = 0; at < keys.count; at++) {
    if (ofReporter(keys.high(at), 0) === AS_HIGH) asns.add(keys.low(at))
  }
  return asns
}
