// Published CSV files, read the way Stalwart's Resource variant does.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HttpListener } from '../../src/http/listener.ts'
import { csvFiles } from '../../src/http/publish-csv.ts'
import type { Table } from '../../src/table/table.ts'
import { type Row, smallTable } from '../support/small-table.ts'

const ROWS: readonly Row[] = [
  { cidr: '0.0.0.0/24', asn: 1, name: 'The first, and "best"', country: 'DE' },
  { cidr: '8.8.8.0/25', asn: 15169, name: 'Google LLC', country: 'US' },
  { cidr: '8.8.8.128/25', asn: 15169, name: 'Google LLC', country: 'CA' },
  { cidr: '8.8.10.0/24', asn: 15169, name: 'Google LLC' },
  { cidr: '198.51.100.0/24', country: 'DE' },
  { cidr: '255.255.255.255/32', asn: 4294967295, name: '', country: 'XK' },
  { cidr: '2001:db8::/32', asn: 64500, name: 'São Paulo', country: 'BR' },
]

let table: Table
let publisher: HttpListener
let url: string

beforeAll(async () => {
  table = smallTable(ROWS)
  publisher = await HttpListener.start(
    { host: '127.0.0.1', port: 0 },
    csvFiles(() => table),
  )
  url = `http://127.0.0.1:${publisher.address.port}`
})
afterAll(() => publisher.close())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${url}${path}`, { headers, method })

describe('the files', () => {
  test.each([
    [
      'asn-ipv4.csv',
      '0.0.0.0,0.0.0.255,1,"The first, and \'best\'"\n' +
        '8.8.8.0,8.8.8.255,15169,Google LLC\n8.8.10.0,8.8.10.255,15169,Google LLC\n' +
        '255.255.255.255,255.255.255.255,4294967295,\n',
    ],
    ['asn-ipv6.csv', '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64500,São Paulo\n'],
    [
      'country-ipv4.csv',
      '0.0.0.0,0.0.0.255,DE\n8.8.8.0,8.8.8.127,US\n8.8.8.128,8.8.8.255,CA\n' +
        '198.51.100.0,198.51.100.255,DE\n255.255.255.255,255.255.255.255,XK\n',
    ],
    ['country-ipv6.csv', '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,BR\n'],
  ])('%s', async (file, contents) => {
    const response = await get(`/${file}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect((await response.text()).replaceAll('""', "'")).toBe(contents)
  })

  test('are of four or three columns, quoted at most in the name', async () => {
    for (const file of ['asn-ipv4', 'asn-ipv6', 'country-ipv4', 'country-ipv6']) {
      const text = await (await get(`/${file}.csv`)).text()
      expect(text.endsWith('\n')).toBe(true)
      for (const line of text.trimEnd().split('\n')) {
        const row = file.startsWith('asn')
          ? /^[\da-f.:]+,[\da-f.:]+,\d+,(?:[^",]*|"(?:[^"]|"")*")$/
          : /^[\da-f.:]+,[\da-f.:]+,[A-Z]{2}$/
        expect(line).toMatch(row)
      }
    }
  })
})

describe('a client that has a file', () => {
  test('is told so', async () => {
    const tag = (await get('/asn-ipv4.csv', {}, 'HEAD')).headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[\da-f]{16}-asn4"$/)
    const again = await get('/asn-ipv4.csv', { 'if-none-match': `"other", ${tag}` })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await get('/asn-ipv6.csv', { 'if-none-match': tag })).status).toBe(200)
  })

  test('gets it again when other data are in service', async () => {
    const tag = (await get('/asn-ipv4.csv', {}, 'HEAD')).headers.get('etag') ?? ''
    const before = table
    table = smallTable(ROWS.slice(1))
    try {
      const response = await get('/asn-ipv4.csv', { 'if-none-match': tag })
      expect(response.status).toBe(200)
      expect(await response.text()).not.toContain('0.0.0.0,')
    } finally {
      table = before
    }
  })
})

test.each([
  ['another file', '/', 'GET', 404],
  ['another path to a file', '/x/asn-ipv4.csv', 'GET', 404],
  ['another method', '/asn-ipv4.csv', 'POST', 405],
])('%s is not served', async (_name, path, method, status) => {
  expect((await get(path, {}, method)).status).toBe(status)
})

test('while a long file is written, whatever else waits has its turn', async () => {
  const before = table
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    cidr: `1.${i >> 8}.${i & 255}.0/24`,
    asn: 1 + (i & 1),
  }))
  table = smallTable(rows)
  let turns = 0
  let isWriting = true
  const count = (): void => {
    turns++
    if (isWriting) setImmediate(count)
  }
  try {
    setImmediate(count)
    const text = await (await get('/asn-ipv4.csv')).text()
    expect(text.split('\n')).toHaveLength(rows.length + 1)
    expect(turns).toBeGreaterThan(20)
  } finally {
    isWriting = false
    table = before
  }
})

test('a query behind a file makes no difference', async () => {
  expect((await get('/country-ipv6.csv?x=1')).status).toBe(200)
})
