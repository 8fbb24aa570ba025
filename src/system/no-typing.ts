// Keeps a process that has become another user, and whatever it starts, from typing into root's terminal (TIOCSTI): the
// shell would run it as root. Who can trace processes of that user could make it do so. TIOCLINUX pastes at a console.
//
// Only where there is a terminal: a filter costs each system call of a server some nanoseconds, and more on kernels
// before 5.16.

import { closeSync, constants, openSync } from 'node:fs'

/** AUDIT_ARCH and the number of ioctl, of those architectures that libc.ts knows. */
const ARCHITECTURES: Readonly<Record<string, readonly [number, number]>> = {
  x64: [0xc000003e, 16],
  arm64: [0xc00000b7, 29],
  riscv64: [0xc00000f3, 29],
  loong64: [0xc0000102, 29],
}

const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c

/** Instructions of a socket filter (linux/bpf_common.h): load a word; jump where it is equal, or not less; return. */
const LOAD = 0x20
const IF_EQUAL = 0x15
const IF_FROM = 0x35
const RETURN = 0x06

/** Offsets in struct seccomp_data; the second argument of ioctl is 32 bits to the kernel, whatever is above them. */
const NUMBER = 0
const ARCHITECTURE = 4
const REQUEST = 24

const ALLOW = 0x7fff0000
/** SECCOMP_RET_ERRNO with EPERM, and with ENOSYS for calls in the way of another architecture, x32 included. */
const NOT_PERMITTED = 0x00050001
const NO_SUCH_CALL = 0x00050026
const X32 = 0x40000000

/**
 * The filter for seccomp(2), eight octets an instruction in the order of the machine (little endian).
 *
 * @returns null for an architecture that isn't known
 */
export function filterAgainstTyping(architecture: string = process.arch): Uint8Array | null {
  const known = ARCHITECTURES[architecture]
  if (known === undefined) return null
  const [audited, ioctl] = known
  // Code, how far to jump where it is so and where it isn't, operand.
  const program: readonly (readonly [number, number, number, number])[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    [IF_EQUAL, 0, 7, audited],
    [LOAD, 0, 0, NUMBER],
    [IF_FROM, 5, 0, X32],
    [IF_EQUAL, 0, 3, ioctl],
    [LOAD, 0, 0, REQUEST],
    [IF_EQUAL, 3, 0, TIOCSTI],
    [IF_EQUAL, 2, 0, TIOCLINUX],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, NO_SUCH_CALL],
    [RETURN, 0, 0, NOT_PERMITTED],
  ]
  const octets = new Uint8Array(program.length * 8)
  const view = new DataView(octets.buffer)
  program.forEach(([code, yes, no, operand], i) => {
    view.setUint16(i * 8, code, true)
    view.setUint8(i * 8 + 2, yes)
    view.setUint8(i * 8 + 3, no)
    view.setUint32(i * 8 + 4, operand, true)
  })
  return octets
}

/** Whether this process belongs to a terminal. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY))
    return true
  } catch {
    return false
  }
}
