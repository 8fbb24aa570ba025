// A directory for one run, deleted when the bench ends.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @returns {string} */
export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'asnzone-bench-'))
  // rbldnsd reads its data as another user.
  chmodSync(directory, 0o755)
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}
