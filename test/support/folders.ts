// Temporary folders that are gone when the tests of a file have ended.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FOLDERS = Symbol.for('asnzone.temporary-folders')

// One list for a process: a test that resets modules reads this one again.
const shared = globalThis as { [FOLDERS]?: string[] }
const folders = shared[FOLDERS] ?? []
shared[FOLDERS] = folders

/** The path of a folder with files of the given names and contents. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'asnzone-test-'))
  folders.push(path)
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(path, name), contents)
  return path
}

/** Removes all of this process; called after each test file (remove-folders.ts). */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
