// Published CSV files, read the way Stalwart's Resource variant does.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { FileText } from '../../../src/http/file-text.ts'
import { collectGarbage } from '../../../src/system/collect-garbage.ts'
import type { Table } from '../../../src/table/table.ts'
import { type HttpServer, RawClient, requestOf, serveApp } from '../../support/http-server.ts'
import { fakeServer, ownHost } from '../../support/running.ts'
import { type Row, smallTable } from '../../support/small-table.ts'

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
let publisher: HttpServer
let url: string

beforeAll(async () => {
  table = smallTable(ROWS)
  const { running } = fakeServer()
  const reloader = {
    ...running.reloader,
    get table() {
      return table
    },
  }
  publisher = await serveApp(createApp({ ...running, reloader }, ownHost, 'publish-csv'))
  url = publisher.url
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

let long: Table | undefined

/** A table whose file for ASes has many rows; made once, since that takes a second. */
function longTable(): Table {
  const name = 'N'.repeat(200)
  long ??= smallTable(
    Array.from({ length: 20_000 }, (_, i) => ({
      cidr: `1.${i >> 8}.${i & 255}.0/24`,
      asn: 1 + (i & 1),
      name,
    })),
  )
  return long
}

describe('a file is made once', () => {
  test('however many ask for it at the same time, and however slowly they read', async () => {
    const before = table
    table = longTable()
    const made = vi.spyOn(FileText, 'of')
    const clients = Array.from({ length: 60 }, () => new RawClient(publisher.port))
    try {
      const octets = process.memoryUsage().arrayBuffers
      for (const client of clients) {
        client.send(requestOf('/asn-ipv4.csv'))
        client.socket.once('data', () => client.socket.pause())
      }
      await Promise.all(clients.map((client) => client.receive(/^1\.0\.0\.0,/m)))
      expect(made).toHaveBeenCalledTimes(1)
      // Sixty copies of its 4.6 MB would be 280.
      expect(process.memoryUsage().arrayBuffers - octets).toBeLessThan(60 << 20)
      expect(await (await get('/asn-ipv4.csv')).text()).toHaveLength(
        Number((await get('/asn-ipv4.csv')).headers.get('content-length')),
      )
      expect(made).toHaveBeenCalledTimes(1)
    } finally {
      for (const { socket } of clients) socket.destroy()
      made.mockRestore()
      table = before
    }
  })

  test('and is kept until another one is asked for, so that one of four is in memory', async () => {
    const before = table
    table = smallTable(ROWS.slice(1))
    const texts: WeakRef<FileText>[] = []
    const make = FileText.of
    // Not by a spy, which would keep them itself.
    FileText.of = async (lines) => {
      const text = await make.call(FileText, lines)
      texts.push(new WeakRef(text))
      return text
    }
    const held = (): boolean[] => {
      collectGarbage()
      return texts.map((text) => text.deref() !== undefined)
    }
    try {
      for (const file of ['asn-ipv4', 'asn-ipv6', 'country-ipv4']) await (await get(`/${file}.csv`)).text()
      await expect.poll(held).toEqual([false, false, true])
    } finally {
      FileText.of = make
      table = before
    }
  })

  test('and not for who asks for its headers only', async () => {
    const made = vi.spyOn(FileText, 'of')
    const before = table
    table = smallTable(ROWS.slice(2))
    const response = await get('/asn-ipv4.csv', {}, 'HEAD')
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(made).not.toHaveBeenCalled()
    made.mockRestore()
    table = before
  })

  test('again when it could not be made', async () => {
    const before = table
    table = smallTable(ROWS.slice(3))
    const made = vi.spyOn(FileText, 'of').mockRejectedValueOnce(new Error('no memory'))
    expect((await get('/asn-ipv4.csv')).status).toBe(500)
    expect((await get('/asn-ipv4.csv')).status).toBe(200)
    made.mockRestore()
    table = before
  })
})

test.each([
  ['another file', '/', 'GET', 404],
  ['a page', '/lookup', 'GET', 404],
  ['the status', '/api/status', 'GET', 404],
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

test('what is not a URL does no harm', async () => {
  for (const target of ['//', '//[', '*', 'http://[', '/\\', '/%', '/%ff%fe', 'http:/', '']) {
    const client = new RawClient(publisher.port)
    client.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect([target, await client.ended]).toEqual([target, expect.stringMatching(/^HTTP\/1\.1 4/)])
  }
  expect((await get('/country-ipv6.csv')).status).toBe(200)
})

test('a query behind a file makes no difference', async () => {
  expect((await get('/country-ipv6.csv?x=1')).status).toBe(200)
})
