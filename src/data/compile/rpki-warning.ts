// What is to be said where RPKI can't have the effect that was meant.

import type { TableMetadata } from '../../table/metadata.ts'
import type { FormatName } from '../formats/formats.ts'
import type { Dataset } from '../sources/dataset.ts'

const PREFIXES = 'name a source of format pfx2as or routeviews, too'

/** The formats that tell which prefixes are announced. */
const WITH_PREFIXES: readonly FormatName[] = ['pfx2as', 'routeviews']

const ROAS = 'name a source of what: rpki'

/**
 * A line, or null where all is well.
 *
 * @param isWeighed whether a state has a weight
 */
export function rpkiWarning({ rpki }: TableMetadata, isWeighed: boolean): string | null {
  if (rpki === undefined) {
    return isWeighed ? `score.rpki: no source has ROAs, so it weighs nothing; ${ROAS}` : null
  }
  const known = [rpki.v4, rpki.v6].flatMap((counts) => Object.values(counts))
  if (known.some((count) => count > 0)) return null
  return `rpki: no source tells which prefixes are announced, so of no address it is known whether it is valid; ${PREFIXES}`
}

/** A source of the config as far as it matters here. */
interface ConfiguredSource {
  readonly what: Dataset
  readonly format: FormatName
  readonly from: readonly string[]
}

/**
 * A line about a source of ranges that lies above one of announced prefixes, which it hides where it says something: of
 * those addresses no state is known. Null where there is none, or no source has ROAs.
 *
 * @param sources in the order of the config, the first on top
 */
export function hiddenPrefixesWarning(sources: readonly ConfiguredSource[]): string | null {
  if (!sources.some(({ what }) => what === 'rpki')) return null
  const ases = sources.filter(({ what }) => what === 'asn')
  const first = ases.findIndex(({ format }) => !WITH_PREFIXES.includes(format))
  const hidden = ases.slice(first + 1).find(({ format }) => WITH_PREFIXES.includes(format))
  if (first < 0 || hidden === undefined) return null
  const nameOf = ({ from, format }: ConfiguredSource): string => `${from[0]} (${format})`
  return `rpki: ${nameOf(ases[first])} comes before ${nameOf(hidden)} in sources and hides its prefixes, so of addresses that both have it is not known whether they are valid; name it after that one`
}
