// geoip-policyd's REST interface without a service: its requests, codes and bodies, and who may ask.

import { describe, expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { createGeoipPolicyd, type PolicydParts } from '../../src/http/geoip-policyd.ts'
import type { AccountJson } from '../../src/policy-server/account-json.ts'
import { remoteCommands } from '../../src/policy-server/commands.ts'
import type { RecordText, Verdict } from '../../src/policy-server/surface.ts'

const BASE = 'http://127.0.0.1:8080'
const JSON_TYPE = { 'content-type': 'application/json' }
const OPEN = {
  token: null,
  login: null,
  getReload: true,
  dovecot: { isProven: false, tarpit: 5, onError: 'dunno' as const },
}

const VERDICT: Verdict = {
  id: 'a1',
  answer: 'DUNNO',
  action: 'none',
  would: null,
  rule: null,
  detail: '',
  unjudged: null,
  asked: 'anna@example.org',
  user: 'u@x',
  address: '192.0.2.1',
  country: 'DE',
  asn: 3320,
  score: 0,
  isHome: false,
  counts: null,
  limits: null,
  block: null,
  record: null,
  milliseconds: 0.1,
}

const TIME = '2026-11-20T06:00:00Z'
const entry = (value: string, home: boolean, refused = false) => ({
  value,
  first: TIME,
  last: TIME,
  home,
  refused,
})

const ACCOUNT: AccountJson = {
  user: 'u@x',
  first: TIME,
  last: TIME,
  requests: 3,
  refused: 0,
  block: null,
  ips: [entry('198.51.100.7', false), entry('192.0.2.1', false), entry('203.0.113.9', false, true)],
  countries: [entry('US', false), entry('DE', true)],
  asns: [],
}

/** The interface of a service that keeps records, and answers questions as it is told. */
function start(parts: Partial<PolicydParts> & { answers?: Record<string, () => unknown> } = {}) {
  const asked: [string, unknown][] = []
  let records: { source: string; records: readonly RecordText[] } = { source: 'settings', records: [] }
  const errors: Error[] = []
  const policy = remoteCommands(async (name, argument) => {
    asked.push([name, argument])
    const answer = parts.answers?.[name]
    if (answer !== undefined) return answer()
    if (name === 'setRecords') records = { source: 'set', records: argument as RecordText[] }
    return { records, query: { verdict: VERDICT, account: ACCOUNT }, reload: null }[name as string] ?? null
  })
  const hono = createGeoipPolicyd({
    policy,
    conduct: () => OPEN,
    onError: (error) => errors.push(error),
    ...parts,
  })
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await hono.fetch(
      new Request(`${BASE}${path}`, {
        method,
        headers: { host: '127.0.0.1:8080', ...JSON_TYPE, ...headers },
        ...(body === undefined ? {} : { body: text }),
      }),
    )
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  return { send, asked, errors, current: () => records.records }
}

describe('POST /query', () => {
  const body = { key: 'client', value: { address: '192.0.2.1', sender: 'u@x' } }

  test('counts, and answers 202 with sorted lists', async () => {
    const { send, asked } = start()
    const { status, text } = await send('POST', '/query', body)
    expect(status).toBe(202)
    expect(asked).toEqual([['query', { user: 'u@x', address: '192.0.2.1', isCounted: true }]])
    const answer = JSON.parse(text) as { guid: string }
    expect(answer).toEqual({
      guid: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      object: {
        remote_addr: ':0',
        policy_reject: false,
        whitelisted: false,
        current_client_ip: '192.0.2.1',
        current_country_code: 'DE',
        total_ips: 2,
        total_countries: 2,
        home_ips_seen: ['N/A'],
        foreign_ips_seen: ['192.0.2.1', '198.51.100.7'],
        home_countries_seen: ['DE'],
        foreign_countries_seen: ['US'],
      },
      operation: 'query',
      error: null,
      result: true,
    })
  })

  test.each([
    ['?info=1', body],
    ['', { ...body, info: true }],
  ])('looks without counting: %s', async (query, body) => {
    const { send, asked } = start()
    await send('POST', `/query${query}`, body)
    expect(asked).toEqual([['query', { user: 'u@x', address: '192.0.2.1', isCounted: false }]])
  })

  test('a refusal is told', async () => {
    const refused = { verdict: { ...VERDICT, action: 'reject', rule: 'countries' }, account: ACCOUNT }
    const { send } = start({ answers: { query: () => refused } })
    expect(JSON.parse((await send('POST', '/query', body)).text)).toMatchObject({
      object: { policy_reject: true },
      result: false,
    })
  })

  test('an exempt client is whitelisted, and nothing else is told', async () => {
    const exempt = { verdict: { ...VERDICT, rule: 'exempt' }, account: null }
    const { send } = start({ answers: { query: () => exempt } })
    expect(JSON.parse((await send('POST', '/query', body)).text)).toMatchObject({
      object: { whitelisted: true, current_client_ip: '', total_ips: 0, home_ips_seen: null },
    })
  })

  test.each([
    ['none', true],
    ['defer', false],
  ])(
    'without a store the error is a text, and the result what is answered then: %s',
    async (action, result) => {
      const verdict = { ...VERDICT, unjudged: 'store', action }
      const { send } = start({ answers: { query: () => ({ verdict, account: null }) } })
      const { status, text } = await send('POST', '/query', body)
      expect([status, JSON.parse(text)]).toMatchObject([
        202,
        { object: null, error: 'the store is not available', result, operation: 'query' },
      ])
    },
  )
})

describe('records', () => {
  const RECORD = { sender: 'u@x', ips: 5, home_countries: { codes: ['DE'], ips: 4 } }

  test('there are none at first: 204; PUT sets them all, GET shows every field, in order', async () => {
    const { send } = start()
    expect((await send('GET', '/custom-settings')).status).toBe(204)
    expect(await send('PUT', '/update', { data: [RECORD, { sender: 'v@x' }] })).toMatchObject({
      status: 202,
      text: '',
    })
    const { status, text } = await send('GET', '/custom-settings')
    expect(status).toBe(200)
    expect(text).toMatch(/^\[.*\]\n$/)
    expect(JSON.parse(text)).toEqual([
      {
        comment: '',
        sender: 'u@x',
        ips: 5,
        countries: 0,
        trusted_countries: null,
        trusted_ips: null,
        home_countries: { codes: ['DE'], ips: 4, countries: 0 },
      },
      expect.objectContaining({ sender: 'v@x', ips: 0 }),
    ])
  })

  test('F16: of changes at the same moment none is lost', async () => {
    const { send, current } = start()
    const names = Array.from({ length: 20 }, (_, i) => `u${i}@x`)
    await send('PUT', '/update', { data: [{ sender: 'first@x' }, { sender: 'second@x' }] })
    const answers = await Promise.all([
      ...names.map((sender) => send('PATCH', '/modify', { key: 'sender', value: { sender, ips: 5 } })),
      send('DELETE', '/remove', { key: 'sender', value: 'nobody@x' }),
      send('DELETE', '/remove', { key: 'sender', value: 'first@x' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([...names.map(() => 202), 400, 202])
    expect(current().map(({ sender }) => sender)).toEqual(['second@x', ...names])
  })

  test('F16: PATCH keeps what it does not name, home countries included, and adds what there is not', async () => {
    const { send, current } = start()
    await send('PUT', '/update', { data: [RECORD, { sender: 'v@x' }] })
    await send('PATCH', '/modify', {
      key: 'sender',
      value: { sender: 'U@x', countries: 2, home_countries: { codes: ['AT'] } },
    })
    await send('PATCH', '/modify', { key: 'sender', value: { sender: 'w@x', ips: 1 } })
    expect(current()).toEqual([
      { sender: 'U@x', ips: 5, countries: 2, home_countries: { codes: ['AT'], ips: 4 } },
      { sender: 'v@x' },
      { sender: 'w@x', ips: 1 },
    ])
  })

  test('F16: DELETE keeps the order; a sender without a record is 400', async () => {
    const { send, current } = start()
    await send('PUT', '/update', { data: ['a', 'b', 'c'].map((sender) => ({ sender })) })
    expect((await send('DELETE', '/remove', { key: 'sender', value: 'a' })).status).toBe(202)
    expect(current()).toEqual([{ sender: 'b' }, { sender: 'c' }])
    expect(await send('DELETE', '/remove', { key: 'sender', value: 'a' })).toMatchObject({
      status: 400,
      text: '{"error":"there is no record of a"}',
    })
  })
})

test('POST /remove unblocks and forgets, also what is not there', async () => {
  const { send, asked } = start()
  expect(await send('POST', '/remove', { key: 'sender', value: 'u@x' })).toMatchObject({
    status: 202,
    text: '',
  })
  expect(asked).toEqual([
    ['unblock', 'u@x'],
    ['forget', 'u@x'],
  ])
})

describe('GET /reload', () => {
  test('F9, F10: 202 when all is well, 500 and the reason when a file is broken', async () => {
    expect(await start().send('GET', '/reload')).toMatchObject({ status: 202, text: '' })
    const broken = start({ answers: { reload: () => 'users.json:3: no JSON' } })
    expect(await broken.send('GET', '/reload')).toMatchObject({
      status: 500,
      text: '{"error":"users.json:3: no JSON"}',
    })
  })

  test('405 where it is switched off, and 403 for a page of another site', async () => {
    const { send } = start({ conduct: () => ({ ...OPEN, getReload: false }) })
    expect((await send('GET', '/reload')).status).toBe(405)
    const { send: sendFromElsewhere, asked } = start()
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await sendFromElsewhere('GET', '/reload', undefined, headers)).status).toBe(403)
    expect(asked).toEqual([])
  })
})

describe('wrong requests', () => {
  const client = (value: unknown) => ({ key: 'client', value })
  test.each<[string, string, string, unknown, number, RegExp]>([
    ['no JSON', 'POST', '/query', '{', 400, /not JSON/],
    ['another key', 'POST', '/query', { key: 'x', value: {} }, 400, /^\{"error":"key: .*client/],
    [
      'a sender that is a number',
      'POST',
      '/query',
      client({ address: '1.1.1.1', sender: 5 }),
      400,
      /sender: /,
    ],
    ['no address', 'POST', '/query', client({ sender: 'a' }), 400, /address: /],
    ['an empty sender', 'POST', '/remove', { key: 'sender', value: '' }, 400, /value: /],
    ['records that are not a list', 'PUT', '/update', {}, 400, /data: .*a list of records/],
    ['a record that is none', 'PUT', '/update', { data: [5] }, 400, /data\.0: /],
    ['a record without a sender', 'PATCH', '/modify', { key: 'sender', value: { ips: 5 } }, 400, /sender: /],
    ['another path', 'GET', '/nothing', undefined, 404, /there is no \/nothing/],
    ['another method', 'PUT', '/query', {}, 405, /POST only/],
    ['more than a megabyte', 'PUT', '/update', `"${'x'.repeat(1 << 20)}"`, 413, /at most/],
  ])('%s', async (_name, method, path, body, status, message) => {
    const { send, asked } = start()
    const answer = await send(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(message)
    expect(asked).toEqual([])
  })

  test('another content type is 400, as with geoip-policyd', async () => {
    const { send } = start()
    expect((await send('POST', '/remove', '{}', { 'content-type': 'text/plain' })).status).toBe(400)
  })

  test('405 names what is allowed', async () => {
    expect((await start().send('PUT', '/remove', {})).headers.get('allow')).toBe('POST, DELETE')
  })

  test('503 when the store is not available, 400 when records are wrong, 500 for a fault of ours', async () => {
    const failing = (error: Error) =>
      start({
        answers: {
          setRecords: () => {
            throw error
          },
        },
      })
    const put = { data: [{ sender: 'a' }] }
    const away = failing(new AsnzoneError('ASNZONE_POLICY', 'away'))
    expect((await away.send('PUT', '/update', put)).status).toBe(503)
    const wrong = failing(new AsnzoneError('ASNZONE_CONFIG', 'record 1: ips: wrong'))
    expect(await wrong.send('PUT', '/update', put)).toMatchObject({
      status: 400,
      text: '{"error":"record 1: ips: wrong"}',
    })
    const broken = failing(new Error('a fault'))
    expect((await broken.send('PUT', '/update', put)).status).toBe(500)
    expect(broken.errors).toHaveLength(1)
  })
})

describe('F14: who may ask', () => {
  const login = { token: 'a token', login: { user: 'admin', password: 'a: secret' } }
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  test.each<[string, Record<string, string>, number]>([
    ['nothing', {}, 401],
    ['the token', { authorization: 'Bearer a' }, 401],
    ['the right password', basic('admin:a: secret'), 204],
    ['another password', basic('admin:secret'), 401],
    ['another user', basic('root:a: secret'), 401],
    ['empty ones', basic(':'), 401],
    ['the token as X-API-Key', { 'x-api-key': 'a token' }, 204],
    ['another X-API-Key', { 'x-api-key': 'another token' }, 401],
  ])('%s', async (_name, headers, status) => {
    const { send, asked } = start({ conduct: () => ({ ...OPEN, ...login }) })
    const answer = await send('GET', '/custom-settings', undefined, headers)
    expect(answer.status).toBe(status)
    if (status !== 401) return
    expect(asked).toEqual([])
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Protected area", charset="UTF-8"')
  })

  test('a bearer token of one word', async () => {
    const { send } = start({ conduct: () => ({ ...OPEN, token: 'secret-token' }) })
    const headers = { authorization: 'Bearer secret-token' }
    expect((await send('GET', '/custom-settings', undefined, headers)).status).toBe(204)
    expect((await send('GET', '/custom-settings', undefined, basic('secret-token:x'))).status).toBe(401)
  })

  test('without either the host itself, by its address', async () => {
    const { send } = start()
    expect((await send('GET', '/custom-settings', undefined, { host: 'evil.example' })).status).toBe(403)
  })
})
