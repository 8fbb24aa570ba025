// What is served over HTTP, without a socket: paths, access, lookups, errors.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { networksOf } from '../../src/app/treatment.ts'
import { loadSettings } from '../../src/config/load.ts'
import { type App, createApp } from '../../src/http/app.ts'
import type { ServerView } from '../../src/http/server-view.ts'
import type { AccessRule } from '../../src/http/task.ts'
import { temporaryFolder } from '../support/folders.ts'
import { query } from '../support/message.ts'
import { type FakeServer, fakeServer, ownHost } from '../support/running.ts'
import { type Row, smallTable, smallZoneSet } from '../support/small-table.ts'
import { tableOf } from '../support/table-of-rows.ts'
import { respond } from '../support/transports.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'

let server: FakeServer
/** Made when a test asks for them, since each reads all files of the pages. */
const apps = new Map<() => AccessRule, App>()

beforeEach(() => {
  server = fakeServer()
})
afterEach(() => {
  for (const app of apps.values()) app.stop()
  apps.clear()
})

function appWith(rule: () => AccessRule): App {
  const app = apps.get(rule) ?? createApp(server.running, rule)
  apps.set(rule, app)
  return app
}

const open = (): App => appWith(ownHost)
const withToken = (): AccessRule => ({ token: TOKEN, networks: null })
const closed = (): App => appWith(withToken)

const get = (app: App, path: string, headers: Record<string, string> = {}) =>
  app.hono.request(`http://127.0.0.1:8053${path}`, { headers: { host: '127.0.0.1:8053', ...headers } })

const head = (app: App, path: string) =>
  app.hono.request(`http://127.0.0.1:8053${path}`, { method: 'HEAD', headers: { host: '127.0.0.1:8053' } })

/** What Firefox sends. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

async function json(path: string): Promise<Record<string, unknown>> {
  return (await (await get(open(), path)).json()) as Record<string, unknown>
}

test('what was learned: a hint without the setting, and a state that is damaged is said', async () => {
  expect(await json('/api/learned')).toEqual({ enabled: false, hint: expect.stringContaining('learn: {}') })
  const file = join(temporaryFolder(), 'learned.sqlite')
  writeFileSync(file, 'damaged'.repeat(1000))
  const onError = vi.fn()
  const exclude = { asns: [], networks: [] }
  const { running } = fakeServer({ learned: { file, halfLife: 60, exclude }, onError })
  const app = createApp(running, ownHost)
  const response = await get(app, '/api/learned')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ error: "what was learned can't be read; see the log" })
  expect(onError).toHaveBeenCalledOnce()
  app.stop()
})

describe('without a token', () => {
  test.each(['127.0.0.1:8053', '127.0.0.1', '[::1]:8053', '[::1]', 'localhost:8053', 'LOCALHOST'])(
    'a request for %s is answered',
    async (host) => {
      expect((await get(open(), '/api/status', { host })).status).toBe(200)
    },
  )

  test.each(['evil.example', 'evil.example:8053', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
    'a request for %j is not',
    async (host) => {
      const response = await get(open(), '/api/status', { host })
      expect(response.status).toBe(403)
      expect(await response.json()).toEqual({ error: expect.stringContaining('http-token') })
    },
  )
})

describe('with a token', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

  test.each([
    ['as bearer token', { authorization: `Bearer ${TOKEN}` }, 200],
    ['as password of anybody', basic(`anybody:${TOKEN}`), 200],
    ['not at all', {}, 401],
    ['a wrong one', { authorization: `Bearer ${TOKEN}0` }, 401],
    ['a part of it', { authorization: `Bearer ${TOKEN.slice(1)}` }, 401],
    ['as user name', basic(`${TOKEN}:`), 401],
    ['a wrong password', basic('asnzone:asnzone'), 401],
    ['what is no token', { authorization: 'Bearer "' }, 401],
  ])('%s', async (_name, headers: Record<string, string>, status) => {
    for (const path of ['/metrics', '/api/status', '/api/lookup/8.8.8.8', '/api/events', '/nothing']) {
      const response = await get(closed(), path, headers)
      expect([path, response.status]).toEqual([path, path === '/nothing' && status === 200 ? 404 : status])
      await response.body?.cancel()
    }
  })

  test('a browser is told to ask for it', async () => {
    const response = await get(closed(), '/api/status')
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="asnzone: .*token as password"/)
  })

  test('health needs none, whatever the host', async () => {
    expect((await get(closed(), '/healthz')).status).toBe(200)
    expect((await get(closed(), '/readyz')).status).toBe(503)
    expect((await get(open(), '/healthz', { host: 'node7.example' })).status).toBe(200)
  })

  test('any host will do', async () => {
    const response = await get(closed(), '/api/status', {
      host: 'status.example',
      authorization: `Bearer ${TOKEN}`,
    })
    expect(response.status).toBe(200)
  })
})

describe('with networks that may read', () => {
  const networks = networksOf('publish-allow', ['192.0.2.0/24', '2001:db8::/32'])
  const from = (app: App, remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
    app.hono.request(
      '/country-ipv4.csv',
      { headers: { host: 'files.example', ...headers } },
      {
        incoming: { socket: { remoteAddress } },
      },
    )
  let listed: App
  let both: App

  beforeEach(() => {
    listed = createApp(server.running, () => ({ token: null, networks }), 'publish-csv')
    both = createApp(server.running, () => ({ token: TOKEN, networks }), 'publish-csv')
  })

  test.each([
    ['192.0.2.7', 200, 200],
    ['::ffff:192.0.2.7', 200, 200],
    ['2001:db8::1', 200, 200],
    ['192.0.3.1', 403, 401],
    ['127.0.0.1', 403, 401],
    ['::ffff:192.0.3.1', 403, 401],
    ['2001:db9::1', 403, 401],
    ['fe80::1%eth0', 403, 401],
    [undefined, 403, 403],
  ])('%s gets %d, and %d where there is a token, too', async (address, status, statusBesideToken) => {
    expect((await from(listed, address)).status).toBe(status)
    expect((await from(both, address)).status).toBe(statusBesideToken)
  })

  test('others may have the token', async () => {
    const response = await from(both, '192.0.3.1', { authorization: `Bearer ${TOKEN}` })
    expect(response.status).toBe(200)
  })
})

test('the published files are where the pages are, too', async () => {
  expect((await get(open(), '/country-ipv4.csv')).status).toBe(200)
  expect((await get(closed(), '/country-ipv4.csv')).status).toBe(401)
})

test('every answer tells the browser to load nothing from elsewhere', async () => {
  for (const path of ['/healthz', '/metrics', '/api/status', '/nothing']) {
    const { headers } = await get(open(), path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})

describe('lookups', () => {
  test('an address: its attributes, and each zone that can be asked, with its answer', async () => {
    const found = await json('/api/lookup/8.8.8.8')
    expect(found).toMatchObject({
      query: '8.8.8.8',
      found: true,
      asn: 15169,
      name: 'Google LLC',
      prefix: '8.8.8.0/24',
      country: 'US',
    })
    const questions = found.questions as { zone: string; command: string; answer: string }[]
    expect(questions).toContainEqual({
      zone: 'geo',
      command: 'dig @127.0.0.1 -p 5300 +short TXT 8.8.8.8.geo.asnzone.internal',
      answer: '"15169 | Google LLC | US | -- | 0"',
    })
    expect(questions).toContainEqual({
      zone: 'country-list',
      command: 'dig @127.0.0.1 -p 5300 +short A 8.8.8.8.us.country.asnzone.internal',
      answer: '127.0.0.2',
    })
    expect(questions.filter(({ zone }) => zone === 'country-list')).toHaveLength(2)
    expect(questions.map(({ zone }) => zone)).not.toContain('as')
    expect(questions.map(({ zone }) => zone)).not.toContain('origin6')
  })

  test('one zone of each country is asked, whatever labels the domain has', async () => {
    const settings = loadSettings({ options: { domain: 'asn.example.de' } })
    const { running } = fakeServer({ zoneSet: smallZoneSet(undefined, settings) })
    const app = createApp(running, ownHost)
    const { questions } = (await (await get(app, '/api/lookup/8.8.8.8')).json()) as {
      questions: { zone: string; command: string }[]
    }
    app.stop()
    const lists = questions.filter(({ zone }) => zone === 'country-list')
    expect(lists.map(({ command }) => command.split(' ').at(-1))).toEqual([
      '8.8.8.8.us.country.asn.example.de',
      '8.8.8.8.us.country.asn.example.de',
    ])
    // Others are asked for once each: far fewer than the 251 zones of countries.
    expect(questions.length).toBeLessThan(100)
  })

  test('an IPv6 address is asked for by its nibbles', async () => {
    const { found, questions } = await json('/api/lookup/2001:4860:4860::8888')
    expect(found).toBe(true)
    expect(questions).toContainEqual({
      zone: 'cymru-origin6',
      command: `dig @127.0.0.1 -p 5300 +short TXT ${'8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2'}.origin6.asn.cymru.com`,
      answer: '"15169 | 2001:4860:4840::/42 | US | arin |"',
    })
  })

  test.each(['15169', 'AS15169', 'as15169'])('AS %s', async (number) => {
    expect(await json(`/api/as/${number}`)).toMatchObject({ query: 'AS15169', found: true, asn: 15169 })
  })

  test.each(['/api/lookup/10.1.2.3', '/api/as/64999'])('%s: nothing is known', async (path) => {
    const { found, questions } = await json(path)
    expect(found).toBe(false)
    expect((questions as { answer: string }[]).map(({ answer }) => answer).join('')).toBe('')
  })

  test.each([
    '/api/lookup/x',
    '/api/lookup/8.8.8.0%2F33',
    '/api/lookup/8.8.8/24',
    '/api/lookup/8.8.8',
    '/api/lookup/%00',
    '/api/as/0',
    '/api/as/4294967296',
    '/api/as/x',
    `/api/lookup/${'9'.repeat(5000)}`,
  ])('%s is refused', async (path) => {
    const response = await get(open(), path)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: expect.stringMatching(/' is not an IP address or (an AS|a CIDR)/),
    })
  })

  test.each(['8.8.8.0%2F25', '8.8.8.0/25', '%3A%3Affff%3A8.8.8.0%2F121'])(
    'of the network %s',
    async (text) => {
      const { found, ranges, more, questions } = await json(`/api/lookup/${text}`)
      expect([found, more, questions]).toEqual([true, 0, []])
      expect(ranges).toMatchObject([{ first: '8.8.8.0', last: '8.8.8.127', asn: 15169, country: 'US' }])
    },
  )

  test('count as no queries', async () => {
    await json('/api/lookup/8.8.8.8')
    expect(server.counters.total().answer).toBe(0)
  })

  test('answer from the data in service', async () => {
    const other: readonly Row[] = [{ cidr: '8.8.8.0/24', asn: 64496, name: 'Another', country: 'DE' }]
    expect(await json('/api/lookup/8.8.8.8')).toMatchObject({ asn: 15169 })
    server.replace(smallTable(other))
    const found = await json('/api/lookup/8.8.8.8')
    expect(found).toMatchObject({ asn: 64496 })
    expect(JSON.stringify(found.questions)).toContain('64496 | Another | DE')
  })
})

describe('the status', () => {
  test('tells what is served, the data by source and what became of queries', async () => {
    respond(server.responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
    respond(server.responder, query('example.com'), 'udp')
    const status = await json('/api/status')
    expect(status).toMatchObject({
      listen: ['127.0.0.1:5300'],
      queries: { answer: 1, refused: 1 },
      elsewhere: { refused: 1 },
      tcp: { open: 3 },
      reload: { kind: 'refused', reason: 'less' },
      maxAge: '45d',
    })
    expect(status.sources).toEqual([
      expect.objectContaining({
        what: 'asn',
        rows: 1,
        stale: true,
        licence: 'CC0-1.0',
        share: 256 / 2 ** 32,
      }),
    ])
    const zones = status.zones as { id: string; apexes: string[]; queries: Record<string, number> }[]
    expect(zones.find(({ id }) => id === 'geo')).toMatchObject({
      apexes: ['geo.asnzone.internal'],
      queries: { answer: 1, refused: 0 },
    })
    expect(zones.find(({ id }) => id === 'country-list')?.apexes).toEqual(['CC.country.asnzone.internal'])
  })
})

describe('what is begun', () => {
  const post = (app: App, path: string, headers: Record<string, string> = {}) =>
    app.hono.request(`http://127.0.0.1:8053${path}`, {
      method: 'POST',
      headers: { host: '127.0.0.1:8053', ...headers },
    })
  const begun: string[] = []
  const withUpkeep = (canFetch: boolean) => {
    begun.length = 0
    const upkeep: ServerView['upkeep'] = {
      reload: async () => void begun.push('reload'),
      update: async () => {
        begun.push('update')
        return canFetch
      },
    }
    return createApp({ ...server.running, upkeep }, ownHost)
  }

  test.each(['reload', 'update'])('a %s, for who may ask and is no page of another site', async (what) => {
    const app = withUpkeep(true)
    const response = await post(app, `/api/${what}`, { 'sec-fetch-site': 'same-origin' })
    expect([response.status, await response.json(), begun]).toEqual([202, { begun: true }, [what]])
    expect((await post(app, `/api/${what}`)).status).toBe(202)
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
    ]) {
      expect((await post(app, `/api/${what}`, headers as Record<string, string>)).status).toBe(403)
    }
    expect((await get(app, `/api/${what}`)).status).toBe(404)
    expect((await post(closed(), `/api/${what}`)).status).toBe(401)
    expect(begun).toEqual([what, what])
    app.stop()
  })

  test('no update where there is nothing to fetch', async () => {
    const app = withUpkeep(false)
    const response = await post(app, '/api/update')
    expect([response.status, await response.json()]).toEqual([
      409,
      { error: expect.stringContaining('nothing to fetch') },
    ])
    app.stop()
  })
})

describe('where distances are counted from', () => {
  const hereOf = async (here: ServerView['originPoint']) => {
    const app = createApp({ ...server.running, originPoint: here }, ownHost)
    const { here: told } = (await (await get(app, '/api/lookup/8.8.8.8')).json()) as { here: unknown }
    app.stop()
    return told
  }

  test.each([
    ['nowhere', null, null],
    ['a place', { latitude: 52.52, longitude: 13.4 }, { latitude: 52.52, longitude: 13.4 }],
    ['an address that no source knows the place of', { address: '10.1.2.3' }, null],
  ])('%s', async (_name, here, told) => {
    expect(await hereOf(here)).toEqual(told)
  })

  test('a distance to the point of a country is marked', async () => {
    const contents = '8.8.8.0,8.8.8.255,US\n'
    const originPoint = { latitude: 52.52, longitude: 13.4 }
    server.replace(
      await tableOf([{ dataset: 'country', format: 'ip-location-db', name: 'us.csv', contents }], {
        originPoint,
      }),
    )
    expect(await json('/api/lookup/8.8.8.8')).toMatchObject({ distance: 7391, distanceIsRough: true })
  })
})

describe('the files of the pages', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/lookup', 'text/html; charset=utf-8'],
    ['/statistics', 'text/html; charset=utf-8'],
    ['/policy', 'text/html; charset=utf-8'],
    ['/status.js', 'text/javascript; charset=utf-8'],
    ['/vendor/uplot.js', 'text/javascript; charset=utf-8'],
    ['/style.css', 'text/css; charset=utf-8'],
    ['/world.svg', 'image/svg+xml'],
  ])('%s is %s, once', async (path, type) => {
    const response = await get(open(), path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    const tag = response.headers.get('etag') ?? ''
    const again = await get(open(), path, { 'if-none-match': tag })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const packed = await get(open(), path, { 'accept-encoding': 'gzip, br' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(await response.text())
  })

  test.each([
    '/package.json',
    '/../package.json',
    '/..%2fpackage.json',
    '/web/index.html',
    '/index.html',
    '/vendor/',
  ])('%s is none of them', async (path) => {
    expect((await get(open(), path)).status).toBe(404)
  })
})

describe('events', () => {
  test('begin with what is remembered, go on second by second, and end with the page', async () => {
    vi.useFakeTimers({ now: 1_000_000 })
    try {
      const app = createApp(server.running, ownHost)
      await vi.advanceTimersByTimeAsync(1000)
      respond(server.responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
      await vi.advanceTimersByTimeAsync(1000)
      const reader = (await get(app, '/api/events')).body!.getReader()
      const next = async () => new TextDecoder().decode((await reader.read()).value)
      const history = await next()
      expect(history).toMatch(/^event: history\ndata: \[.*\]\n\n$/)
      expect(JSON.parse(history.slice(history.indexOf('[')))).toMatchObject([
        { at: 1_001_000, seconds: 1, outcomes: { answer: 0 } },
        { at: 1_002_000, seconds: 1, outcomes: { answer: 1 } },
      ])
      respond(server.responder, query('example.com'), 'udp')
      await vi.advanceTimersByTimeAsync(1000)
      expect(await next()).toMatch(/^event: second\ndata: \{"at":1003000,.*"refused":1,/)
      await reader.cancel()
      app.stop()
    } finally {
      vi.useRealTimers()
    }
  })

  test('are for a bounded number of pages', async () => {
    const responses = await Promise.all(Array.from({ length: 65 }, () => get(open(), '/api/events')))
    expect(responses.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1)
    await Promise.all(responses.map(({ body }) => body?.cancel()))
    await vi.waitFor(async () => {
      const again = await get(open(), '/api/events')
      await again.body?.cancel()
      expect(again.status).toBe(200)
    }, 20_000)
  })
})

describe('HEAD', () => {
  test('never opens a stream: as many as there may be pages leave the events as they were', async () => {
    for (let i = 0; i < 65; i++) {
      const { status, headers, body } = await head(open(), '/api/events')
      expect([status, headers.get('content-type'), body]).toEqual([200, 'text/event-stream', null])
    }
    const response = await get(open(), '/api/events')
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })

  test.each(['/', '/lookup', '/metrics', '/healthz', '/api/status', '/api/stats', '/asn-ipv4.csv'])(
    '%s has no body',
    async (path) => {
      const { status, body } = await head(open(), path)
      expect([status, body]).toEqual([200, null])
    },
  )
})

describe('when the main thread does not answer', () => {
  test('it is neither alive nor ready, and the figures are the last ones', async () => {
    const app = createApp({ ...server.running, refresh: async () => false }, ownHost)
    const alive = await get(app, '/healthz')
    expect([alive.status, await alive.text()]).toEqual([503, 'the main thread does not answer\n'])
    const ready = await get(app, '/readyz')
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, reasons: expect.arrayContaining(['the main thread does not answer']) },
    ])
    expect((await get(app, '/metrics')).status).toBe(200)
    app.stop()
  })
})

test('one look at readiness is for all who ask meanwhile', async () => {
  const refresh = vi.fn(async () => true)
  const app = createApp({ ...server.running, refresh }, ownHost)
  await Promise.all(Array.from({ length: 50 }, () => get(app, '/readyz')))
  expect(refresh).toHaveBeenCalledTimes(1)
  app.stop()
})

describe('errors', () => {
  test('a path that there is not', async () => {
    const response = await get(open(), '/nothing')
    expect([response.status, await response.json()]).toEqual([404, { error: 'there is no /nothing' }])
  })

  test.each([
    ['/nosuch', BROWSER, 404, 'text/html; charset=utf-8'],
    ['/api/nosuch', BROWSER, 404, 'application/json'],
    ['/nosuch', 'application/json', 404, 'application/json'],
    ['/nosuch', '*/*', 404, 'application/json'],
    ['/missing.html', BROWSER, 404, 'text/html; charset=utf-8'],
  ])('%s asked with accept: %s', async (path, accept, status, type) => {
    const response = await get(open(), path, { accept })
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type])
    if (type.startsWith('text/html')) expect(await response.text()).toContain('<h1>No such page</h1>')
  })

  test('of our own are told to the administrator, not to whoever asks', async () => {
    const { addresses: _, ...rest } = server.running.server
    const broken = {
      ...rest,
      get addresses(): never {
        throw new Error('secret')
      },
    }
    const app = createApp({ ...server.running, server: broken }, ownHost)
    const response = await get(app, '/api/status')
    app.stop()
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('secret')])
    expect(server.errors.map(({ message }) => message)).toEqual(['secret'])
  })
})

test('zones are compiled for a lookup alone: pages, status and metrics do without', async () => {
  const compiled = vi.fn(() => smallZoneSet())
  const running = Object.create(server.running, { zoneSet: { get: compiled } }) as ServerView
  const app = createApp(running, ownHost)
  try {
    for (const path of ['/', '/healthz', '/metrics', '/api/status', '/api/lookup/8.8.8.0/24']) {
      expect([path, (await get(app, path)).status]).toEqual([path, 200])
    }
    expect(compiled).not.toHaveBeenCalled()
    expect((await get(app, '/api/lookup/8.8.8.8')).status).toBe(200)
    expect(compiled).toHaveBeenCalled()
  } finally {
    app.stop()
  }
})
