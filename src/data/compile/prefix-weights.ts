// The prefixes of the weights as layers: the most specific one that an address lies in counts.

import type { PrefixWeight } from '../../score/weights.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { layersOfPrefixes, type PrefixLayers } from './prefix-layers.ts'

/**
 * The layers; an interval's value is 1 + the index of the prefix. Of equal prefixes the first counts.
 *
 * @throws {Error} with a short reason when one is not a CIDR.
 */
export function prefixLayers(prefixes: readonly PrefixWeight[]): PrefixLayers {
  return layersOfPrefixes(
    prefixes.map(({ cidr }, index) => ({ cidr: parseCidr(cidr), value: index + 1 })).reverse(),
  )
}
