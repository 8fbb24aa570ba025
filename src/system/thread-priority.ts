// The priority of this process.

import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Lets every other process go first, for as long as this one lives. Linux gives each thread a priority of its own, by
 * its number: those that V8 collects garbage in are there already.
 */
export function yieldToOthers(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      setPriority(Number(thread), constants.priority.PRIORITY_LOW)
    }
  } catch {
    // Without /proc, or where a sandbox forbids it, compiling is as important as answering.
  }
}
