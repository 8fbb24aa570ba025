// The manifest of fetched files, and what an older asnzone has left in the data directory.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { keyOfUrl } from '../../../src/data/sources/source-url.ts'
import { Store } from '../../../src/data/sources/store.ts'
import { messageOf } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/folders.ts'

const URL_WITH_KEY = 'https://me:s3cret@a.test/a.csv?license_key=s3cret'
const DESCRIPTION = {
  file: 'f',
  size: 3,
  sha256: '0'.repeat(64),
  etag: null,
  lastModified: null,
  date: '2026-11-20T06:00:00.000Z',
  checked: '2026-11-21T06:00:00.000Z',
}

let directory: string
let store: Store

beforeEach(() => {
  directory = temporaryFolder()
  store = new Store(directory)
  mkdirSync(join(directory, 'files'))
  writeFileSync(join(directory, 'files', 'f'), 'abc')
})

const FILE = { source: keyOfUrl(URL_WITH_KEY), name: 'https://a.test/a.csv', ...DESCRIPTION }

describe('the manifest of an older asnzone, with URLs in it (issue 13, item 12)', () => {
  beforeEach(() => {
    const files = [{ url: URL_WITH_KEY, ...DESCRIPTION }]
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: 1, files }))
    mkdirSync(join(directory, 'parts'))
    writeFileSync(join(directory, 'parts', '0123456789abcdef.json'), JSON.stringify({ url: URL_WITH_KEY }))
    for (const name of ['table.snapshot', 'other.snapshot', 'last-update.json']) {
      writeFileSync(join(directory, name), URL_WITH_KEY, { mode: 0o644 })
    }
  })

  test('is read on', () => {
    expect([...store.manifest()]).toEqual([[keyOfUrl(URL_WITH_KEY), FILE]])
  })

  test('is written anew by the next server or update, and nothing with secrets is left', () => {
    store.prepare()
    expect([...store.manifest().values()]).toEqual([FILE])
    const left = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    expect(left.map(({ name }) => name).sort()).toEqual(['f', 'manifest.json'])
    for (const { parentPath, name } of left) {
      expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('s3cret')
    }
    expect(statSync(join(directory, 'manifest.json')).mode & 0o777).toBe(0o640)
  })
})

test('a manifest of today is left as it is, and the snapshots with it', () => {
  store.prepare()
  store.commit(new Map([[FILE.source, FILE]]), new Map())
  writeFileSync(join(directory, 'table.snapshot'), '')
  const before = statSync(join(directory, 'manifest.json'), { bigint: true })
  store.prepare()
  expect(statSync(join(directory, 'manifest.json'), { bigint: true })).toMatchObject({ ino: before.ino })
  expect(readdirSync(directory)).toContain('table.snapshot')
})

test('what is removed is old, does not count, and has a name that we give: all else stays', () => {
  const DAY_MS = 86_400_000
  const old = (...path: string[]): void => {
    const file = join(directory, ...path)
    writeFileSync(file, 'x')
    utimesSync(file, new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - 2 * DAY_MS))
  }
  mkdirSync(join(directory, 'parts'), { recursive: true })
  const gone = [
    ['files', '0123456789abcdef-asn.csv'],
    ['parts', '0123456789abcdef'],
    ['parts', '0123456789abcdef.json'],
  ]
  const staying = [
    ['files', 'thesis.odt'],
    ['files', '0123456789abcdef'],
    ['parts', 'thesis.odt'],
    ['parts', '0123456789abcdef.odt'],
    ['thesis.odt'],
  ]
  for (const path of [...gone, ...staying]) old(...path)
  writeFileSync(join(directory, 'files', 'fedcba9876543210-asn.csv'), 'new')
  store.commit(new Map(), new Map())
  for (const path of gone) expect(existsSync(join(directory, ...path)), path.join('/')).toBe(false)
  for (const path of staying) expect(existsSync(join(directory, ...path)), path.join('/')).toBe(true)
  expect(existsSync(join(directory, 'files', 'fedcba9876543210-asn.csv'))).toBe(true)
})

test('a manifest that the system fails to read is not called damaged', () => {
  const fault = Object.assign(new Error('EMFILE: too many open files, open'), {
    code: 'EMFILE',
    syscall: 'open',
  })
  const read = vi.spyOn(JSON, 'parse').mockImplementation(() => {
    throw fault
  })
  writeFileSync(join(directory, 'manifest.json'), '{}')
  try {
    expect(messageOf('ASNZONE_DATA', () => store.manifest())).toBe(
      `${join(directory, 'manifest.json')} can't be read: EMFILE: too many open files, open`,
    )
  } finally {
    read.mockRestore()
  }
})
