// Ends this process with the one that has started it, whatever either does at that moment: a listener of ours would
// have to wait for a loop or a system call to end.

import { unsupportedReason } from './libc.ts'

const PR_SET_PDEATHSIG = 1
const SIGKILL = 9

/**
 * Lets the kernel kill this process when the one that has started it dies (Linux; elsewhere the process itself has to
 * notice by itself).
 *
 * @param parent the number of the process that has started this one
 */
export async function dieWithParent(parent: number): Promise<void> {
  if (unsupportedReason() !== null) return
  try {
    const { default: koffi } = await import('koffi')
    const prctl = koffi.load(null).func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)')
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
  } catch {
    // Without a koffi for this machine it is as elsewhere.
  }
  // It may have died before the call.
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}
