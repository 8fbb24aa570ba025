// The version of asnzone, from its package.json.

import { createRequire } from 'node:module'

/** Such as `0.1.0`. */
export const VERSION = (createRequire(import.meta.url)('../package.json') as { version: string }).version
