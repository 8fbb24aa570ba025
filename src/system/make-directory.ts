// Makes a directory and those above it. Not with the recursive mkdir of Node.js: where the system says that a
// directory is missing above one that is there, as /proc does, that one tries for ever (seen in Node.js 20).

import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Directories that we make are to be looked into by all; what others may not read has a mode of its own. */
const MODE = 0o755

/**
 * Makes a directory where it isn't there, and each above it, once each.
 *
 * @throws {Error} of the system when one can't be made, or when there is something else of this name.
 */
export function makeDirectory(path: string): void {
  const failure = tryToMake(path)
  if (failure === null) return
  const above = dirname(path)
  if (failure.code !== 'ENOENT' || above === path) throw failure
  makeDirectory(above)
  const again = tryToMake(path)
  if (again !== null) throw again
}

/** Null when the directory is there now. */
function tryToMake(path: string): NodeJS.ErrnoException | null {
  try {
    mkdirSync(path, { mode: MODE })
    return null
  } catch (error) {
    // Who made it, and when, is of no interest; some systems say EROFS or EACCES of one that is there.
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? null : (error as Error)
  }
}
