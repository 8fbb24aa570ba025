// Finds the zone files: the presets that are shipped in zones/, and a directory of the user's own.

import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsnzoneError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { fileReason } from '../system/file-reason.ts'
import { parseZoneFile, type ZoneDefinition } from '../zones/definition.ts'
import type { PlaceOf } from '../zones/zone-set.ts'
import { knownZones } from './known-presets.ts'
import { parseYaml, readText, readYamlFile } from './yaml-file.ts'
import { checkCountries } from './zone-countries.ts'

/** The directory of the presets. */
export const PRESETS = fileURLToPath(new URL('../../zones/', import.meta.url))

/**
 * All zone definitions but the disabled ones, presets first, files in alphabetical order.
 *
 * @param directory the user's own zone files
 * @param disable names of files without their ending, or of zones
 * @throws {AsnzoneError} `ASNZONE_ZONE` when a file is wrong, `ASNZONE_CONFIG` when `disable` names nothing.
 */
export function readZoneDefinitions(
  directory: string | undefined,
  disable: readonly string[],
): ZoneDefinition[] {
  const paths = [...zoneFilesIn(PRESETS), ...(directory === undefined ? [] : zoneFilesIn(directory))]
  const all = paths.flatMap((path) => readZoneFile(path).map((zone) => ({ preset: presetName(path), zone })))
  for (const name of disable) {
    if (all.some(({ preset, zone }) => preset === name || zone.id === name)) continue
    const names = all.flatMap(({ preset, zone }) => [preset, zone.id])
    const match = nearest(name, names)
    const hint = match === undefined ? 'see asnzone zones' : `did you mean '${match}'?`
    throw new AsnzoneError('ASNZONE_CONFIG', `disable: there is no preset or zone '${name}'; ${hint}`)
  }
  const served = all
    .filter(({ preset, zone }) => !disable.includes(preset) && !disable.includes(zone.id))
    .map(({ zone }) => zone)
  const files = new Map<string, string>()
  for (const { id, file } of served) {
    const other = files.get(id)
    if (other !== undefined) {
      const place = readYamlFile(file, 'ASNZONE_ZONE').where(['zones', id])
      throw new AsnzoneError('ASNZONE_ZONE', `${place}: zone ${id} is in ${other} too; rename one`)
    }
    files.set(id, file)
  }
  return served
}

function readZoneFile(path: string): ZoneDefinition[] {
  // What lies in a directory isn't named by anybody: a pipe there would be waited for.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new AsnzoneError('ASNZONE_ZONE', `${path}: it is not a file; remove it from the directory of zones`)
  }
  const text = readText(path, 'ASNZONE_ZONE')
  const known = knownZones(path, text)
  if (known !== null) return known
  const { contents, where } = parseYaml(path, text, 'ASNZONE_ZONE')
  const zones = parseZoneFile(path, contents, where)
  checkCountries(zones, where)
  return zones
}

/**
 * `file:line` of a field of a zone, `lists.distance` for one within another, for an error that shows only when all zones are put together; the file's name where
 * it can't be read any more.
 */
export const placeOfField: PlaceOf = ({ id, file }, field) => {
  try {
    return readYamlFile(file, 'ASNZONE_ZONE').where(['zones', id, ...field.split('.')])
  } catch {
    return file
  }
}

function presetName(path: string): string {
  return basename(path).replace(/\.ya?ml$/, '')
}

function zoneFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(directory, name))
  } catch (cause) {
    const isLost = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = isLost ? `the folder ${directory} does not exist` : `${directory}: ${fileReason(cause)}`
    throw new AsnzoneError('ASNZONE_ZONE', `zones: ${reason}`, { cause })
  }
}
