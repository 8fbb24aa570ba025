// The filter that keeps a process from typing into a terminal, run here as the kernel would. test/cli/as-root.test.ts has
// a terminal.

import { describe, expect, test } from 'vitest'
import { filterAgainstTyping } from '../../src/system/no-typing.ts'

const ALLOW = 0x7fff0000
const EPERM = 0x00050001
const ENOSYS = 0x00050026
const X64 = 0xc000003e
const ARM64 = 0xc00000b7
const I386 = 0x40000003

interface Call {
  readonly number: number
  readonly audited: number
  readonly request?: bigint
}

/** What the filter returns for a call: an interpreter of the few instructions it has. */
function verdict(filter: Uint8Array, { number, audited, request = 0n }: Call): number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number, true)
  data.setUint32(4, audited, true)
  data.setBigUint64(24, request, true)
  const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength)
  let accumulator = 0
  for (let at = 0; ; at += 8) {
    const code = program.getUint16(at, true)
    const operand = program.getUint32(at + 4, true)
    const jump = (isSo: boolean): number => 8 * program.getUint8(at + (isSo ? 2 : 3))
    if (code === 0x20) accumulator = data.getUint32(operand, true)
    else if (code === 0x15) at += jump(accumulator === operand)
    else if (code === 0x35) at += jump(accumulator >= operand)
    else if (code === 0x06) return operand
    else throw new Error(`instruction ${code}`)
  }
}

describe.each([
  ['x64', X64, 16],
  ['arm64', ARM64, 29],
] as const)('%s', (architecture, audited, ioctl) => {
  const filter = filterAgainstTyping(architecture) ?? new Uint8Array()
  test.each([
    ['TIOCSTI', { number: ioctl, audited, request: 0x5412n }, EPERM],
    ['TIOCSTI with something above its 32 bits', { number: ioctl, audited, request: 0x1_0000_5412n }, EPERM],
    ['TIOCLINUX', { number: ioctl, audited, request: 0x541cn }, EPERM],
    ['the size of the terminal', { number: ioctl, audited, request: 0x5413n }, ALLOW],
    ['another call with such an argument', { number: 1, audited, request: 0x5412n }, ALLOW],
    ['a call in the way of another architecture', { number: 54, audited: I386, request: 0x5412n }, ENOSYS],
    ['a call of x32', { number: 0x40000202, audited, request: 0x5412n }, ENOSYS],
  ])('%s', (_, call, expected) => {
    expect(verdict(filter, call)).toBe(expected)
  })
})

test('an architecture that is not known has none', () => {
  expect(filterAgainstTyping('mips')).toBeNull()
})
