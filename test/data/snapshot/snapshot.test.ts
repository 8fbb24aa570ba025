// The snapshot file: what is written comes back, and what is damaged never does.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identityOf, readSnapshot, writeSnapshot } from '../../../src/data/snapshot/snapshot.ts'
import { smallTable } from '../../support/small-table.ts'

const table = smallTable()
let folder: string
let file: string
let source: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asnzone-snapshot-'))
  file = join(folder, 'data', 'table.snapshot')
  source = join(folder, 'source.csv')
  writeFileSync(source, '1.0.0.0,1.0.0.255,13335,Cloudflare\n')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a snapshot that was written', () => {
  test('comes back octet for octet', () => {
    const identity = identityOf([source], 'settings')
    writeSnapshot(file, table, identity)
    const back = readSnapshot(file, identity)
    expect(Buffer.from(table.buffer).equals(Buffer.from(back?.buffer ?? new SharedArrayBuffer(0)))).toBe(true)
    expect(back?.find4(0x08080808)).toBe(table.find4(0x08080808))
  })

  test('is read without an identity, as a fleet that copies it does', () => {
    writeSnapshot(file, table, identityOf([source], 'settings'))
    expect(readSnapshot(file)?.v4Count).toBe(table.v4Count)
  })

  test('replaces the one before it and leaves no other file', () => {
    writeSnapshot(file, table, identityOf([source], 'first'))
    const identity = identityOf([source], 'second')
    writeSnapshot(file, table, identity)
    expect(readSnapshot(file, identity)).not.toBeNull()
    expect(readdirSync(join(folder, 'data'))).toEqual(['table.snapshot'])
  })
})

describe('a snapshot is not used', () => {
  test('when there is none', () => {
    expect(readSnapshot(file, identityOf([source], 'settings'))).toBeNull()
  })

  test.each([
    ['a source has another size', () => writeFileSync(source, 'another')],
    ['a source has another time', () => utimesSync(source, new Date(0), new Date(0))],
  ])('when %s', (_, change) => {
    writeSnapshot(file, table, identityOf([source], 'settings'))
    change()
    expect(readSnapshot(file, identityOf([source], 'settings'))).toBeNull()
  })

  test('when it was made with other settings', () => {
    writeSnapshot(file, table, identityOf([source], 'settings'))
    expect(readSnapshot(file, identityOf([source], 'other settings'))).toBeNull()
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
    const identity = identityOf([source], 'settings')
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
  expect(() => writeSnapshot(file, table, identityOf([source], 'settings'))).toThrow(/EEXIST|ENOTDIR/)
})

function flip(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole)
  copy[at] ^= 1
  return copy
}
