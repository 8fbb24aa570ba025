// The zones as HTTP shows them: plain data, made where the zones are compiled anyway.

import type { ZoneDefinition } from '../zones/definition.ts'
import type { ZoneSet } from '../zones/zone-set.ts'

/** What is shown of the zones of one definition. */
export interface ShownZone {
  readonly id: string
  readonly owner: ZoneDefinition['owner']
  /** The names of its apexes; where there is one for each country, CC stands for them. */
  readonly apexes: readonly string[]
  /** An apex that is served. */
  readonly name: string
  /** The row of its counters. */
  readonly row: number
}

/** What is shown of all zones of a set, in the order of their definitions. */
export function shownZones({ zones }: ZoneSet): ShownZone[] {
  const shown = new Map<ZoneDefinition, ShownZone & { readonly apexes: string[] }>()
  for (const { name, body } of zones) {
    const { id, owner, apex } = body.definition
    const apexName = apex.some((pattern) => pattern.includes('{cc}')) ? name.replace(/^[^.]+/, 'CC') : name
    const known = shown.get(body.definition)
    if (known === undefined) {
      shown.set(body.definition, { id, owner, apexes: [apexName], name, row: body.row })
    } else if (!known.apexes.includes(apexName)) known.apexes.push(apexName)
  }
  return [...shown.values()]
}
