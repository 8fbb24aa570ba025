// What is in the presets, as it was read when the program was bundled: each start needs them, and to read YAML takes
// half as long as to start Node.js. A preset that somebody has changed is no longer known, and read as it is.

import type { ZoneDefinition } from '../zones/definition.ts'

/**
 * Zones as JSON, without the file's name, by the text of the file that defines them. There are some in the bundle only
 * (scripts/bundle.js).
 */
const zonesByText: ReadonlyMap<string, string> = new Map()

/**
 * The zones of a file, when they are known.
 *
 * @param path the file, for error messages
 */
export function knownZones(path: string, text: string): ZoneDefinition[] | null {
  const zones = zonesByText.get(text)
  if (zones === undefined) return null
  return (JSON.parse(zones) as Omit<ZoneDefinition, 'file'>[]).map((zone) => ({ ...zone, file: path }))
}
