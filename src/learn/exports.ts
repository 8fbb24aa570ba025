// What was learned in the forms of others: a file of weights for `score.files`, and a map of ASes for rspamd's multimap.

import { MAX_TOLD } from './model.ts'
import type { LearnedRow } from './product.ts'

/** How decibels become weights. */
export interface Weighing {
  readonly weight: number
  readonly most: number
}

/** The weight of decibels: negative for spam, as scores are. */
export function weightOf(decibels: number, { weight, most }: Weighing): number {
  const told = Math.max(-MAX_TOLD, Math.min(MAX_TOLD, decibels)) * weight
  return -Math.round(Math.max(-most, Math.min(most, told))) || 0
}

type AsRow = LearnedRow & { readonly kind: 'as' }

/** ASes with their row; of an AS in several countries that which says least. */
function asRows(rows: readonly LearnedRow[]): ReadonlyMap<number, AsRow> {
  const found = new Map<number, AsRow>()
  for (const row of rows) {
    if (row.kind !== 'as') continue
    const other = found.get(row.asn)
    if (other === undefined || Math.abs(row.decibels) < Math.abs(other.decibels)) found.set(row.asn, row)
  }
  return found
}

/**
 * The lines of a file of weights. Weights of an AS and of a network are added up where it is used, so that a network has
 * what it is worth beyond its AS; those of countries would be added as well, and are left out.
 */
export function weightLines(rows: readonly LearnedRow[], weighing: Weighing): string[] {
  const ases = asRows(rows)
  const lines = ['subject,weight,note']
  for (const { asn, decibels, text } of ases.values()) {
    const weight = weightOf(decibels, weighing)
    if (weight !== 0) lines.push(`AS${asn},${weight},"${text}"`)
  }
  for (const row of rows) {
    if (row.kind !== 'network') continue
    const asn = Number(/^AS(\d+) /.exec(row.text)?.[1] ?? 0)
    const ofAs = weightOf(ases.get(asn)?.decibels ?? 0, weighing)
    lines.push(`${row.cidr},${weightOf(row.decibels, weighing) - ofAs},"${row.text}"`)
  }
  return lines
}

/** The lines of a map from AS numbers to decibels, positive for spam, as rspamd's scores are. */
export function rspamdMapLines(rows: readonly LearnedRow[]): string[] {
  return [...asRows(rows).values()].flatMap(({ asn, decibels, text }) => {
    const told = -weightOf(decibels, { weight: 1, most: MAX_TOLD })
    return told === 0 ? [] : [`${asn} ${told} # ${text}`]
  })
}
