// The snapshot file: what is written comes back, and what is damaged never does.

import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sumsOf } from '../../../src/data/snapshot/file-sums.ts'
import { identityOf, readSnapshot, writeSnapshot } from '../../../src/data/snapshot/snapshot.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { smallTable } from '../../support/small-table.ts'

const table = smallTable()
let folder: string
let file: string
let source: string

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'data', 'table.snapshot')
  source = join(folder, 'source.csv')
  writeFileSync(source, '1.0.0.0,1.0.0.255,13335,Cloudflare\n')
})

/** The sums of the sources, which are remembered in the data directory. */
const sums = (): string[] => sumsOf([source], join(folder, 'sums'), false)

test('a snapshot that is copied counts where the same files lie elsewhere and are of another time', () => {
  const identity = identityOf(sums(), 'settings')
  const elsewhere = join(folder, 'elsewhere.csv')
  copyFileSync(source, elsewhere)
  utimesSync(elsewhere, new Date(0), new Date(0))
  expect(identityOf(sumsOf([elsewhere], join(folder, 'sums'), true), 'settings')).toEqual(identity)
})

test('sums are remembered, and a guest remembers none', () => {
  const remembered = join(folder, 'sums', 'sums.json')
  sumsOf([source], join(folder, 'sums'), true)
  expect(existsSync(remembered)).toBe(false)
  const [sum] = sums()
  const noted = readFileSync(remembered, 'utf8')
  writeFileSync(remembered, noted.replace(sum, 'f'.repeat(64)))
  expect(sums()).toEqual(['f'.repeat(64)])
  writeFileSync(remembered, 'damaged')
  expect(sums()).toEqual([sum])
})

test.each([
  ['a directory', 'it is a directory, where a file is expected', () => mkdirSync(source)],
  ['a pipe', 'it is not a file; name one', () => execFileSync('mkfifo', [source])],
  ['gone', 'there is no such file or directory', () => {}],
])('a source that is %s is named with the reason', (_, reason, lay) => {
  rmSync(source)
  lay()
  expect(sums).toThrow(expect.objectContaining({ code: 'ASNZONE_DATA', message: `${source}: ${reason}` }))
})

describe('a snapshot that was written', () => {
  test('comes back octet for octet', () => {
    const identity = identityOf(sums(), 'settings')
    writeSnapshot(file, table, identity)
    const back = readSnapshot(file, identity)
    expect(Buffer.from(table.buffer).equals(Buffer.from(back?.buffer ?? new SharedArrayBuffer(0)))).toBe(true)
    expect(back?.find4(0x08080808)).toBe(table.find4(0x08080808))
  })

  test('is read without an identity, as a fleet that copies it does', () => {
    writeSnapshot(file, table, identityOf(sums(), 'settings'))
    expect(readSnapshot(file)?.v4Count).toBe(table.v4Count)
  })

  test('replaces the one before it and leaves no other file', () => {
    writeSnapshot(file, table, identityOf(sums(), 'first'))
    const identity = identityOf(sums(), 'second')
    writeSnapshot(file, table, identity)
    expect(readSnapshot(file, identity)).not.toBeNull()
    expect(readdirSync(join(folder, 'data'))).toEqual(['table.snapshot'])
  })
})

describe('a snapshot is not used', () => {
  test('when there is none', () => {
    expect(readSnapshot(file, identityOf(sums(), 'settings'))).toBeNull()
  })

  test.each([
    ['a source has another size', () => writeFileSync(source, 'another')],
    ['a source says something else', () => writeFileSync(source, '1.0.0.0,1.0.0.255,13336,Cloudflare\n')],
  ])('when %s', (_, change) => {
    writeSnapshot(file, table, identityOf(sums(), 'settings'))
    change()
    expect(readSnapshot(file, identityOf(sums(), 'settings'))).toBeNull()
  })

  test('when it was made with other settings', () => {
    writeSnapshot(file, table, identityOf(sums(), 'settings'))
    expect(readSnapshot(file, identityOf(sums(), 'other settings'))).toBeNull()
  })
})

describe('a damaged snapshot is refused with the file and the reason', () => {
  const rows: readonly (readonly [string, (whole: Buffer) => Buffer, string])[] = [
    ['empty', () => Buffer.alloc(0), 'it is shorter than its header'],
    ['cut in its header', (whole) => whole.subarray(0, 4095), 'it is shorter than its header'],
    ['cut in the table', (whole) => whole.subarray(0, whole.length - 1), 'it was cut or padded'],
    ['with a length of its own', (whole) => flip(whole, 31), 'it was cut or padded'],
    ['with more behind it', (whole) => Buffer.concat([whole, Buffer.alloc(1)]), 'it was cut or padded'],
    ['of another kind', (whole) => Buffer.concat([Buffer.from('PK'), whole]), 'it is no snapshot of asnzone'],
    ['changed in the table', (whole) => flip(whole, 4096 + 200), 'its checksum is wrong'],
    ['changed in its last octet', (whole) => flip(whole, whole.length - 1), 'its checksum is wrong'],
    ['changed in its checksum', (whole) => flip(whole, 64), 'its checksum is wrong'],
  ]

  test.each(rows)('%s', (_, damage, reason) => {
    const identity = identityOf(sums(), 'settings')
    writeSnapshot(file, table, identity)
    writeFileSync(file, damage(readFileSync(file)))
    expect(() => readSnapshot(file, identity)).toThrow(
      expect.objectContaining({ code: 'ASNZONE_TABLE', message: `${file}: ${reason}` }),
    )
  })

  test('a folder in its place', () => {
    mkdirSync(file, { recursive: true })
    expect(() => readSnapshot(file)).toThrow(expect.objectContaining({ code: 'ASNZONE_TABLE' }))
  })
})

test('a folder that can not be written leaves an error and no file', () => {
  writeFileSync(join(folder, 'data'), 'a file where the folder should be')
  expect(() => writeSnapshot(file, table, identityOf(sums(), 'settings'))).toThrow(/EEXIST|ENOTDIR/)
})

function flip(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole)
  copy[at] ^= 1
  return copy
}
