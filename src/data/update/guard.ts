// Never worse than before: whether a new table may replace the one in service.
//
// Upstream has shipped files without whole /11s, frozen files and halves of files; each of them parses. Where
// the new table is made of other data sets than the one in service, shares say less, and half of them will do:
// what one counts as a row, or as an address that is routed, the other may not.

import { minuteOf } from '../../minute.ts'
import type { FamilyCoverage, TableMetadata } from '../../table/metadata.ts'
import type { Table } from '../../table/table.ts'
import { newestDate } from '../sources/age.ts'
import { DATASETS } from '../sources/dataset.ts'
import { credibleDate } from '../sources/date.ts'
import { failureOf, readSentinel, type Sentinel } from './sentinels.ts'

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

/** The kind of data that tells a field of a sentinel, where it isn't the ASes. */
const DATASET_OF: Partial<Readonly<Record<Sentinel['field'], string>>> = {
  country: 'country',
  registry: 'registry',
  allocated: 'registry',
  city: 'city',
  region: 'city',
  continent: 'country',
}

const FACT_NAMES: Readonly<Record<keyof FamilyCoverage, string>> = { asn: 'an AS', country: 'a country' }

/** What to do where the new data is right. */
const MEND =
  'if that is right, asnzone update --force takes it (asnzone reload --force where the files are your own)'

/** What guards a table, and what it has found. */
interface Doubt {
  readonly dataset: string
  readonly family?: 4 | 6 | null | undefined
  readonly reason: string
  /** The setting that draws the line. */
  readonly setting?: 'sentinels' | 'least-share'
}

/** Why a table must not replace the one in service, with its sources and the mend, in one line; null when it may. */
export function checkNewTable(
  next: Table,
  inService: Table,
  settings: GuardSettings,
  now: number = Date.now(),
): string | null {
  const { leastShare, sentinels } = settings
  const [newer, older] = [next.metadata(), inService.metadata()]
  const doubts = [
    ...sentinels.map((sentinel) => failedSentinel(readSentinel(sentinel), next, inService)),
    olderThan(newer, older, now),
    fewerRows(newer, older, leastShare),
    lessCoverage(newer, older, leastShare),
  ]
  const doubt = doubts.find((one) => one !== null)
  if (doubt === undefined) return null
  const { reason, setting } = doubt
  const names = namesOf(newer, doubt) || namesOf(older, doubt)
  const limit = setting === undefined ? '' : `, or change ${setting}`
  return `${reason}${names === '' ? '' : ` (${names})`}; ${MEND}${limit}`
}

/** The sources that a doubt is about. */
function namesOf({ sources }: TableMetadata, { dataset, family }: Doubt): string {
  const of = sources.filter(
    (source) => source.what === dataset && (family === undefined || source.family === family),
  )
  return [...new Set(of.map(({ name }) => name))].join(', ')
}

function failedSentinel(sentinel: Sentinel, next: Table, inService: Table): Doubt | null {
  const reason = failureOf(sentinel, next, inService)
  return reason === null
    ? null
    : { dataset: DATASET_OF[sentinel.field] ?? 'asn', reason, setting: 'sentinels' }
}

/** Data in service that are dated in the future, by a clock that was wrong, are older than nothing. */
function olderThan(next: TableMetadata, inService: TableMetadata, now: number): Doubt | null {
  for (const dataset of COMPARED) {
    const newestIn = ({ sources }: TableMetadata): string | null =>
      newestDate(
        sources.filter((source) => source.what === dataset && credibleDate(source.date, now) !== null),
      )
    const [newer, older] = [newestIn(next), newestIn(inService)]
    if (newer !== null && older !== null && newer < older) {
      const reason = `its ${dataset} data is of ${minuteOf(newer)}, that in service of ${minuteOf(older)}`
      return { dataset, reason }
    }
  }
  return null
}

function fewerRows(next: TableMetadata, inService: TableMetadata, leastShare: number): Doubt | null {
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
        if (reason !== null)
          return { dataset, family, reason: `its ${counted} of ${of} are ${reason}`, setting: 'least-share' }
      }
    }
  }
  return null
}

function lessCoverage(next: TableMetadata, inService: TableMetadata, leastShare: number): Doubt | null {
  for (const fact of ['asn', 'country'] as const) {
    const min = isSameSet(next, inService, fact) ? leastShare : leastShare / 2
    for (const family of ['v4', 'v6'] as const) {
      const reason = shrunk(next.coverage[family][fact], inService.coverage[family][fact], min)
      if (reason !== null)
        return {
          dataset: fact,
          family: family === 'v4' ? 4 : 6,
          reason: `its IP${family} addresses with ${FACT_NAMES[fact]} are ${reason}`,
          setting: 'least-share',
        }
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
  return `${percent} % of those in service; at least ${leastShare} % is required`
}
