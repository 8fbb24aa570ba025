// Files are unpacked by what they are, not by what they are called, and never without a limit.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { unpack } from '../../../../src/data/formats/reading/unpack.ts'
import { temporaryFolder } from '../../../support/folders.ts'

const TEXT = 'one line\n'.repeat(1000)
let folder: string

beforeAll(() => {
  folder = temporaryFolder()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

async function read(contents: Buffer | string, maxOctets = 1 << 20, isText = false): Promise<string> {
  const path = join(folder, 'file')
  writeFileSync(path, contents)
  const chunks: Buffer[] = []
  for await (const chunk of unpack('file', path, { maxOctets }, isText ? 'text' : 'binary'))
    chunks.push(chunk)
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

describe('refuses by what it is', () => {
  const tar = Buffer.alloc(1024)
  tar.write('GeoLite2-ASN_20261120/GeoLite2-ASN.mmdb')
  tar.write('ustar', 257)
  test.each<[string, Buffer | string, string]>([
    ['a tar archive', tar, 'is a tar archive; unpack it and name the file that is in it'],
    ['a tar.gz archive', gzipSync(tar), 'is a tar archive; unpack it and name the file that is in it'],
    ['a zip archive', Buffer.from('PK\x03\x04\x14\0', 'latin1'), 'is a zip archive; unpack it'],
    ['a zip archive in gzip', gzipSync(Buffer.from('PK\x03\x04\x14\0', 'latin1')), 'is a zip archive'],
    ['xz', Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), 'is packed with xz; unpack it, or pack it with gzip'],
    ['zstd', Buffer.from('\x28\xb5\x2f\xfd\x04', 'latin1'), 'is packed with zstd'],
    ['7z', Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), 'is a 7z archive'],
    ['gzip in gzip', gzipSync(gzipSync(TEXT)), 'is packed with gzip twice'],
    ['SQLite', Buffer.from('SQLite format 3\0', 'latin1'), 'is an SQLite database'],
    [
      'a page',
      '<!DOCTYPE html>\n<html><head><title>404',
      'is a page of HTML or XML; what was fetched is a page',
    ],
    ['a page after a byte order mark and blanks', '\ufeff \n<html>', 'is a page of HTML or XML'],
    ['an error of a store', '<?xml version="1.0"?><Error><Code>AccessDenied', 'is a page of HTML or XML'],
    ['JSON', '{"ip": "8.8.8.8"}', 'is JSON, which is read as format vrp-json alone'],
    ['a list in JSON', '[\n  {"ip": "8.8.8.8"}]', 'is JSON, which is read as format vrp-json alone'],
  ])('%s', async (_name, contents, message) => {
    await expect(read(contents)).rejects.toThrow(`file: ${message}`)
  })

  test('text in UTF-16, in either order of octets', async () => {
    const text = '\ufeffnetwork,asn\n1.0.0.0/24,1\n'
    for (const contents of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()])
      await expect(read(contents, 1 << 20, true)).rejects.toThrow(
        'file: is text in UTF-16; write it as UTF-8',
      )
  })

  test('a binary file where text is wanted, and takes it where not', async () => {
    const contents = Buffer.alloc(600, '\0\x01')
    await expect(read(contents, 1 << 20, true)).rejects.toThrow(
      'file: is binary, no text; the format of a MaxMind DB file is mmdb',
    )
    expect(await read(contents)).toBe(contents.toString())
  })

  test('text that only looks a little like it is read', async () => {
    for (const text of ['{', '<', 'PK', '# <html>\n', '7z,1\n', 'ustar\n'])
      expect(await read(text, 1 << 20, true)).toBe(text)
  })
})

describe('refuses', () => {
  const bomb = Buffer.alloc(4 << 20)
  test.each([
    [
      'a gzip file that was cut off',
      gzipSync(TEXT).subarray(0, -4),
      /^file: its gzip data ends too early: it was cut off; fetch it again$/,
    ],
    [
      'gzip with something after it',
      Buffer.concat([gzipSync(TEXT), Buffer.from('\x1f\x8b junk', 'latin1')]),
      /^file: .*gzip data/,
    ],
    [
      'gzip of a damaged beginning',
      Buffer.concat([gzipSync(TEXT).subarray(0, 10), Buffer.from([7, 7, 7, 7])]),
      /gzip data is damaged/,
    ],
    [
      'a bzip2 file that was cut off',
      execFileSync('bzip2', ['-c'], { input: TEXT }).subarray(0, -4),
      /^file: its bzip2 data ends too early: it was cut off; fetch it again$/,
    ],
    [
      'a bzip2 file that is damaged',
      execFileSync('bzip2', ['-c'], { input: TEXT }).fill(0, 20, 30),
      /its bzip2 data is damaged; fetch it again$/,
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
    const chunks = unpack('data', join(folder, 'absent'), { maxOctets: 10 })
    await expect(chunks.next()).rejects.toThrow(/^data: there is no such file or directory$/)
  })
})
