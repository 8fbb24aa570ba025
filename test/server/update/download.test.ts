// Downloads against a server that fails in the ways that servers do.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Download,
  type DownloadOptions,
  download,
  type Progress,
} from '../../../src/data/update/fetch/download.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { ReleaseServer } from '../../support/release-server.ts'

const CONTENTS = Buffer.from(Array.from({ length: 5000 }, (_, n) => `line ${n}\n`).join(''))
const SUM = createHash('sha256').update(CONTENTS).digest('hex')
const PATH = '/latest/data.csv'
const DATE = 'Fri, 20 Nov 2026 06:00:00 GMT'

const folder = temporaryFolder()
let part: string
let parts = 0
let server: ReleaseServer

beforeAll(async () => {
  server = await ReleaseServer.start()
})
afterAll(async () => {
  await server.stop()
})
beforeEach(() => {
  server.publish('data.csv', CONTENTS)
  server.requests.length = 0
  part = join(folder, 'parts', String(parts++))
})

const fetchIt = (options: Partial<DownloadOptions> = {}): Promise<Download> =>
  download(`${server.url}${PATH}`, {
    part,
    maxOctets: 1 << 20,
    pause: 1,
    onProgress: ({ octets }) => server.received(octets),
    ...options,
  })

const FETCHED = { kind: 'fetched', size: CONTENTS.length, sha256: SUM, lastModified: DATE }

test('a file, its sum, its version', async () => {
  expect(await fetchIt()).toEqual({ ...FETCHED, etag: `"${SUM.slice(0, 20)}"` })
  expect(readFileSync(part).equals(CONTENTS)).toBe(true)
  expect(server.seen(PATH)).toEqual(['200'])
  const [{ headers }] = server.requests
  expect(headers['accept-encoding']).toBe('identity')
  expect(headers['user-agent']).toMatch(/^asnzone\/\d/)
})

test('tells how far it is', async () => {
  const progress: Progress[] = []
  await fetchIt({ onProgress: (report) => progress.push(report) })
  expect(progress.at(-1)).toEqual({ octets: CONTENTS.length, total: CONTENTS.length })
})

describe('nothing is sent that is there already', () => {
  test.each([
    ['by its ETag', { etag: `"${SUM.slice(0, 20)}"`, lastModified: null }],
    ['by its date', { etag: null, lastModified: DATE }],
  ])('%s', async (_name, known) => {
    expect(await fetchIt({ known })).toEqual({ kind: 'unchanged' })
    expect(server.seen(PATH)).toEqual(['304'])
  })

  test('another version is', async () => {
    const known = { etag: '"another"', lastModified: 'Thu, 19 Nov 2026 06:00:00 GMT' }
    expect(await fetchIt({ known })).toMatchObject(FETCHED)
  })
})

describe('another attempt', () => {
  test.each([500, 502, 503, 504, 429, 408])('after %i', async (status) => {
    server.fail(PATH, { kind: 'status', status }, { kind: 'status', status, retryAfter: 0 })
    const reasons: string[] = []
    expect(await fetchIt({ onRetry: (reason) => reasons.push(reason) })).toMatchObject(FETCHED)
    expect(server.seen(PATH)).toEqual([String(status), String(status), '200'])
    expect(reasons[1]).toMatch(
      new RegExp(`/latest/data\\.csv: the server answers ${status}.*; attempt 3 of 5 in`),
    )
  })

  test('not after a part of the file that nobody asked for: it is not a whole file', async () => {
    server.fail(PATH, { kind: 'status', status: 206 })
    await expect(fetchIt()).rejects.toThrow(
      /sends a part of the file \(206\), though all of it was asked for/,
    )
    expect(server.seen(PATH)).toEqual(['206'])
  })

  test('not after word that nothing is new, which nobody asked for', async () => {
    server.fail(PATH, { kind: 'status', status: 304 })
    await expect(fetchIt()).rejects.toThrow(
      /says that nothing is new \(304\), though it was asked for the file/,
    )
    expect(server.seen(PATH)).toEqual(['304'])
  })

  test('goes on where a body was cut off', async () => {
    server.fail(PATH, { kind: 'cut', octets: 10_000 }, { kind: 'cut', octets: 10_000 })
    expect(await fetchIt()).toMatchObject(FETCHED)
    expect(server.seen(PATH)).toEqual(['200', '206 bytes=10000-', '206 bytes=20000-'])
  })

  test('and where a body stalls', async () => {
    server.fail(PATH, { kind: 'stall', octets: 10_000 })
    expect(await fetchIt({ patience: 1500 })).toMatchObject(FETCHED)
    expect(server.seen(PATH).toSorted()).toEqual(['200', '206 bytes=10000-'])
  })

  test('goes on where an earlier run was ended', async () => {
    server.fail(PATH, { kind: 'cut', octets: 30_000 })
    await expect(fetchIt({ attempts: 1 })).rejects.toThrow()
    expect(await fetchIt()).toMatchObject({ ...FETCHED, etag: `"${SUM.slice(0, 20)}"` })
    expect(server.seen(PATH)).toEqual(['200', '206 bytes=30000-'])
  })

  test('begins anew when the file was published again in between', async () => {
    server.fail(PATH, { kind: 'cut', octets: 30_000 })
    await expect(fetchIt({ attempts: 1 })).rejects.toThrow()
    server.publish('data.csv', 'something else\n')
    expect(await fetchIt()).toMatchObject({ kind: 'fetched', size: 15 })
    expect(readFileSync(part, 'utf8')).toBe('something else\n')
  })

  test('begins anew when the part is longer than the file', async () => {
    server.fail(PATH, { kind: 'cut', octets: 30_000 })
    await expect(fetchIt({ attempts: 1 })).rejects.toThrow()
    server.put(PATH, 'short\n', { etag: `"${SUM.slice(0, 20)}"` })
    expect(await fetchIt()).toMatchObject({ size: 6 })
    expect(server.seen(PATH)).toEqual(['200', '416 bytes=30000-', '200'])
  })

  test('begins anew when the server sends another range than was asked for', async () => {
    server.fail(PATH, { kind: 'cut', octets: 30_000 }, { kind: 'wrong range' })
    expect(await fetchIt()).toMatchObject(FETCHED)
    expect(server.seen(PATH)).toEqual(['200', '206 bytes=30000-', '200'])
  })

  test('begins anew where the server has no ranges', async () => {
    server.fail(PATH, { kind: 'cut', octets: 30_000 }, { kind: 'chunked' })
    expect(await fetchIt()).toMatchObject(FETCHED)
    expect(server.seen(PATH)).toEqual(['200', '200 bytes=30000-'])
  })

  test('begins anew where nothing tells one version from another', async () => {
    server.put(PATH, CONTENTS)
    server.fail(PATH, { kind: 'cut', octets: 30_000 })
    expect(await fetchIt()).toMatchObject({
      size: CONTENTS.length,
      sha256: SUM,
      etag: null,
      lastModified: null,
    })
    expect(server.seen(PATH)).toEqual(['200', '200'])
  })
})

describe('gives up', () => {
  test('after the last attempt, with the reason', async () => {
    server.fail(PATH, ...Array.from({ length: 3 }, () => ({ kind: 'status', status: 503 }) as const))
    await expect(fetchIt({ attempts: 3 })).rejects.toMatchObject({
      code: 'ASNZONE_FETCH',
      message: expect.stringMatching(/\/latest\/data\.csv: the server answers 503/),
    })
  })

  test.each([404, 403, 410, 400])('at once after %i', async (status) => {
    server.fail(PATH, { kind: 'status', status })
    await expect(fetchIt()).rejects.toThrow(`the server answers ${status}`)
    expect(server.seen(PATH)).toEqual([String(status)])
  })

  test('at once when the file says that it is too large', async () => {
    await expect(fetchIt({ maxOctets: 1000 })).rejects.toThrow(
      'larger than 1000 octets; raise max-size if that is right',
    )
    expect(server.seen(PATH)).toHaveLength(1)
    expect(existsSync(part)).toBe(false)
  })

  test('at once when it turns out to be too large', async () => {
    server.fail(PATH, { kind: 'chunked' })
    await expect(fetchIt({ maxOctets: 1000 })).rejects.toThrow('larger than')
    expect(server.seen(PATH)).toHaveLength(1)
    expect(existsSync(part)).toBe(false)
  })

  test('at once when the server packs it, and it unpacks to too much', async () => {
    const body = gzipSync(Buffer.alloc(1 << 20))
    server.fail(PATH, { kind: 'body', body, headers: { 'content-encoding': 'gzip' } })
    await expect(fetchIt({ maxOctets: 10_000 })).rejects.toThrow('larger than')
  })

  test('when the server sends too slowly, octet by octet', async () => {
    server.fail(PATH, { kind: 'trickle' })
    await expect(fetchIt({ attempts: 1, patience: 500 })).rejects.toThrow(
      'less than 1 KiB per second for 0.5 s',
    )
  })

  test('when all attempts together have taken too long', async () => {
    server.fail(PATH, ...Array(5).fill({ kind: 'trickle' }))
    await expect(fetchIt({ patience: 500, longest: 700 })).rejects.toThrow('it took too long')
    expect(server.seen(PATH).length).toBeLessThan(5)
  })

  test('at once when the disk is full', async () => {
    const full = (): void => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
    await expect(fetchIt({ onProgress: full })).rejects.toThrow('no space left')
    await expect.poll(() => server.seen(PATH)).toHaveLength(1)
  })

  test('when nobody listens', async () => {
    const gone = await ReleaseServer.start()
    await gone.stop()
    const attempt = download(`${gone.url}/x`, { part, maxOctets: 10, attempts: 2, pause: 1 })
    await expect(attempt).rejects.toThrow(/\/x: connect ECONNREFUSED/)
  })
})
