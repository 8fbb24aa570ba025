// Which code made a table: a newer asnzone must not serve an older one's.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A digest of the modules that shape tables. In the bundle it is a constant (scripts/bundle.js). */
export function codeDigest(): string {
  const hash = createHash('sha256')
  for (const directory of ['..', '../../score', '../../table']) {
    const path = fileURLToPath(new URL(directory, import.meta.url))
    for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.[jt]s$/.test(name)) hash.update(name).update(readFileSync(join(path, name)))
    }
  }
  return hash.digest('hex')
}
