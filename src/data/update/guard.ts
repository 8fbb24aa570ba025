// Never worse than before: whether a new table may replace the one in service.
//
// Upstream has shipped files without whole /11s, frozen files and halves of files; each of them parses. Where
// the new table is made of other data sets than the one in service, shares say less, and half of them will do:
// what one counts as a row, or as an address that is routed, the other may not.

import type { FamilyCoverage, Table, TableMetadata } from '../../table/table.ts'
import { newestDate } from '../sources/age.ts'
import { DATASETS } from '../sources/dataset.ts'
import { credibleDate } from '../sources/date.ts'
import { failureOf, readSentinel } from './sentinels.ts'

/** What is asked of a new table. */
export interface GuardSettings {
  /** The percentage of the rows and addresses in service that it must have, of the same data sets. */
  readonly leastShare: number
  /** Addresses and what is known of them, such as `8.8.8.8=AS15169`; see `readSentinel`. */
  readonly sentinels: readonly string[]
}

/** Kinds of data that are compared; an administrator's overrides may shrink and be older. */
const COMPARED = DATASETS.filter((dataset) => dataset !== 'override')

/** Sources of names alone tell of no family. */
const FAMILIES = [4, 6, null] as const

const FACT_NAMES: Readonly<Record<keyof FamilyCoverage, string>> = { asn: 'an AS', country: 'a country' }

/** Why a table must not replace the one in service, in one line; null when it may. */
export function checkNewTable(
  next: Table,
  inService: Table,
  settings: GuardSettings,
  now: number = Date.now(),
): string | null {
  const { leastShare, sentinels } = settings
  const [newer, older] = [next.metadata(), inService.metadata()]
  const reasons = [
    ...sentinels.map((sentinel) => failureOf(readSentinel(sentinel), next, inService)),
    olderThan(newer, older, now),
    fewerRows(newer, older, leastShare),
    lessCoverage(newer, older, leastShare),
  ]
  return reasons.find((reason) => reason !== null) ?? null
}

/** Data in service that are dated in the future, by a clock that was wrong, are older than nothing. */
function olderThan(next: TableMetadata, inService: TableMetadata, now: number): string | null {
  for (const dataset of COMPARED) {
    const newestIn = ({ sources }: TableMetadata): string | null =>
      newestDate(
        sources.filter((source) => source.what === dataset && credibleDate(source.date, now) !== null),
      )
    const [newer, older] = [newestIn(next), newestIn(inService)]
    if (newer !== null && older !== null && newer < older) {
      return `its ${dataset} data are of ${newer.slice(0, 16)}Z, those in service of ${older.slice(0, 16)}Z`
    }
  }
  return null
}

function fewerRows(next: TableMetadata, inService: TableMetadata, leastShare: number): string | null {
  for (const dataset of COMPARED) {
    const min = isSameSet(next, inService, dataset) ? leastShare : leastShare / 2
    for (const family of FAMILIES) {
      const of = family === null ? dataset : `${dataset} for IPv${family}`
      for (const counted of ['rows', 'addresses'] as const) {
        // What has an AS or a country is counted over all sources, see below.
        if (counted === 'addresses' && (dataset === 'asn' || dataset === 'country')) continue
        const sumOf = ({ sources }: TableMetadata): number =>
          sources
            .filter((source) => source.what === dataset && source.family === family)
            .reduce((sum, source) => sum + source[counted], 0)
        const reason = shrunk(sumOf(next), sumOf(inService), min)
        if (reason !== null) return `its ${counted} of ${of} are ${reason}`
      }
    }
  }
  return null
}

function lessCoverage(next: TableMetadata, inService: TableMetadata, leastShare: number): string | null {
  for (const attribute of ['asn', 'country'] as const) {
    const min = isSameSet(next, inService, attribute) ? leastShare : leastShare / 2
    for (const family of ['v4', 'v6'] as const) {
      const reason = shrunk(next.coverage[family][attribute], inService.coverage[family][attribute], min)
      if (reason !== null) return `its IP${family} addresses with ${FACT_NAMES[attribute]} are ${reason}`
    }
  }
  return null
}

function isSameSet(next: TableMetadata, inService: TableMetadata, dataset: string): boolean {
  const namesIn = ({ sources }: TableMetadata): string =>
    JSON.stringify(sources.flatMap((source) => (source.what === dataset ? [source.name] : [])).sort())
  return namesIn(next) === namesIn(inService)
}

function shrunk(next: number, inService: number, leastShare: number): string | null {
  if (inService === 0 || next * 100 >= inService * leastShare) return null
  const percent = Math.floor((next / inService) * 1000) / 10
  return `${percent} % of those in service; ${leastShare} % is the least`
}
