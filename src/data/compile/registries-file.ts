// Where the tables of the registries lie.

import { fileURLToPath } from 'node:url'

/** The two tables. */
export interface RegistryFiles {
  /** `cidr,registry`, nested: the longest prefix counts. */
  readonly addresses: string
  /** `first,last,registry`: blocks of AS numbers. */
  readonly ases: string
}

/** The files that are shipped with asnzone. */
export const REGISTRY_FILES: RegistryFiles = {
  addresses: fileURLToPath(new URL('../../../data/ip-registries.csv', import.meta.url)),
  ases: fileURLToPath(new URL('../../../data/as-registries.csv', import.meta.url)),
}
