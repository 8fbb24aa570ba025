// The regional registry of an address (data/ip-registries.csv, the longest match) and of an AS number
// (data/as-registries.csv).

import { readFile } from 'node:fs/promises'
import { parseString } from 'fast-csv'
import { AsnzoneError } from '../../errors.ts'
import { flatten } from '../../table/build/flatten.ts'
import { RangesBuilder } from '../../table/build/ranges.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import type { IntervalMap } from '../../table/interval-map.ts'
import { Numbered } from './numbered.ts'
import { layersOfPrefixes, type PrefixLayers, type PrefixValue } from './prefix-layers.ts'
import { REGISTRY_FILES, type RegistryFiles } from './registries-file.ts'
import { readAsNumber } from './weight-fields.ts'

/** Which registry holds what; an interval's value is the number of its name. */
export interface Registries extends PrefixLayers {
  /** The names, the one with the number 1 first. */
  readonly names: readonly string[]
  /** Over AS numbers, which are as wide as IPv4 addresses. */
  readonly ases: IntervalMap
}

/**
 * Reads `cidr,registry` rows of addresses and `first,last,registry` rows of AS numbers, each under a header line.
 *
 * @param names numbers the names of the registries
 * @throws {AsnzoneError} `ASNZONE_DATA` when a file can't be read or a row can't be right.
 */
export async function readRegistries(
  files: RegistryFiles = REGISTRY_FILES,
  names: Numbered = new Numbered(),
): Promise<Registries> {
  const prefixes: PrefixValue[] = []
  await readRows(files.addresses, ['cidr', 'registry'], ({ cidr, registry }) => {
    prefixes.push({ cidr: parseCidr(cidr), value: names.numberOf(registry) })
  })
  const blocks = new RangesBuilder(4, 1 << 12)
  await readRows(files.ases, ['first', 'last', 'registry'], ({ first, last, registry }) => {
    const [start, end] = [readAsNumber(first), readAsNumber(last)]
    if (start > end) throw new Error(`AS ${first} is above AS ${last}`)
    blocks.add(Uint32Array.of(start), Uint32Array.of(end), names.numberOf(registry))
  })
  return { names: names.texts(), ...layersOfPrefixes(prefixes), ases: flatten(blocks.finish()).intervals }
}

async function readRows<Column extends string>(
  file: string,
  columns: readonly Column[],
  take: (row: Readonly<Record<Column, string>>) => void,
): Promise<void> {
  let line = 1
  try {
    for await (const row of parseString(await readFile(file, 'utf8'), { headers: true })) {
      line++
      const fields = row as Partial<Record<Column, string>>
      if (columns.some((column) => !fields[column])) {
        throw new Error(`a row needs the columns ${columns.join(', ').replace(/, (?=[^,]*$)/, ' and ')}`)
      }
      take(fields as Record<Column, string>)
    }
    if (line === 1) throw new Error('the file holds no rows')
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `${file}:${line}: ${(cause as Error).message}`, { cause })
  }
}
