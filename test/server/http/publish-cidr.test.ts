// Lists of networks over HTTP: of a country, of an AS.

import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { FileText } from '../../../src/http/file-text.ts'
import type { Table } from '../../../src/table/table.ts'
import { type HttpServer, serveApp } from '../../support/http-server.ts'
import { fakeServer, ownHost } from '../../support/running.ts'
import { type Row, smallTable } from '../../support/small-table.ts'

const ROWS: readonly Row[] = [
  { cidr: '8.8.8.0/25', asn: 15169, name: 'Google LLC', country: 'US' },
  { cidr: '8.8.8.128/25', asn: 15169, name: 'Google LLC', country: 'CA' },
  { cidr: '8.8.9.0/24', asn: 64500, name: 'Other', country: 'US' },
  { cidr: '8.8.10.0/23', asn: 15169, name: 'Google LLC', country: 'US' },
  { cidr: '8.8.12.0/24', country: 'US' },
  { cidr: '2001:db8::/32', asn: 15169, name: 'Google LLC', country: 'US' },
  { cidr: '2001:db9::/33', asn: 4294967295, name: 'Last', country: 'XK' },
]

let table: Table = smallTable(ROWS)
let server: HttpServer
const errors: Error[] = []

beforeAll(async () => {
  const { running } = fakeServer()
  const reloader = {
    ...running.reloader,
    get table() {
      return table
    },
  }
  const onError = (error: Error): void => void errors.push(error)
  server = await serveApp(createApp({ ...running, reloader, onError }, ownHost, 'publish-csv'))
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${server.url}${path}`, { headers, method })

test.each([
  ['US', ['8.8.8.0/25', '8.8.9.0/24', '8.8.10.0/23', '8.8.12.0/24', '2001:db8::/32']],
  ['XK', ['2001:db9::/33']],
  ['AS15169', ['8.8.8.0/24', '8.8.10.0/23', '2001:db8::/32']],
  ['AS4294967295', ['2001:db9::/33']],
])('%s', async (name, networks) => {
  const response = await get(`/cidr/${name}.txt`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  const text = await response.text()
  expect(text).toMatch(/^# asnzone \S+, data of 2026-06-17T\d\d:\d\dZ; /)
  expect(text.split('\n').slice(1)).toEqual([...networks, ''])
  expect(response.headers.get('content-length')).toBe(String(text.length))
})

test.each([
  'DE',
  'us',
  'USA',
  'AS0',
  'AS1',
  'AS015169',
  'AS4294967296',
  'AS',
  '',
  'US.txt',
  '__proto__',
  '..%2Fx',
])('nothing is known of %j', async (name) => {
  const response = await get(`/cidr/${name}.txt`)
  expect([response.status, (await response.text()).length < 200]).toEqual([404, true])
})

test('whoever has it is told so, and gets it again when other data is in service', async () => {
  const head = await get('/cidr/US.txt', {}, 'HEAD')
  const tag = head.headers.get('etag') ?? ''
  expect([head.status, tag, await head.text()]).toEqual([
    200,
    expect.stringMatching(/^"[\da-f]{16}-US"$/),
    '',
  ])
  const again = await get('/cidr/US.txt', { 'if-none-match': tag })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await get('/cidr/AS15169.txt', { 'if-none-match': tag })).status).toBe(200)
  const before = table
  table = smallTable(ROWS.slice(1))
  const other = await get('/cidr/US.txt', { 'if-none-match': tag })
  table = before
  expect([other.status, await other.text()]).toEqual([200, expect.not.stringContaining('8.8.8.0/25')])
  expect((await get('/cidr/US.txt', {}, 'POST')).status).toBe(405)
})

test('one list is made at a time, and who asks for too many is told to come again', async () => {
  const before = table
  table = smallTable(
    Array.from({ length: 40 }, (_, n) => ({
      cidr: `10.${n}.0.0/16`,
      asn: 64500 + n,
      name: 'N',
      country: 'US',
    })),
  )
  const make = FileText.of
  let making = 0
  let most = 0
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  vi.spyOn(FileText, 'of').mockImplementation(async (lines) => {
    most = Math.max(most, ++making)
    await released
    await setImmediate()
    making--
    return make.call(FileText, lines)
  })
  const asked = Array.from({ length: 40 }, (_, n) => get(`/cidr/AS${64500 + n}.txt`))
  // Those for whom there is no room are answered at once, the others when they may be.
  let refused = 0
  await new Promise<void>((resolve) => {
    for (const one of asked) void one.then(({ status }) => status === 503 && ++refused === 24 && resolve())
  })
  release()
  const answered = await Promise.all(asked)
  table = before
  vi.restoreAllMocks()
  expect(most).toBe(1)
  const of = (status: number): Response[] => answered.filter((it) => it.status === status)
  expect([of(200).length, of(503).length]).toEqual([16, 24])
  expect(of(503)[0].headers.get('retry-after')).toBe('5')
  for (const one of of(200)) expect(await one.text()).toContain('.0.0/16\n')
  expect(errors).toEqual([])
})
