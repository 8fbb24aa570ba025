// What is remembered of data that killed the process that compiled them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Attempt, forgetAttempts } from '../../../src/data/compile/attempt.ts'
import { temporaryFolder } from '../../support/folders.ts'

const ONE = Buffer.alloc(32, 1)
const OTHER = Buffer.alloc(32, 2)

/** An attempt that ends with a death. */
function die(directory: string, identity: Buffer): void {
  const attempt = new Attempt(directory, identity)
  attempt.begin()
  attempt.leave()
}

const isHopeless = (directory: string, identity: Buffer): boolean =>
  new Attempt(directory, identity).isHopeless

it('two deaths are enough', () => {
  const directory = temporaryFolder()
  expect(isHopeless(directory, ONE)).toBe(false)
  die(directory, ONE)
  expect(isHopeless(directory, ONE)).toBe(false)
  die(directory, ONE)
  expect(isHopeless(directory, ONE)).toBe(true)
})

it('other data are tried', () => {
  const directory = temporaryFolder()
  die(directory, ONE)
  die(directory, ONE)
  expect(isHopeless(directory, OTHER)).toBe(false)
  die(directory, OTHER)
  expect(JSON.parse(readFileSync(join(directory, 'compiling.json'), 'utf8')).tries).toBe(1)
})

it('an end with a table or a reason is none', () => {
  const directory = temporaryFolder()
  die(directory, ONE)
  const attempt = new Attempt(directory, ONE)
  attempt.begin()
  expect(existsSync(join(directory, 'compiling.json'))).toBe(true)
  attempt.forget()
  expect(existsSync(join(directory, 'compiling.json'))).toBe(false)
})

it('who is told to forgets it', () => {
  const directory = temporaryFolder()
  die(directory, ONE)
  die(directory, ONE)
  forgetAttempts(directory)
  expect(isHopeless(directory, ONE)).toBe(false)
})

it.each([
  ['cut off', '{"identity":"01'],
  ['of another kind', '[1]'],
  ['with no number of tries', `{"identity":"${ONE.toString('hex')}","tries":"many"}`],
])('a note that is %s is none', (_, contents) => {
  const directory = temporaryFolder({ 'compiling.json': contents })
  expect(isHopeless(directory, ONE)).toBe(false)
  die(directory, ONE)
  expect(isHopeless(directory, ONE)).toBe(false)
})

it('a data directory that can not be written holds nobody up', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const directory = join(folder, 'file', 'data')
  expect(() => die(directory, ONE)).not.toThrow()
  expect(() => forgetAttempts(directory)).not.toThrow()
})
