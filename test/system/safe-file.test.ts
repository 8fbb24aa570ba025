// Files below the data directory: no link is followed, nothing is waited for, no stranger is believed.

import { execFileSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  checkDatabase,
  checkSocket,
  createFile,
  ensureDirectory,
  fileStats,
  openAnew,
  openForAppending,
  openForReading,
  openNamed,
  readNamedText,
  readText,
  removeFile,
  writeText,
} from '../../src/system/safe-file.ts'
import { temporaryFolder } from '../support/folders.ts'

const isRoot = process.getuid?.() === 0
/** Neither root nor the owner of a folder that we make. */
const STRANGER = 4242

let folder: string
let path: string
let other: string

beforeEach(() => {
  folder = temporaryFolder({ other: 'what must not change' })
  path = join(folder, 'file')
  other = join(folder, 'other')
})

/** What may stand where a file should; the last two take root to make. */
const TRAPS: readonly (readonly [string, () => void])[] = [
  ['a FIFO', () => void execFileSync('mkfifo', [path])],
  ['a folder', () => mkdirSync(path)],
  ...(isRoot
    ? ([
        ['a device', () => void execFileSync('mknod', [path, 'c', '1', '5'])],
        [
          'the file of a stranger',
          () => {
            writeFileSync(path, 'x')
            chownSync(path, STRANGER, STRANGER)
          },
        ],
      ] as const)
    : []),
]

const LINKS: readonly (readonly [string, () => void])[] = [
  ['a link', () => symlinkSync(other, path)],
  ['a link to nothing', () => symlinkSync(join(folder, 'nothing'), path)],
]

const USES: readonly (readonly [string, () => unknown])[] = [
  ['is not read', () => closeSync(openForReading(path))],
  ['is not text', () => readText(path)],
  ['is not written behind', async () => (await openForAppending(path)).close()],
  ['is not created', () => closeSync(createFile(path))],
]

describe.each([...TRAPS, ...LINKS])('%s', (_, lay) => {
  test.each(USES)('%s', async (_name, use) => {
    lay()
    await expect(async () => use()).rejects.toThrow(Error)
    expect(readFileSync(other, 'utf8')).toBe('what must not change')
    expect(existsSync(join(folder, 'nothing'))).toBe(false)
  })

  test('is not a file of ours, and no database', () => {
    lay()
    expect(fileStats(path)).toBeNull()
    expect(() => checkDatabase(path)).toThrow(path)
    expect(() => checkSocket(path)).toThrow('is not a socket')
  })

  test('beside a database is none', () => {
    lay()
    const database = join(folder, 'd')
    execFileSync('mv', ['-T', path, `${database}-wal`])
    writeFileSync(database, '')
    expect(() => checkDatabase(database)).toThrow(`${database}-wal`)
  })
})

describe.each(LINKS)('%s', (_, lay) => {
  test('gives way to what is written, and what it leads to stays as it is', async () => {
    lay()
    writeText(path, 'new')
    expect([lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([true, 'new'])
    removeFile(path)
    lay()
    await (await openAnew(path)).close()
    expect(lstatSync(path).isFile()).toBe(true)
    expect(readFileSync(other, 'utf8')).toBe('what must not change')
    expect(existsSync(join(folder, 'nothing'))).toBe(false)
  })
})

describe.each(TRAPS.filter(([name]) => !name.startsWith('the file')))('%s', (_, lay) => {
  test('is neither removed nor written', async () => {
    lay()
    expect(() => removeFile(path)).toThrow('is not a file')
    expect(() => writeText(path, 'new')).toThrow('is not a file')
    await expect(openAnew(path)).rejects.toThrow('is not a file')
    expect(existsSync(path)).toBe(true)
  })
})

test('a file that has another name elsewhere is not written behind', async () => {
  linkSync(other, path)
  await expect(openForAppending(path)).rejects.toThrow('another name')
})

test('a file that the config names may be a link, and is never a FIFO', () => {
  symlinkSync(other, path)
  closeSync(openNamed(path))
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  expect(() => openNamed(fifo)).toThrow('is not a file')
})

describe('a folder', () => {
  test('is made, and may be there', () => {
    ensureDirectory(join(folder, 'a', 'b'))
    ensureDirectory(join(folder, 'a', 'b'))
    expect(statSync(join(folder, 'a', 'b')).isDirectory()).toBe(true)
  })

  test('is not a link to one', () => {
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), path)
    expect(() => ensureDirectory(path)).toThrow('is not a directory')
  })

  test.runIf(isRoot)('is not that of a stranger (as root)', () => {
    mkdirSync(path)
    chownSync(path, STRANGER, STRANGER)
    expect(() => ensureDirectory(path)).toThrow(`belongs to user ${STRANGER}`)
  })
})

test.runIf(isRoot)('what belongs to the owner of the folder is believed (as root)', () => {
  writeText(path, 'x')
  chownSync(folder, STRANGER, STRANGER)
  chownSync(path, STRANGER, STRANGER)
  expect(readText(path)).toBe('x')
})

describe('a text that the config names', () => {
  test('is read through a link, and from what a shell hands over', () => {
    const folder = temporaryFolder({ text: 'a text' })
    symlinkSync('text', join(folder, 'link'))
    expect(readNamedText(join(folder, 'link'))).toBe('a text')
    const fd = openSync(join(folder, 'text'), 'r')
    expect(readNamedText(`/dev/fd/${fd}`)).toBe('a text')
    closeSync(fd)
  })

  test('is refused where it would never end, or is far too long', () => {
    const folder = temporaryFolder({ long: '' })
    symlinkSync('/dev/zero', join(folder, 'zero'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    truncateSync(join(folder, 'long'), 2 ** 26 + 1)
    for (const name of ['zero', 'fifo']) {
      expect(() => readNamedText(join(folder, name))).toThrow(`${join(folder, name)} is not a file`)
    }
    expect(() => readNamedText(join(folder, 'long'))).toThrow('it has 67108865 octets, more than 67108864')
  })
})
