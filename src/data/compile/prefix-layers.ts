// A list of prefixes as layers: the longest one that an address lies in counts.

import { flatten } from '../../table/build/flatten.ts'
import { RangesBuilder } from '../../table/build/ranges.ts'
import type { Cidr } from '../../table/cidr-text.ts'
import type { IntervalMap } from '../../table/interval-map.ts'

/** A prefix, and the value of its addresses. */
export interface PrefixValue {
  readonly cidr: Cidr
  readonly value: number
}

/** A layer for each family. */
export interface PrefixLayers {
  readonly v4: IntervalMap
  readonly v6: IntervalMap
}

/** Of prefixes that are equal the last counts. */
export function layersOfPrefixes(prefixes: readonly PrefixValue[]): PrefixLayers {
  // In file order the later row wins where two overlap; from short to long prefixes the longest does.
  const rows = [...prefixes].sort((a, b) => a.cidr.length - b.cidr.length)
  const ofFamily = (family: 4 | 6): IntervalMap => {
    const builder = new RangesBuilder(family, 1024)
    for (const { cidr, value } of rows) if (cidr.family === family) builder.add(cidr.start, cidr.end, value)
    return flatten(builder.finish()).intervals
  }
  return { v4: ofFamily(4), v6: ofFamily(6) }
}
