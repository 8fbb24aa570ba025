// The evidence for a row, as the zone's TXT shows it: `AS14061 | 22 spam, 2 ham | 165.245.131.0/24 | 1 spam, 0 ham | 2026-11-27`.

import { countryText, keyText, LEVEL } from './keys.ts'
import type { Judgement, LevelSays } from './model.ts'
import type { PlaceKeys } from './place.ts'

/** Counts as people write them. */
const countsText = ({ spam, ham }: LevelSays): string => `${Math.round(spam)} spam, ${Math.round(ham)} ham`

/** A day in UTC. */
const dayText = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10)

/**
 * The text of a row.
 *
 * @param level which of the levels of the place the row is of, from 0
 * @param seen when its newest verdict came
 */
export function evidenceText(keys: PlaceKeys, { levels }: Judgement, level: number, seen: number): string {
  const asn = keys[LEVEL.as + 1]
  const country = countryText(keys[LEVEL.country + 1])
  const parts: string[] = []
  if (asn !== 0 && level >= 1) parts.push(`AS${asn}`, countsText(levels[1]))
  else if (country !== '') parts.push(country, countsText(levels[0]))
  if (level >= 2) parts.push(keyText(keys[level * 2], keys[level * 2 + 1]), countsText(levels[level]))
  return [...parts, dayText(seen)].join(' | ')
}
