// Never worse than before: whether a new table may replace the one in service.
//
// Upstream has shipped files without whole /11s, frozen files and halves of files; each of them parses. Where
// the new table is made of other data sets than the one in service, shares say less, and half of them will do:
// what one counts as a row, or as an address that is routed, the other may not.

import { addressFacts } from '../table/facts.ts'
import type { FamilyCoverage, Table, TableMetadata } from '../table/table.ts'
import { parseCidr } from './cidr-text.ts'

/** What is asked of a new table. */
export interface GuardSettings {
  /** The percentage of the rows and addresses in service that it must have, of the same data sets. */
  readonly leastShare: number
  /** Addresses and their ASes, such as `8.8.8.8=AS15169`. */
  readonly sentinels: readonly string[]
}

/** Kinds of facts whose rows and dates are compared; an administrator's overrides may shrink and be older. */
const COMPARED = ['asn', 'country', 'registry'] as const

const FACT_NAMES: Readonly<Record<keyof FamilyCoverage, string>> = { asn: 'an AS', country: 'a country' }

/** Why a table must not replace the one in service, in one line; null when it may. */
export function judgeTable(next: Table, inService: Table, settings: GuardSettings): string | null {
  const reasons = [
    missingSentinel(next, inService, settings.sentinels),
    olderThan(next.metadata(), inService.metadata()),
    fewerRows(next.metadata(), inService.metadata(), settings.leastShare),
    lessCoverage(next.metadata(), inService.metadata(), settings.leastShare),
  ]
  return reasons.find((reason) => reason !== null) ?? null
}

/** A sentinel that the table in service doesn't know either can't tell the better from the worse. */
function missingSentinel(next: Table, inService: Table, sentinels: readonly string[]): string | null {
  for (const sentinel of sentinels) {
    const [address, as] = sentinel.split('=')
    const asnIn = (table: Table): string => {
      const asn = addressFacts(table, parseCidr(address).start)?.asn ?? null
      return asn === null ? 'no AS' : `AS${asn}`
    }
    if (asnIn(inService) === as && asnIn(next) !== as)
      return `${address} is of ${asnIn(next)} in it, not of ${as}`
  }
  return null
}

function olderThan(next: TableMetadata, inService: TableMetadata): string | null {
  for (const what of COMPARED) {
    const [newer, older] = [newestOf(next, what), newestOf(inService, what)]
    if (newer !== null && older !== null && newer < older) {
      return `its ${what} data are of ${newer.slice(0, 16)}Z, those in service of ${older.slice(0, 16)}Z`
    }
  }
  return null
}

function newestOf({ sources }: TableMetadata, what: string): string | null {
  const dates = sources.flatMap((source) =>
    source.what === what && source.date !== null ? [source.date] : [],
  )
  return dates.sort().at(-1) ?? null
}

function fewerRows(next: TableMetadata, inService: TableMetadata, leastShare: number): string | null {
  for (const what of COMPARED) {
    for (const family of [4, 6] as const) {
      const rowsOf = ({ sources }: TableMetadata): number =>
        sources.reduce(
          (sum, source) => sum + (source.what === what && source.family === family ? source.rows : 0),
          0,
        )
      const least = isSameSet(next, inService, what) ? leastShare : leastShare / 2
      const reason = shrunk(rowsOf(next), rowsOf(inService), least)
      if (reason !== null) return `its rows of ${what} for IPv${family} are ${reason}`
    }
  }
  return null
}

function lessCoverage(next: TableMetadata, inService: TableMetadata, leastShare: number): string | null {
  for (const fact of ['asn', 'country'] as const) {
    const least = isSameSet(next, inService, fact) ? leastShare : leastShare / 2
    for (const family of ['v4', 'v6'] as const) {
      const reason = shrunk(next.coverage[family][fact], inService.coverage[family][fact], least)
      if (reason !== null) return `its IP${family} addresses with ${FACT_NAMES[fact]} are ${reason}`
    }
  }
  return null
}

function isSameSet(next: TableMetadata, inService: TableMetadata, what: string): boolean {
  const namesIn = ({ sources }: TableMetadata): string =>
    JSON.stringify(sources.flatMap((source) => (source.what === what ? [source.name] : [])).sort())
  return namesIn(next) === namesIn(inService)
}

function shrunk(next: number, inService: number, leastShare: number): string | null {
  if (inService === 0 || next * 100 >= inService * leastShare) return null
  const percent = Math.floor((next / inService) * 1000) / 10
  return `${percent} % of those in service; ${leastShare} % is the least`
}
