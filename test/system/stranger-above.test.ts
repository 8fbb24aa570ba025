// Who could put another directory in the place of one.

import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { strangerAbove } from '../../src/system/stranger-above.ts'
import { temporaryFolder } from '../support/folders.ts'

const own = process.getuid?.() ?? 0
const isRoot = process.geteuid?.() === 0
let folder: string
let data: string

beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'above', 'data')
  mkdirSync(data, { recursive: true })
})

test('what is one’s own, or root’s, is nobody else’s', () => {
  expect(strangerAbove(data, own)).toBeNull()
})

test('the directory itself is not looked at', () => {
  chmodSync(data, 0o777)
  expect(strangerAbove(data, own)).toBeNull()
})

test('a directory that everybody may write into is told, unless it is sticky, as /tmp is', () => {
  const above = join(folder, 'above')
  chmodSync(above, 0o777)
  expect(strangerAbove(data, own)).toBe(`everybody may write into ${above}`)
  chmodSync(above, 0o1777)
  expect(strangerAbove(data, own)).toBeNull()
})

test.each(['link', 'link/deeper'])('what a link leads through counts as well: %s', (name) => {
  mkdirSync(join(data, 'deeper'))
  const above = join(folder, 'above')
  symlinkSync('above/data', join(folder, 'link'))
  expect(strangerAbove(join(folder, name), own)).toBeNull()
  chmodSync(above, 0o777)
  expect(strangerAbove(join(folder, name), own)).toBe(`everybody may write into ${above}`)
})

test('links that lead round in circles end', () => {
  symlinkSync('b', join(folder, 'a'))
  symlinkSync('a', join(folder, 'b'))
  expect(() => strangerAbove(join(folder, 'a'), own)).toThrow(/leads through too many links/)
  expect(() => strangerAbove(join(folder, 'a', 'data'), own)).toThrow(/too many/)
})

describe.runIf(isRoot)('as root (skipped without root)', () => {
  test('a directory of a third is told; of the owner or of root is fine', () => {
    chownSync(data, 1, 1)
    expect(strangerAbove(data, 1)).toBeNull()
    chownSync(join(folder, 'above'), 1, 1)
    expect(strangerAbove(data, 1)).toBeNull()
    chownSync(join(folder, 'above'), 2, 2)
    expect(strangerAbove(data, 1)).toBe(`${join(folder, 'above')} belongs to user 2`)
  })
})
