// The examples of all presets as questions, with the answers that dig +short prints.

import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import { exampleQuestion } from '../../src/zones/example.ts'
import { compileZoneSet } from '../../src/zones/zone-set.ts'
import { presetZones, smallTable } from './small-table.ts'

export const PRESET_DEFINITIONS = presetZones()

/** One for each apex that holds names. */
export const PRESET_EXAMPLES = compileZoneSet(
  PRESET_DEFINITIONS,
  zoneSetOptions(loadSettings({}), smallTable().metadata()),
).zones.flatMap((zone) => {
  const question = exampleQuestion(zone)
  return question === null ? [] : [question]
})

/** Those that are answered with the default settings. */
export const ANSWERED_EXAMPLES = PRESET_EXAMPLES.filter(({ settings }) => Object.keys(settings).length === 0)
