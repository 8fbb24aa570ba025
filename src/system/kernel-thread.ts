// Threads as Linux sees them: which one this is, and whether one computes or waits.

import { readFileSync, readlinkSync } from 'node:fs'

/** The number that Linux has for the thread that asks; null where there is no /proc. */
export function kernelThread(): number | null {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return null
  }
}

/** Whether a thread of this process computes; it waits otherwise, for a disk that hangs, say. True where nobody can tell. */
export function isComputing(thread: number | null): boolean {
  if (thread === null) return true
  try {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
    // The name, in brackets, may hold anything; the state is the letter after it (proc_pid_stat(5)).
    return stat[stat.lastIndexOf(')') + 2] === 'R'
  } catch {
    return true
  }
}
