// What an AS or a country has: networks, countries, scores, queries; and that many who ask don't take the thread.

import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { holdingsOf } from '../../src/http/holdings.ts'
import { HoldingsService } from '../../src/http/holdings-service.ts'
import type { OpenStatistics } from '../../src/http/statistics.ts'
import { NO_WEIGHTS } from '../../src/score/weights.ts'
import { fakeServer, ownHost } from '../support/running.ts'
import { type Row, smallTable } from '../support/small-table.ts'
import { tableOf } from '../support/table-of-rows.ts'

const AS = { asn: 64500, name: 'Somebody' }

const ROWS: readonly Row[] = [
  { cidr: '192.0.2.0/25', ...AS, country: 'DE' },
  { cidr: '192.0.2.128/25', ...AS, country: 'DE' },
  { cidr: '192.0.3.0/24', ...AS, country: 'FR' },
  { cidr: '198.51.100.0/24', ...AS },
  { cidr: '203.0.113.0/24', asn: 645, name: 'Other', country: 'DE' },
  { cidr: '2001:db8::/32', ...AS, country: 'DE' },
]

describe('an AS', () => {
  test('its networks, and countries with the most addresses first', async () => {
    const held = await holdingsOf(smallTable(ROWS), { asn: 64500 })
    expect(held).toMatchObject({ found: true, addresses: { ipv4: 768, ipv6: 2 ** 96 } })
    expect(held.networks).toEqual({
      ipv4: {
        shown: [
          { network: '192.0.2.0/24', country: 'DE' },
          { network: '192.0.3.0/24', country: 'FR' },
          { network: '198.51.100.0/24', country: null },
        ],
        more: 0,
      },
      ipv6: { shown: [{ network: '2001:db8::/32', country: 'DE' }], more: 0 },
    })
    const share = { asn: null, name: null }
    expect(held.shares.shown).toEqual(
      expect.arrayContaining([
        { ...share, country: 'DE', ipv4: 256, ipv6: 2 ** 96 },
        { ...share, country: 'FR', ipv4: 256, ipv6: 0 },
        { ...share, country: null, ipv4: 256, ipv6: 0 },
      ]),
    )
    expect(held.shares.shown[0].country).toBe('DE')
  })

  test('of many networks the first hundred of each family, and how many more', async () => {
    const rows = Array.from({ length: 150 }, (_, i): Row => ({ cidr: `10.0.${2 * i}.0/24`, ...AS }))
      .slice(0, 120)
      .concat(
        Array.from(
          { length: 101 },
          (_, i): Row => ({ cidr: `2001:db8:${(2 * i).toString(16)}::/48`, ...AS }),
        ),
      )
    const { networks } = await holdingsOf(smallTable(rows), { asn: 64500 })
    expect([networks.ipv4.shown.length, networks.ipv4.more]).toEqual([100, 20])
    expect(networks.ipv4.shown.at(-1)?.network).toBe('10.0.198.0/24')
    expect([networks.ipv6.shown.length, networks.ipv6.more]).toEqual([100, 1])
  })

  test('scores and what they are made of', async () => {
    const contents = '8.8.8.0,8.8.8.255,15169,GOOGLE\n9.9.9.0,9.9.9.255,19281,QUAD9\n'
    const table = await tableOf([{ dataset: 'asn', format: 'ip-location-db', name: 'a.csv', contents }], {
      weights: { ...NO_WEIGHTS, asns: [{ asns: [15169], weight: 7 }] },
    })
    expect((await holdingsOf(table, { asn: 15169 })).scores).toEqual({
      shown: [{ score: 7, parts: ['AS15169 7'], ipv4: 256, ipv6: 0 }],
      more: 0,
    })
    expect((await holdingsOf(table, { asn: 19281 })).scores.shown).toEqual([
      { score: 0, parts: [], ipv4: 256, ipv6: 0 },
    ])
  })
})

test('a country: its ASes', async () => {
  const held = await holdingsOf(smallTable(ROWS), { country: 'DE' })
  expect(held.addresses.ipv4).toBe(512)
  expect(held.shares.shown.map(({ asn, name, ipv4 }) => [asn, name, ipv4])).toEqual([
    [64500, 'Somebody', 256],
    [645, 'Other', 256],
  ])
})

test('of many ASes fifty are told, and how many more there are', async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i): Row => ({ cidr: `10.0.${i}.0/24`, asn: 64500 + i, name: 'x', country: 'DE' }),
  )
  const { shares, networks } = await holdingsOf(smallTable(rows), { country: 'DE' })
  expect([shares.shown.length, shares.more]).toEqual([50, 10])
  expect(networks.ipv4.shown[0]).toEqual({ network: '10.0.0.0/19', country: 'DE' })
})

test('what nothing is known of: a number that only begins alike, too', async () => {
  for (const holder of [{ asn: 6450 }, { asn: 64 }, { asn: 645000 }, { country: 'ZZ' }]) {
    expect(await holdingsOf(smallTable(ROWS), holder)).toMatchObject({
      found: false,
      addresses: { ipv4: 0, ipv6: 0 },
      shares: { shown: [], more: 0 },
    })
  }
})

describe('over HTTP', () => {
  const openStatistics: OpenStatistics = () => ({
    countries: () => [],
    ases: () => [],
    intervals: () => [],
    shareOf: (about, interval) => ({ queries: 'asn' in about ? 3 : 4, of: interval === 'total' ? 30 : 10 }),
    close: () => {},
  })
  const ask = async (path: string, counts = true) => {
    const server = fakeServer({ openStatistics: counts ? openStatistics : null })
    server.replace(smallTable(ROWS))
    const app = createApp(server.running, ownHost)
    const response = await app.hono.request(path, { headers: { host: '127.0.0.1' } })
    app.stop()
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test.each(['/api/as/64500/holdings', '/api/as/AS64500/holdings', '/api/as/as64500/holdings'])(
    '%s',
    async (path) => {
      const { status, body } = await ask(path)
      expect([status, body.found]).toEqual([200, true])
      expect(body.queries).toEqual({ total: { queries: 3, of: 30 }, today: { queries: 3, of: 10 } })
    },
  )

  test('a country in any case, without statistics', async () => {
    const { status, body } = await ask('/api/country/de', false)
    expect([status, body.found, body.queries]).toEqual([200, true, null])
  })

  test.each([
    '/api/as/0/holdings',
    '/api/as/4294967296/holdings',
    '/api/as/99999999999/holdings',
    '/api/as/x/holdings',
    '/api/country/DEU',
    '/api/country/1',
    '/api/country/%3Cb%3E',
  ])('%s is refused', async (path) => {
    const { status, body } = await ask(path)
    expect([status, body.error]).toEqual([400, expect.stringContaining('is not ')])
  })

  test.each(['/as/15169', '/as/AS15169', '/country/US', '/country/us'])('the page %s', async (path) => {
    const app = createApp(fakeServer().running, ownHost)
    const headers = { host: '127.0.0.1', accept: 'text/html' }
    const response = await app.hono.request(path, { headers })
    expect(await response.text()).toContain('src="/holdings.js"')
    for (const other of ['/as/x', '/as/', '/country/USA', '/holdings', '/as/1/2']) {
      expect((await app.hono.request(other, { headers })).status).toBe(404)
    }
    app.stop()
  })
})

describe('many who ask', () => {
  test('for the same get the same; for others few may wait', async () => {
    const table = smallTable(ROWS)
    const service = new HoldingsService(() => table)
    const asked = Array.from({ length: 8 }, (_, i) => service.of({ asn: i + 1 }))
    expect(service.of({ asn: 1 })).toBe(asked[0])
    expect(() => service.of({ asn: 64500 })).toThrow(expect.objectContaining({ status: 503 }))
    await Promise.all(asked)
    expect((await service.of({ asn: 64500 })).found).toBe(true)
  })

  test('get what the table in service has', async () => {
    let table = smallTable(ROWS)
    const service = new HoldingsService(() => table)
    expect((await service.of({ asn: 64500 })).found).toBe(true)
    table = smallTable([{ cidr: '8.8.8.0/24', asn: 15169 }])
    expect((await service.of({ asn: 64500 })).found).toBe(false)
  })

  test('for more than are kept have them looked up again', async () => {
    const table = smallTable(ROWS)
    const service = new HoldingsService(() => table)
    const first = service.of({ asn: 1 })
    for (let asn = 2; asn <= 33; asn++) await service.of({ asn })
    expect(service.of({ asn: 1 })).not.toBe(first)
  })
})
