// Files that processes which were killed have left in the data directory while they wrote them.

import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TEMPORARY, UNIQUE } from '../system/atomic-file.ts'
import { PUBLISHED_FILE } from './snapshot/pulled.ts'
import { GUEST_SNAPSHOT_FILE, SNAPSHOT_FILE } from './snapshot/snapshot.ts'

/** What is still written changes every moment. The process may be in another container, where we can't see it. */
const UNTOUCHED_MS = 60_000

/** No file takes that long; this counts where a number tells nothing, such as that of another container's process. */
const OLD_MS = 3600_000

/** The names that we give, with the process that does; those of an older asnzone don't tell it. */
const OURS = [
  [TEMPORARY, ''],
  [`${SNAPSHOT_FILE}.`, '.tmp'],
  [`${GUEST_SNAPSHOT_FILE}.`, '.tmp'],
  [`${PUBLISHED_FILE}.`, '.tmp'],
].map(([begin, end]) => new RegExp(`^${literal(begin)}${UNIQUE}${literal(end)}$`))

/** Removes those that no living process writes any more. What can't be removed stays, as does all that isn't ours. */
export function removeLeftOvers(directory: string, now: number = Date.now()): void {
  for (const name of namesIn(directory)) {
    const found = OURS.map((ours) => ours.exec(name)).find((match) => match !== null)
    if (found === undefined) continue
    const path = join(directory, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isFile() !== true) continue
    const age = now - stats.mtimeMs
    const isOrphan = found[1] !== undefined && !isAlive(Number(found[1]))
    if (age < (isOrphan ? UNTOUCHED_MS : OLD_MS)) continue
    try {
      rmSync(path, { force: true })
    } catch {
      // Of another user, say: it is in nobody's way.
    }
  }
}

function literal(text: string): string {
  return text.replaceAll('.', '\\.')
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
