// A catalog zone (RFC 9432): tells secondaries which zones there are.

import type { Zone } from '../zones/zone.ts'
import { authorityOf } from './zone-authority.ts'

/** The longest label (RFC 1035 2.3.4). */
const MOST_LABEL = 63

/**
 * The file. A member's label is its identity and must stay the same: it is made of its name alone.
 *
 * @param name that of the catalog zone, without a final dot
 * @throws {Error} with a short reason when a zone's name is too long to be one label.
 */
export function catalogZone(name: string, zones: readonly Zone[], head: string): string {
  const { serial, timers } = authorityOf(zones[0])
  const members = zones.map((zone) => {
    const label = zone.name.replaceAll('.', '-')
    if (label.length > MOST_LABEL) throw new Error(`${zone.name} is too long for a catalog zone`)
    return `${label}.zones 0 PTR ${zone.name}.`
  })
  const [refresh, retry, expire] = timers
  return [
    `; ${head}`,
    `$ORIGIN ${name}.`,
    `@ 0 SOA invalid. invalid. ${serial} ${refresh} ${retry} ${expire} 0`,
    '@ 0 NS invalid.',
    'version 0 TXT "2"',
    ...members,
    '',
  ].join('\n')
}
