// What is to be said where RPKI can't have the effect that was meant.

import type { TableMetadata } from '../../table/metadata.ts'

const PREFIXES = 'name a source of format pfx2as or routeviews, too'

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
