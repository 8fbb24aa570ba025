// A service as a worker is given it: the memory that lies outside every heap by its address.
//
// A SharedArrayBuffer stays until each thread that was given it has collected its garbage, and a thread that allocates
// nothing does that when it is told to, for 8 ms in which it answers nobody. So a worker reads a table where it lies, and
// the main thread keeps it for as long as a worker may read it.

import type { Libc } from '../../system/libc.ts'
import type { Service } from '../service.ts'

/** Memory of this size lies off the JavaScript heap. */
const PAGE_OCTETS = 4096

/** Where some memory lies. */
interface LentMemory {
  readonly address: number
  readonly octets: number
}

/** Plain data that can be handed to a thread; good for as long as the service that it was made of. */
export interface LentService extends Omit<Service, 'table' | 'recordCounts'> {
  readonly table: LentMemory
  readonly recordCounts: { readonly memory: LentMemory; readonly slices: number } | null
}

/** @throws {Error} where V8 takes no memory from outside, as with its sandbox. */
export function refuseWithoutLending(libc: Libc): void {
  const memory = new SharedArrayBuffer(PAGE_OCTETS)
  try {
    libc.memoryAt(libc.addressOf(new Uint8Array(memory)), memory.byteLength)
  } catch (cause) {
    throw new Error(`this Node.js reads no memory of others: ${(cause as Error).message}`, { cause })
  }
}

/** The caller keeps the service until nobody reads what was lent. */
export function lend({ table, recordCounts, ...rest }: Service, libc: Libc): LentService {
  const lent = (buffer: SharedArrayBuffer): LentMemory => ({
    address: libc.addressOf(new Uint8Array(buffer)),
    octets: buffer.byteLength,
  })
  return {
    ...rest,
    table: lent(table),
    recordCounts:
      recordCounts === undefined ? null : { memory: lent(recordCounts.buffer), slices: recordCounts.slices },
  }
}

/** The service as the thread that it was lent to reads it. */
export function borrow({ table, recordCounts, ...rest }: LentService, libc: Libc): Service {
  // To V8 it is memory of this thread alone, which is all the same to who only reads it, or writes where nobody else does.
  const borrowed = ({ address, octets }: LentMemory): SharedArrayBuffer =>
    libc.memoryAt(address, octets) as ArrayBufferLike as SharedArrayBuffer
  return {
    ...rest,
    table: borrowed(table),
    recordCounts:
      recordCounts === null
        ? undefined
        : { buffer: borrowed(recordCounts.memory), slices: recordCounts.slices },
  }
}
