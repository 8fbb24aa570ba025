// Whether another process has a database of SQLite locked: the kernel is asked, and no lock is taken. What holds it is of
// no matter, a server without its control socket, a command or sqlite3.

import { closeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Libc, loadLibc, unsupportedReason } from './libc.ts'
import { fileStats, openForReading } from './safe-file.ts'

/** Octets that SQLite locks, beyond what most files have (os.h): for who waits to write, who is about to, and who reads. */
const PENDING = 0x40000000
const READERS = PENDING + 2
const END = READERS + 510

/** Milliseconds that a lock may be there, as all have one who write or read, and from one look to the next. */
const PATIENCE = 1000
const APART = 50

const F_GETLK = 5
const F_RDLCK = 0
const F_WRLCK = 1
const F_UNLCK = 2
/** Offsets in struct flock. */
const TYPE = 0
const START = 8
const LENGTH = 16
/** Memory of this size is off the heap, so that it has an address. */
const OFF_HEAP = 4096

/**
 * Looks for a lock that stays for a second, long after who only reads or writes something is done.
 *
 * @param use what is to be done with the database: to `lock` it, if only to see to its mode, or to `read` it
 * @returns whether that can't be done; false where there is no file, or where libc can't be called
 * @throws {Error} of the system, or with the reason when it is not a file of ours.
 */
export async function isLocked(file: string, use: 'lock' | 'read'): Promise<boolean> {
  if (fileStats(file) === null || unsupportedReason() !== null) return false
  const libc = await loadLibc().catch(() => null)
  if (libc === null) return false
  const fd = openForReading(file)
  try {
    for (let waited = 0; hasLock(libc, fd, use); waited += APART) {
      if (waited >= PATIENCE) return true
      await setTimeout(APART)
    }
    return false
  } finally {
    closeSync(fd)
  }
}

function hasLock(libc: Libc, fd: number, use: 'lock' | 'read'): boolean {
  const [type, start] = use === 'lock' ? [F_WRLCK, PENDING] : [F_RDLCK, READERS]
  const memory = new Uint8Array(OFF_HEAP)
  const flock = new DataView(memory.buffer)
  flock.setInt16(TYPE, type, true)
  flock.setBigInt64(START, BigInt(start), true)
  flock.setBigInt64(LENGTH, BigInt(END - start), true)
  return libc.fcntl(fd, F_GETLK, libc.addressOf(memory)) === 0 && flock.getInt16(TYPE, true) !== F_UNLCK
}
