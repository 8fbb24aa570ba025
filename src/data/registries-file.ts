// Where the table of IANA's allocations lies.

import { fileURLToPath } from 'node:url'

/** The file that is shipped with asnzone. */
export const REGISTRIES_FILE = fileURLToPath(new URL('../../data/iana-registries.csv', import.meta.url))
