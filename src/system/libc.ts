// The few calls of libc that the UDP front end makes, through koffi, for 64-bit little-endian Linux.
//
// Addresses are passed as plain numbers: an address in user space is below 2^47, which a number holds exactly,
// and a number costs nothing to pass. Constants are those of the kernel's generic ABI, which the architectures
// below share, under glibc and musl alike.

import { endianness } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { KoffiFunc } from 'koffi'

const ARCHITECTURES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64']

/** The number of the call, which is the same for all architectures but that of x64. */
const SCHED_SETATTR = process.arch === 'x64' ? 314 : 274

export const AF_INET = 2
export const AF_INET6 = 10
const M_TRIM_THRESHOLD = -1
const M_MMAP_THRESHOLD = -3
/** glibc keeps a freed block of less than this for later, and raises the bar to what it saw freed unless told. */
const LARGE_BLOCK = 4 << 20
/** And of what is free at the end of a thread's memory, as much as this. */
const KEPT_FREE = 128 << 10
export const MSG_DONTWAIT = 0x40
export const MSG_WAITFORONE = 0x10000
export const POLLIN = 1

/**
 * The calls; each returns −1 on failure. `errno` tells why, for messages: nothing may depend on it, because an
 * interrupt between two calls, such as a process report of another thread, sets it anew.
 */
export interface Libc {
  readonly recvmmsg: (fd: number, vector: number, length: number, flags: number) => number
  readonly sendmmsg: (fd: number, vector: number, length: number, flags: number) => number
  readonly sendto: (
    fd: number,
    message: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ) => number
  readonly poll: (fds: number, count: number, milliseconds: number) => number
  readonly eventfd: (initial: number, flags: number) => number
  readonly read: (fd: number, memory: number, length: number) => number
  readonly write: (fd: number, octets: Uint8Array, length: number) => number
  readonly errno: () => number
  /** The address of an array's memory, which must be off the JavaScript heap: 4 KiB or more always are. */
  readonly addressOf: (memory: ArrayBufferView) => number
  /** Memory of somebody else, who has to keep it for as long as it is read. */
  readonly memoryAt: (address: number, octets: number) => ArrayBuffer
  readonly socket: (family: number, type: number, protocol: number) => number
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number
  readonly getsockopt: (
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: Uint8Array,
  ) => number
  readonly bind: (fd: number, address: Uint8Array, length: number) => number
  readonly listen: (fd: number, backlog: number) => number
  readonly getsockname: (fd: number, address: Uint8Array, length: Uint8Array) => number
  readonly fcntl: (fd: number, command: number, flags: number) => number
  readonly close: (fd: number) => number
  /** Sets how a thread is scheduled; 0 is the one that calls. `attributes` is the kernel's `struct sched_attr`. */
  readonly sched_setattr: (thread: number, attributes: Uint8Array, flags: number) => number
  /** Gives memory that was freed back to the system, where libc can (glibc; musl does so by itself). */
  readonly trimMemory: () => void
  /**
   * From now on memory goes back to the system when it is freed: pieces of some megabytes, such as a table, and what is left
   * over at the end of what a thread has taken. glibc raises both limits by itself, to tens of megabytes for each thread.
   */
  readonly returnFreedMemory: () => void
}

/** Why this machine can't use the calls, or null when it can. */
export function unsupportedReason(): string | null {
  if (process.platform !== 'linux') return `${process.platform} has no recvmmsg`
  if (endianness() !== 'LE' || !ARCHITECTURES.includes(process.arch)) {
    return `structure offsets for ${process.arch} are not known`
  }
  return null
}

/**
 * Loads koffi and declares the calls.
 *
 * @throws {Error} when koffi has no binary for this machine.
 */
export async function loadLibc(): Promise<Libc> {
  const { default: koffi } = await import('koffi')
  const library = koffi.load(null)
  const declare = <T extends (...values: never[]) => number>(prototype: string): KoffiFunc<T> =>
    library.func(prototype) as KoffiFunc<T>
  const recvmmsg = declare<
    (fd: number, vector: number, length: number, flags: number, timeout: number) => number
  >('int recvmmsg(int fd, uintptr_t vector, uint length, int flags, uintptr_t timeout)')
  // glibc has no function for sched_setattr before 2.41, and musl has none.
  const syscall = declare<(call: number, thread: number, attributes: Uint8Array, flags: number) => number>(
    'long syscall(long call, int thread, const uint8_t *attributes, uint flags)',
  )
  const malloc_trim = optional(() => declare<(keep: number) => number>('int malloc_trim(size_t keep)'))
  const mallopt = optional(() =>
    declare<(parameter: number, value: number) => number>('int mallopt(int parameter, int value)'),
  )
  return {
    trimMemory: () => malloc_trim?.(0),
    returnFreedMemory: () => {
      mallopt?.(M_MMAP_THRESHOLD, LARGE_BLOCK)
      mallopt?.(M_TRIM_THRESHOLD, KEPT_FREE)
    },
    recvmmsg: (fd, vector, length, flags) => recvmmsg(fd, vector, length, flags, 0),
    sendmmsg: declare('int sendmmsg(int fd, uintptr_t vector, uint length, int flags)'),
    sendto: declare(
      'long sendto(int fd, const uint8_t *message, size_t length, int flags, const uint8_t *address, uint size)',
    ),
    poll: declare('int poll(uintptr_t fds, ulong count, int timeout)'),
    eventfd: declare('int eventfd(uint initial, int flags)'),
    read: declare('long read(int fd, uintptr_t memory, size_t length)'),
    write: declare('long write(int fd, const uint8_t *octets, size_t length)'),
    errno: () => koffi.errno(),
    addressOf: (memory) => Number(koffi.address(memory)),
    memoryAt: (address, octets) => koffi.view(BigInt(address), octets),
    socket: declare('int socket(int family, int type, int protocol)'),
    setsockopt: declare('int setsockopt(int fd, int level, int name, const uint8_t *value, uint length)'),
    getsockopt: declare(
      'int getsockopt(int fd, int level, int name, _Inout_ uint8_t *value, _Inout_ uint8_t *length)',
    ),
    bind: declare('int bind(int fd, const uint8_t *address, uint length)'),
    listen: declare('int listen(int fd, int backlog)'),
    getsockname: declare('int getsockname(int fd, _Inout_ uint8_t *address, _Inout_ uint8_t *length)'),
    fcntl: declare('int fcntl(int fd, int command, long flags)'),
    close: declare('int close(int fd)'),
    sched_setattr: (thread, attributes, flags) => syscall(SCHED_SETATTR, thread, attributes, flags),
  }
}

/** What `declare` gives, or null where libc lacks the function. */
function optional<T>(declare: () => T): T | null {
  try {
    return declare()
  } catch {
    return null
  }
}

/** The name of what the last call failed of, for a message. */
export function failureOf(libc: Libc): string {
  const number = libc.errno()
  return getSystemErrorMap().get(-number)?.[0] ?? `errno ${number}`
}
