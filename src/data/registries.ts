// The regional registry of an address, from IANA's allocations (data/iana-registries.csv): the longest match.

import { readFile } from 'node:fs/promises'
import { parseString } from 'fast-csv'
import { AsnzoneError } from '../errors.ts'
import { flatten, type Ranges } from '../table/flatten.ts'
import type { Steps } from '../table/steps.ts'
import { parseCidr } from './cidr-text.ts'
import { RangesBuilder } from './ranges.ts'
import { REGISTRIES_FILE } from './registries-file.ts'
import { Numbered } from './vocabulary.ts'

/** Which registry holds what; a step's value is the number of its name. */
export interface Registries {
  /** The names, the one with the number 1 first. */
  readonly names: readonly string[]
  readonly v4: Steps
  readonly v6: Steps
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
  const rows: { cidr: ReturnType<typeof parseCidr>; value: number }[] = []
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
  // In file order the later row wins where two overlap; from short to long prefixes the longest does.
  rows.sort((a, b) => a.cidr.length - b.cidr.length)
  const ofFamily = (family: 4 | 6): Ranges => {
    const builder = new RangesBuilder(family, 1024)
    for (const { cidr, value } of rows) if (cidr.family === family) builder.add(cidr.start, cidr.end, value)
    return builder.finish()
  }
  return { names: names.texts(), v4: flatten(ofFamily(4)).steps, v6: flatten(ofFamily(6)).steps }
}
