// Files are unpacked by what they are, not by what they are called, and never without a limit.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { unpack } from '../../src/data/unpack.ts'

const TEXT = 'one line\n'.repeat(1000)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asnzone-unpack-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  vi.unstubAllEnvs()
})

async function read(contents: Buffer | string, mostOctets = 1 << 20): Promise<string> {
  const path = join(folder, 'file')
  writeFileSync(path, contents)
  const chunks: Buffer[] = []
  for await (const chunk of unpack('file', path, { mostOctets })) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('reads', () => {
  test.each([
    ['a plain file', TEXT],
    ['gzip', gzipSync(TEXT)],
    ['bzip2', execFileSync('bzip2', ['-c'], { input: TEXT })],
  ])('%s', async (_name, contents) => {
    expect(await read(contents)).toBe(TEXT)
  })

  test.each([
    ['an empty file', ''],
    ['a file of one octet', 'B'],
  ])('%s', async (_name, contents) => {
    expect(await read(contents)).toBe(contents)
  })
})

describe('refuses', () => {
  const bomb = Buffer.alloc(4 << 20)
  test.each([
    ['a gzip file that was cut off', gzipSync(TEXT).subarray(0, -4), /^file: unexpected end of file/],
    [
      'a bzip2 file that was cut off',
      execFileSync('bzip2', ['-c'], { input: TEXT }).subarray(0, -4),
      /^file: /,
    ],
    ['a gzip bomb', gzipSync(bomb), /^file: unpacks to more than 1 MB; raise max-size/],
    ['a bzip2 bomb', execFileSync('bzip2', ['-c'], { input: bomb }), /unpacks to more than 1 MB/],
    ['a large plain file', bomb, /unpacks to more than 1 MB/],
  ])('%s', async (_name, contents, message) => {
    await expect(read(contents)).rejects.toThrow(message)
  })

  test('bzip2 where there is no bzip2', async () => {
    vi.stubEnv('PATH', folder)
    const packed = Buffer.from('425a6839', 'hex')
    await expect(read(packed)).rejects.toThrow(
      'packed with bzip2, which is not installed; install bzip2 or unpack',
    )
  })

  test('a file that is not there', async () => {
    const chunks = unpack('data', join(folder, 'absent'), { mostOctets: 10 })
    await expect(chunks.next()).rejects.toThrow(/^data: ENOENT/)
  })
})
