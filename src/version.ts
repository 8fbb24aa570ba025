// The version of asnzone, from its package.json.

import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Such as `0.1.0`. */
export const VERSION = version
