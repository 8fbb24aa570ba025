// A folder and those above it, each made once.

import { statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectory } from '../../src/system/make-directory.ts'
import { temporaryFolder } from '../support/folders.ts'

test('what is missing above it is made, too, for all to look into', () => {
  const path = join(temporaryFolder(), 'a', 'b', 'c')
  makeDirectory(path)
  makeDirectory(path)
  expect(statSync(path).isDirectory()).toBe(true)
  expect(statSync(path).mode & 0o777 & ~process.umask()).toBe(0o755 & ~process.umask())
})

test('a name with dots and slashes, from folders that are yet to be made', () => {
  const folder = temporaryFolder()
  makeDirectory(`${folder}/a/../b//c/`)
  expect(statSync(join(folder, 'b', 'c')).isDirectory()).toBe(true)
})

test('a link to a folder is one', () => {
  const folder = temporaryFolder()
  symlinkSync(folder, join(folder, 'link'))
  makeDirectory(join(folder, 'link', 'a'))
  expect(statSync(join(folder, 'a')).isDirectory()).toBe(true)
})

test.each([
  ['a file', 'file', 'EEXIST'],
  ['something below a file', 'file/a/b', 'ENOTDIR'],
  ['a link that leads nowhere', 'nowhere', 'EEXIST'],
])('%s is an error', (_, name, code) => {
  const folder = temporaryFolder({ file: '' })
  symlinkSync(join(folder, 'none'), join(folder, 'nowhere'))
  expect(() => makeDirectory(join(folder, name))).toThrow(code)
})

test.skipIf(process.platform !== 'linux')('where none can be made below one that is there: an error', () => {
  expect(() => makeDirectory('/proc/1/asnzone/data')).toThrow('ENOENT')
})
