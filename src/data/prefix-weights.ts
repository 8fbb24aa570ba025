// The prefixes of the weights as layers: the most specific one that an address lies in counts.

import type { PrefixWeight } from '../score/weights.ts'
import { flatten } from '../table/flatten.ts'
import type { Steps } from '../table/steps.ts'
import { parseCidr } from './cidr-text.ts'
import { RangesBuilder } from './ranges.ts'

/** The layers; a step's value is 1 + the index of the prefix. */
export interface PrefixLayers {
  readonly v4: Steps
  readonly v6: Steps
}

/** @throws {Error} with a short reason when one is no CIDR. */
export function prefixLayers(prefixes: readonly PrefixWeight[]): PrefixLayers {
  const rows = prefixes.map(({ cidr }, index) => ({ cidr: parseCidr(cidr), value: index + 1 }))
  // In file order the later row wins where two overlap: the longest prefix has to be last, of equals the first.
  rows.sort((a, b) => a.cidr.length - b.cidr.length || b.value - a.value)
  const ofFamily = (family: 4 | 6): Steps => {
    const builder = new RangesBuilder(family, 1024)
    for (const { cidr, value } of rows) if (cidr.family === family) builder.add(cidr.start, cidr.end, value)
    return flatten(builder.finish()).steps
  }
  return { v4: ofFamily(4), v6: ofFamily(6) }
}
