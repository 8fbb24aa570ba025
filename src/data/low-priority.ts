// The priority of one thread.

import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'

/**
 * Lets every other thread and process go first, for as long as this thread lives. Linux gives each thread a
 * priority of its own, by its number; other systems only know the priority of the whole process, which is left.
 */
export function yieldToOthers(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')))
    setPriority(thread, constants.priority.PRIORITY_LOW)
  } catch {
    // Without /proc, or where a sandbox forbids it, compiling is as important as answering.
  }
}
