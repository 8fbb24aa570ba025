// The calls of libc: they reach the kernel, and what fails has the name that administrators search for.

import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { AF_INET, failureOf, type Libc, loadLibc, unsupportedReason } from '../../src/system/libc.ts'

const SOCK_DGRAM = 2

const failing = (errno: number) => failureOf({ errno: () => errno } as Libc)

test.each([
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EBADF',
  'EMFILE',
  'ENOMEM',
  'EPERM',
] as const)('%s is told by name', (name) => {
  expect(failing(constants.errno[name])).toBe(name)
})

test.each([0, 9999])('%d, which is not an error, is told as a number', (errno) => {
  expect(failing(errno)).toBe(`errno ${errno}`)
})

test.skipIf(unsupportedReason() !== null)('a socket is opened and closed once', async () => {
  const libc = await loadLibc()
  const fd = libc.socket(AF_INET, SOCK_DGRAM, 0)
  expect(fd).toBeGreaterThan(2)
  expect(libc.close(fd)).toBe(0)
  expect(libc.close(fd)).toBe(-1)
})
