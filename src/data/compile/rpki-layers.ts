// What ROAs say, as layers: all validated ROA payloads of all sources together, since none of them hides another.

import { widthOf } from '../../table/address-arithmetic.ts'
import type { IntervalMap } from '../../table/interval-map.ts'
import { emptyIntervalMap } from '../../table/interval-map.ts'
import type { RpkiCounts } from '../../table/metadata.ts'
import { isAsSetText } from '../formats/reading/origins.ts'
import { validateOrigins } from './validate-origins.ts'
import type { ValueTables } from './value-tables.ts'
import { joinVrps, type SortedVrps } from './vrps.ts'

/** What ROAs say, by family. */
export interface RpkiLayers {
  readonly v4: IntervalMap
  readonly v6: IntervalMap
  readonly counts: RpkiCounts
}

/** The payloads of each source, by family. */
export type VrpFiles = Readonly<Record<4 | 6, readonly SortedVrps[]>>

/**
 * The layers; null where no source tells of ROAs.
 *
 * @param asesOf the AS layer of a family
 */
export function rpkiLayers(
  files: VrpFiles,
  asesOf: (family: 4 | 6) => IntervalMap | undefined,
  { origins, rpki }: ValueTables,
): RpkiLayers | null {
  if (files[4].length + files[6].length === 0) return null
  const isAsSet = (set: number): boolean => isAsSetText(origins.text(set))
  const of = (family: 4 | 6) =>
    validateOrigins(
      asesOf(family) ?? emptyIntervalMap(widthOf(family)),
      joinVrps(family, files[family]),
      isAsSet,
      rpki,
    )
  const [v4, v6] = [of(4), of(6)]
  return { v4: v4.intervals, v6: v6.intervals, counts: { v4: v4.counts, v6: v6.counts } }
}
