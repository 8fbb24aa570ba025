// Compiles the bundled data once for all test files that start the built program: each then finds the snapshot.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Runs before the first test file; what it returns runs behind the last one. */
export default function compileOnce(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'asnzone-test-data-'))
  execFileSync(process.execPath, [MAIN, 'lookup', '8.8.8.8', '--data-dir', folder], { stdio: 'pipe' })
  process.env.TEST_DATA_DIRECTORY = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
