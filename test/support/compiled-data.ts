// A data directory of a server's own, with the snapshot that compile-once.ts has made: what one server keeps there, its
// serial say, is nothing to another one.

import { existsSync, linkSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folders.ts'

/** The path of a new one. */
export function compiledData(): string {
  const folder = temporaryFolder()
  const compiled = process.env.TEST_DATA_DIRECTORY
  const name = 'table.snapshot'
  // A snapshot is replaced, never changed.
  if (compiled !== undefined && existsSync(join(compiled, name))) {
    linkSync(join(compiled, name), join(folder, name))
  }
  return folder
}
