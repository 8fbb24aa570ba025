// Published snapshots: what is taken, and everything that is not, with one line and the old data.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newSigningKey, readPublicKey, sign } from '../../src/data/snapshot/minisign.ts'
import { publish } from '../../src/data/snapshot/publish.ts'
import { manifestText, type SnapshotManifest } from '../../src/data/snapshot/published.ts'
import { packedName } from '../../src/data/snapshot/published-names.ts'
import { type PullOptions, pullSnapshot } from '../../src/data/snapshot/pull.ts'
import { PUBLISHED_FILE, pulledTable, readPulled } from '../../src/data/snapshot/pulled.ts'
import type { Table } from '../../src/table/table.ts'
import { temporaryFolder } from '../support/folders.ts'
import { ROWS, smallTable } from '../support/small-table.ts'

const { signing } = newSigningKey()
const stranger = newSigningKey().signing
const DAY = 86_400_000
const NOW = Date.parse('2026-06-18T00:00:00Z')

let folder: string
let directory: string
/** What the web server hands out, where that isn't the folder. */
let requests: { path: string; status: number; range: string | undefined }[] = []
let server: Server
let url: string

const first = smallTable()
const second = smallTable([...ROWS, { cidr: '1.1.1.0/24', asn: 13335, country: 'AU' }])

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = join(folder, request.url ?? '')
    const answer = (
      status: number,
      body: Buffer = Buffer.alloc(0),
      headers: Record<string, string> = {},
    ): void => {
      requests.push({ path: request.url ?? '', status, range: request.headers.range })
      response.writeHead(status, { 'content-length': String(body.length), ...headers }).end(body)
    }
    if (!existsSync(path)) return answer(404)
    const body = readFileSync(path)
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`
    if (request.headers['if-none-match'] === etag) return answer(304)
    answer(200, body, { etag })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  folder = temporaryFolder()
  directory = temporaryFolder()
  requests = []
})

/** Publishes a table. */
function published(table: Table = first, serial = 1, key = signing): SnapshotManifest {
  return publish({
    directory: folder,
    table,
    identity: Buffer.alloc(32, 1),
    policy: 'a'.repeat(64),
    serial,
    validFor: 45 * DAY,
    key,
  }).manifest
}

const pull = (options: Partial<PullOptions> = {}) =>
  pullSnapshot({
    from: folder,
    keys: [readPublicKey(signing.publicLine)],
    directory,
    maxOctets: 2 ** 30,
    now: () => NOW,
    downloading: { attempts: 1 },
    ...options,
  })

/** Takes what is published, and lets it count. */
async function taken(options: Partial<PullOptions> = {}): Promise<number | null> {
  const snapshot = await pull(options)
  await snapshot?.accept()
  return snapshot?.manifest.serial ?? null
}

/** Changes the manifest and signs it anew. */
function forge(change: object, key = signing): void {
  const path = join(folder, 'current.json')
  const manifest = { ...(JSON.parse(readFileSync(path, 'utf8')) as SnapshotManifest), ...change }
  const text = manifestText(manifest)
  writeFileSync(path, text)
  writeFileSync(`${path}.minisig`, sign(Buffer.from(text), key, 'forged'))
}

/** Puts other octets in place of the packed snapshot, with a manifest that is right about them. */
function forgePacked(packed: Buffer, change: object = {}): void {
  const sha256 = createHash('sha256').update(packed).digest('hex')
  const { serial } = JSON.parse(readFileSync(join(folder, 'current.json'), 'utf8')) as SnapshotManifest
  const file = packedName(serial, sha256)
  writeFileSync(join(folder, file), packed)
  forge({ file, sha256, octets: packed.length, ...change })
}

test.each([
  ['a folder', () => folder],
  ['a file URL', () => `file://${folder}`],
  ['a web server', () => url],
])('is taken from %s, once', async (_, from) => {
  published()
  expect(await taken({ from: from() })).toBe(1)
  expect(Buffer.from(pulledTable(directory)!.buffer).equals(Buffer.from(first.buffer))).toBe(true)
  expect(readPulled(directory)).toMatchObject({ serial: 1, date: '2026-06-17T19:00:00.000Z' })
  expect(await taken({ from: from() })).toBeNull()
  published(second, 2)
  expect(await taken({ from: from() })).toBe(2)
  expect(pulledTable(directory)?.find4(0x01010101)).not.toBe(0)
})

test('what was begun of other snapshots goes when one counts', async () => {
  published()
  const parts = join(directory, 'parts')
  mkdirSync(parts)
  for (const name of ['0123456789abcdef', '0123456789abcdef.json', 'mine.txt']) {
    writeFileSync(join(parts, name), 'begun')
  }
  expect(await taken({ from: url })).toBe(1)
  expect(readdirSync(parts)).toEqual(['mine.txt'])
})

test('a web server is asked for no more than the manifest when nothing is new', async () => {
  published()
  await taken({ from: url })
  requests = []
  expect(await taken({ from: url })).toBeNull()
  expect(requests).toEqual([{ path: '/current.json', status: 304, range: undefined }])
})

test.each([
  ['is cut', '{"serial":42949', /no manifest: .*; remove the file$/],
  [
    'has the greatest serial',
    '{"serial":9007199254740991}',
    /serial 9007199254740991, and none is after it; remove the file$/,
  ],
])('a manifest there that %s refuses publishing with the mend', (_, text, message) => {
  writeFileSync(join(folder, 'current.json'), text)
  expect(() => published()).toThrow(message)
  expect(readdirSync(folder)).toEqual(['current.json'])
})

test('a FIFO in place of the manifest is not waited for', () => {
  execFileSync('mkfifo', [join(folder, 'current.json')])
  expect(() => published()).toThrow(/current\.json is not a file$/)
})

test('publishing is deterministic, keeps two snapshots, and writes nothing that is there', () => {
  const { serial } = published()
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  rmSync(folder, { recursive: true })
  published()
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name)))).toEqual(texts)
  // The same hour, but something has changed: the serial rises all the same.
  expect(published(second).serial).toBe(serial + 1)
  expect(published(first).serial).toBe(serial + 2)
  expect(readdirSync(folder).filter((name) => name.endsWith('.gz'))).toHaveLength(2)
})

test('a serial doesn’t rise for a later end', async () => {
  published()
  await taken()
  publish({
    directory: folder,
    table: first,
    identity: Buffer.alloc(32, 1),
    policy: 'a'.repeat(64),
    serial: 9,
    validFor: 90 * DAY,
    key: signing,
  })
  expect(await taken()).toBeNull()
  expect(readPulled(directory)).toMatchObject({ serial: 1, expires: '2026-09-15T19:00:00.000Z' })
})

test('two keys: the next one may sign before the old one is gone', async () => {
  published(first, 1, stranger)
  expect(await taken({ keys: [signing, stranger].map((it) => readPublicKey(it.publicLine)) })).toBe(1)
})

describe('what must not count is refused, and the old stays', () => {
  const packed = (): Buffer => gzipSync(Buffer.alloc(100_000))
  const cases: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'a manifest of 2 MB',
      () => writeFileSync(join(folder, 'current.json'), Buffer.alloc(2 << 20)),
      /larger than/,
    ],
    ['a changed octet', () => change(join(folder, 'current.json'), 40), /its signature is wrong/],
    ['an unknown key', () => forge({}, stranger), /signed with another key than those of the config/],
    [
      'no signature',
      () => rmSync(join(folder, 'current.json.minisig')),
      /minisig: .*(there is no such file|404)/,
    ],
    [
      'another format',
      () => forge({ format: 2 }),
      /format: .* is not 1, the version that this asnzone reads/,
    ],
    [
      'a table of another version',
      () => forge({ table: 4 }),
      /its table is of version 4, this asnzone reads version/,
    ],
    ['another byte order', () => forge({ endian: 'big' }), /it is for big-endian processors/],
    ['a serial that falls', () => forgeSerial(1), /its serial 1 is lower than 2, the one in service/],
    [
      'a serial that stays',
      () => forgeSerial(2),
      /its serial 2 is that of the one in service, which is another/,
    ],
    [
      'an end that has come',
      () => forge({ expires: '2026-06-17T23:00:00.000Z' }),
      /it has expired, on 2026-06-17 23:00 UTC/,
    ],
    [
      'a name that leads elsewhere',
      () => forge({ file: '../../etc/passwd' }),
      /file: .* is not the name of a snapshot/,
    ],
    [
      'another hash',
      () => change(join(folder, current().file), 500),
      /its SHA-256 sum is not that of its manifest/,
    ],
    [
      'a file that is shorter',
      () => truncateSync(join(folder, current().file), 500),
      /it has 500 octets, its manifest says \d+/,
    ],
    [
      'a gzip bomb',
      () => forgePacked(packed(), { rawOctets: 5000 }),
      /it unpacks to more than the 5000 octets/,
    ],
    ['no gzip', () => forgePacked(Buffer.alloc(500)), /incorrect header check/],
    [
      'other contents',
      () => forgePacked(packed(), { rawOctets: 100_000 }),
      /what it unpacks to is not what its manifest says/,
    ],
    ['no snapshot', () => forgeRaw(Buffer.alloc(100_000)), /it is no snapshot of asnzone/],
    [
      'a table that is none',
      () => {
        const raw = gunzipSync(readFileSync(join(folder, current().file)))
        // The number of IPv4 ranges; the checksum of the header is made right again.
        raw.writeUInt32LE(7, 4096 + 12)
        const table = raw.subarray(4096)
        createHash('sha256').update(raw.subarray(32, 64)).update(table).digest().copy(raw, 64)
        forgeRaw(raw)
      },
      /snapshot\.gz: .*(section|table|ranges|index|interval|record)/,
    ],
    ['more than max-size', () => {}, /is more than max-size/],
  ]

  const current = (): SnapshotManifest => JSON.parse(readFileSync(join(folder, 'current.json'), 'utf8'))
  const change = (path: string, at: number): void => {
    const octets = readFileSync(path)
    octets[at] ^= 1
    writeFileSync(path, octets)
  }
  const forgeSerial = (serial: number): void => {
    const { file, sha256 } = current()
    writeFileSync(join(folder, packedName(serial, sha256)), readFileSync(join(folder, file)))
    forge({ serial, file: packedName(serial, sha256) })
  }
  const forgeRaw = (raw: Buffer): void =>
    forgePacked(gzipSync(raw), {
      rawOctets: raw.length,
      rawSha256: createHash('sha256').update(raw).digest('hex'),
    })

  test.each(cases)('%s', async (name, spoil, reason) => {
    published(second, 2)
    expect(await taken()).toBe(2)
    published(first, 3)
    spoil()
    for (const from of [folder, url]) {
      const maxOctets = name === 'more than max-size' ? 1000 : 2 ** 30
      const error = await taken({ from, maxOctets }).catch((it: Error) => it)
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).toMatch(reason)
      expect((error as Error).message).not.toContain('\n')
      expect(pulledTable(directory)?.find4(0x01010101)).not.toBe(0)
      expect(readPulled(directory)?.serial).toBe(2)
    }
    expect(readdirSync(directory).filter((it) => it.endsWith('.tmp'))).toEqual([])
  })

  test('a lower serial is taken when somebody insists', async () => {
    published(second, 2)
    await taken()
    published(first, 3)
    forgeSerial(1)
    expect(await taken({ isForced: true })).toBe(1)
  })
})

test('a damaged file is not used: the one before is, and the server takes it anew', async () => {
  published()
  await taken()
  published(second, 2)
  await taken()
  truncateSync(join(directory, PUBLISHED_FILE), 5000)
  const warnings: string[] = []
  expect(pulledTable(directory, true, (warning) => warnings.push(warning))?.find4(0x01010101)).toBe(0)
  expect(warnings).toEqual([expect.stringContaining('it was cut or padded')])
  const again = await pull()
  expect([again?.manifest.serial, again?.hasCounted]).toEqual([2, true])
  await again?.accept()
  expect(pulledTable(directory)?.find4(0x01010101)).not.toBe(0)
  published(first, 3)
  const next = await pull()
  expect(next?.hasCounted).toBe(false)
  await next?.refuse()
})

test.each<[string, (path: string) => void]>([
  ['empty', (path) => writeFileSync(path, '')],
  ['{}', (path) => writeFileSync(path, '{}')],
  ['gone', (path) => rmSync(path)],
  ['a link to nothing', (path) => anew(path, () => symlinkSync('/nowhere/at/all', path))],
  ['a FIFO', (path) => anew(path, () => execFileSync('mkfifo', [path]))],
])(
  'where what was taken can’t be told any more, as published.json is %s, nothing passes',
  async (_, damage) => {
    const state = join(directory, 'published.json')
    published(second, 2)
    await taken()
    damage(state)
    const { serial } = published(first)
    await expect(pull()).rejects.toThrow(
      `nobody can tell whether it is older than the one in service, because ${state} doesn't tell that one's serial; asnzone update --force takes it`,
    )
    expect(pulledTable(directory)?.find4(0x01010101)).not.toBe(0)
    expect(await taken({ isForced: true })).toBe(serial)
    expect(readPulled(directory)).toMatchObject({ serial })
  },
)

function anew(path: string, make: () => void): void {
  rmSync(path)
  make()
}

test('what can’t be noted doesn’t count', async () => {
  published()
  await taken()
  rmSync(join(directory, 'published.json'))
  mkdirSync(join(directory, 'published.json'))
  published(second, 2)
  await expect(taken({ isForced: true })).rejects.toThrow(
    `${join(directory, 'published.json')}: it is a directory, where a file is expected`,
  )
  expect(pulledTable(directory)?.find4(0x01010101)).toBe(0)
  expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('what is refused leaves nothing, and lets the next one take it', async () => {
  published()
  const snapshot = await pull()
  await expect(pull()).rejects.toThrow(
    new RegExp(
      `^another asnzone is updating this data directory: process ${process.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC; wait for it, or end it$`,
    ),
  )
  await snapshot?.refuse()
  expect(pulledTable(directory)).toBeNull()
  expect(await taken()).toBe(1)
})
