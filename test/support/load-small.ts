// loadTable with registries of a few rows, and no room made between: the real ones take longer to read than everything else
// that a test loads, and to collect the garbage of all tests longer still.

import { type LoadOptions, loadTable } from '../../src/data/compile/load.ts'
import type { RegistryFiles } from '../../src/data/compile/registries-file.ts'
import type { Source } from '../../src/data/sources/sources.ts'
import type { Table } from '../../src/table/table.ts'
import { projectPath } from '../docs/markdown.ts'

/** What the tests ask for of data/ip-registries.csv and data/as-registries.csv. */
const SMALL_REGISTRIES: RegistryFiles = {
  addresses: projectPath('test/support/registries/addresses.csv'),
  ases: projectPath('test/support/registries/ases.csv'),
}

/** `loadTable`; options are those of loading. */
export function loadSmall(sources: readonly Source[], options: LoadOptions = {}): Promise<Table> {
  return loadTable(sources, { registryFiles: SMALL_REGISTRIES, release: () => {}, ...options })
}
