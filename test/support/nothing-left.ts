// A folder for all that the tests of a project make among the temporary files, and the proof that they clear it away.

import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** Octets that are enough for all that is there at a time. */
const ROOM = 1 << 30

/** Memory, where it has room: a database that waits for the disk with each of hundreds of writes takes minutes of a run. */
function place(): string {
  const memory = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= ROOM ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** Runs before the first test file; what it returns runs after the last one, and fails the run when something is left. */
export default function nothingLeft(project: TestProject): () => void {
  const folder = mkdtempSync(join(place(), 'asnzone-'))
  project.config.env = { ...project.config.env, TMPDIR: folder }
  return () => {
    const left = readdirSync(folder)
    rmSync(folder, { recursive: true, force: true })
    if (left.length === 0) return
    // What is thrown here is printed, and nothing else.
    process.exitCode = 1
    throw new Error(`${project.name}: the tests have left ${left.length} temporary files, such as ${left[0]}`)
  }
}
