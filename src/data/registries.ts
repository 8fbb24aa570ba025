// The regional registry of an address, from IANA's allocations (data/iana-registries.csv): the longest match.

import { readFile } from 'node:fs/promises'
import { parseString } from 'fast-csv'
import { AsnzoneError } from '../errors.ts'
import { parseCidr } from './cidr-text.ts'
import { layersOfPrefixes, type PrefixLayers, type PrefixValue } from './prefix-layers.ts'
import { REGISTRIES_FILE } from './registries-file.ts'
import { Numbered } from './vocabulary.ts'

/** Which registry holds what; a step's value is the number of its name. */
export interface Registries extends PrefixLayers {
  /** The names, the one with the number 1 first. */
  readonly names: readonly string[]
}

/**
 * Reads `cidr,registry` rows under a header line.
 *
 * @param names numbers the names of the registries
 * @throws {AsnzoneError} `ASNZONE_DATA` when the file can't be read or a row isn't a CIDR and a name.
 */
export async function readRegistries(
  file: string = REGISTRIES_FILE,
  names: Numbered = new Numbered(),
): Promise<Registries> {
  const rows: PrefixValue[] = []
  let line = 1
  try {
    for await (const row of parseString(await readFile(file, 'utf8'), { headers: true })) {
      line++
      const { cidr, registry } = row as { cidr?: string; registry?: string }
      if (!cidr || !registry) throw new Error('a row needs the columns cidr and registry')
      rows.push({ cidr: parseCidr(cidr), value: names.numberOf(registry) })
    }
    if (rows.length === 0) throw new Error('the file holds no rows')
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `${file}:${line}: ${(cause as Error).message}`, { cause })
  }
  return { names: names.texts(), ...layersOfPrefixes(rows) }
}
