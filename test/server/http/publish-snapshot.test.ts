// The folder of asnzone build over HTTP: what it has, and nothing else that lies there.

import { mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { PublishedFiles } from '../../../src/http/publish.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type HttpServer, RawClient, requestOf, serveApp } from '../../support/http-server.ts'
import { fakeServer, ownHost } from '../../support/running.ts'

const PACKED = '2026061719-0123456789abcdef.snapshot.gz'
const OCTETS = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251))
const folder = temporaryFolder({
  'current.json': '{"serial":1}\n',
  'current.json.minisig': 'untrusted comment: x\n',
  'snapshot.key': 'secret',
})
let server: HttpServer
let empty: HttpServer

beforeAll(async () => {
  writeFileSync(join(folder, PACKED), OCTETS)
  symlinkSync('/etc/passwd', join(folder, '1-0123456789abcdef.snapshot.gz'))
  mkdirSync(join(folder, '2-0123456789abcdef.snapshot.gz'))
  const { running } = fakeServer()
  const appOf = (of: string | null) =>
    createApp(running, ownHost, 'publish-csv', new PublishedFiles(() => running.reloader.table, of))
  server = await serveApp(appOf(folder))
  empty = await serveApp(appOf(temporaryFolder()))
})
afterAll(() => Promise.all([server.close(), empty.close()]))

const get = (name: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${server.url}/snapshot/${name}`, { headers, method })
const openFiles = (): number => readdirSync('/proc/self/fd').length

test('the manifest and its signature', async () => {
  const manifest = await get('current.json')
  expect(await manifest.text()).toBe('{"serial":1}\n')
  expect(Object.fromEntries(manifest.headers)).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'max-age=60',
    etag: expect.stringMatching(/^"[\da-f]{16}"$/),
  })
  expect(await (await get('current.json.minisig')).text()).toBe('untrusted comment: x\n')
  const tag = manifest.headers.get('etag') ?? ''
  expect((await get('current.json', { 'if-none-match': tag })).status).toBe(304)
  writeFileSync(join(folder, 'current.json'), '{"serial":2}\n')
  expect(await (await get('current.json', { 'if-none-match': tag })).text()).toBe('{"serial":2}\n')
})

test('the packed snapshot: whole, its headers, and no second time', async () => {
  const whole = await get(PACKED)
  expect(Buffer.from(await whole.arrayBuffer()).equals(OCTETS)).toBe(true)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-length': String(OCTETS.length),
    'accept-ranges': 'bytes',
    'cache-control': 'max-age=31536000, immutable',
  })
  // It is packed for good, not for the way.
  expect(whole.headers.get('content-encoding')).toBeNull()
  const head = await get(PACKED, {}, 'HEAD')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(OCTETS.length)])
  const tag = head.headers.get('etag') ?? ''
  expect((await get(PACKED, { 'if-none-match': tag })).status).toBe(304)
  expect((await get(PACKED, {}, 'PUT')).status).toBe(405)
})

test('the rest of it, where a download was cut off', async () => {
  const tag = (await get(PACKED, {}, 'HEAD')).headers.get('etag') ?? ''
  const rest = await get(PACKED, { range: 'bytes=299990-', 'if-range': tag })
  expect([rest.status, rest.headers.get('content-range')]).toEqual([206, 'bytes 299990-299999/300000'])
  expect(Buffer.from(await rest.arrayBuffer()).equals(OCTETS.subarray(299_990))).toBe(true)
  for (const headers of [
    { range: 'bytes=10-', 'if-range': '"other"' },
    { range: 'bytes=300000-' },
    { range: 'bytes=-5' },
    { range: 'bytes=1-2,4-5' },
    { range: 'lines=1-' },
  ]) {
    const whole = await get(PACKED, headers)
    expect([whole.status, (await whole.arrayBuffer()).byteLength], headers.range).toEqual([
      200,
      OCTETS.length,
    ])
  }
})

test.each([
  'snapshot.key',
  '..%2Fsnapshot.key',
  '%2e%2e',
  '1-0123456789abcdef.snapshot.gz',
  '2-0123456789abcdef.snapshot.gz',
  '3-0123456789abcdef.snapshot.gz',
  'current.json.minisig.tmp',
])('%s is not published', async (name) => {
  expect((await get(name)).status).toBe(404)
})

test('a folder without a snapshot, a manifest that is far too long, and a server that publishes none', async () => {
  expect((await fetch(`${empty.url}/snapshot/current.json`)).status).toBe(404)
  writeFileSync(join(folder, 'current.json'), Buffer.alloc((64 << 10) + 1))
  expect((await get('current.json')).status).toBe(404)
  const plain = await serveApp(createApp(fakeServer().running, ownHost, 'publish-csv'))
  expect((await fetch(`${plain.url}/snapshot/current.json`)).status).toBe(404)
  await plain.close()
})

test('a file that becomes shorter while it is read ends the connection, and none stays open', async () => {
  const name = '9-0123456789abcdef.snapshot.gz'
  const before = openFiles()
  // More than sockets take by themselves, so that most of it is not read yet.
  writeFileSync(join(folder, name), Buffer.alloc(64 << 20))
  const cut = new RawClient(server.port)
  cut.send(requestOf(`/snapshot/${name}`))
  await cut.receive(/^HTTP\/1\.1 200/)
  cut.socket.pause()
  truncateSync(join(folder, name), 1)
  cut.socket.resume()
  expect((await cut.ended).length).toBeLessThan(64 << 20)
  const left = new RawClient(server.port)
  left.send(requestOf(`/snapshot/${PACKED}`))
  await left.receive(/^HTTP\/1\.1 200/)
  left.socket.destroy()
  for (let n = 0; n < 20; n++) await get(PACKED, {}, 'HEAD')
  await expect.poll(openFiles, { timeout: 30_000 }).toBeLessThanOrEqual(before + 2)
})
