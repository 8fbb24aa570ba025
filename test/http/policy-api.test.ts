// /api/policy without a service: who may ask, what is refused, and how.

import { describe, expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { createApp } from '../../src/http/app.ts'
import type { PolicyState } from '../../src/http/task.ts'
import { remoteCommands } from '../../src/policy-server/commands.ts'
import { fakeServer, ownHost } from '../support/running.ts'

const BASE = 'http://127.0.0.1:8053'
const POLICY: PolicyState = { figures: null }
const JSON_TYPE = { 'content-type': 'application/json' }

interface Asked {
  readonly name: string
  readonly argument: unknown
}

/** An application whose service answers as it is told. */
function start(answer: (asked: Asked) => unknown = () => null, policy: PolicyState | null = POLICY) {
  const asked: Asked[] = []
  const policyCommands = remoteCommands(async (name, argument) => {
    asked.push({ name, argument })
    return answer({ name, argument })
  })
  const { running, errors } = fakeServer({ policy, policyCommands })
  const { hono, stop } = createApp(running, ownHost)
  stop()
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await hono.fetch(
      new Request(`${BASE}${path}`, { method, headers: { host: '127.0.0.1:8053' }, ...init }),
    )
    return { status: response.status, body: (await response.json()) as { error?: string }, response }
  }
  return { ask, asked, errors }
}

test('without a policy service every path says so', async () => {
  const { ask } = start(() => null, null)
  for (const path of ['/api/policy/users', '/api/policy/openapi.json']) {
    const { status, body } = await ask('GET', path)
    expect(status).toBe(404)
    expect(body.error).toMatch(/policy\.listen starts it/)
  }
})

test('a list is asked for as the query says, and tells where the next page begins', async () => {
  const { ask, asked } = start(() => [{ user: 'a' }, { user: 'b' }])
  const { body } = await ask('GET', '/api/policy/users?state=blocked&q=x&after=0&limit=2')
  expect(asked).toEqual([{ name: 'list', argument: { blocked: true, text: 'x', after: '0', limit: 2 } }])
  expect(body).toEqual({ users: [{ user: 'a' }, { user: 'b' }], next: 'b' })
  expect((await ask('GET', '/api/policy/users?limit=3')).body).toMatchObject({ next: null })
})

test('a name may hold what a path must escape', async () => {
  const { ask, asked } = start(() => ({ user: 'a/b@c' }))
  await ask('GET', `/api/policy/users/${encodeURIComponent('a/b@c d')}`)
  expect(asked).toEqual([{ name: 'show', argument: 'a/b@c d' }])
})

describe('refused', () => {
  const post = (body: string, headers: Record<string, string> = JSON_TYPE): RequestInit => ({ body, headers })
  test.each<[string, string, string, RequestInit, number, RegExp]>([
    ['an unknown parameter', 'GET', '/users?colour=red', {}, 400, /^colour: no such key/],
    ['a limit beyond the most', 'GET', '/users?limit=1001', {}, 400, /^limit: /],
    ['an unknown state', 'GET', '/users?state=asleep', {}, 400, /^state: .*all or blocked/],
    ['no JSON', 'POST', '/check', post('{'), 400, /is not JSON/],
    ['no object', 'POST', '/check', post('[]'), 400, /^the body: /],
    ['no address', 'POST', '/check', post('{"user":"a"}'), 400, /^address: .*an IP address/],
    ['another key', 'POST', '/check', post('{"user":"a","address":"1.1.1.1","x":1}'), 400, /^x: no such key/],
    [
      'another type',
      'POST',
      '/check',
      post('{}', { 'content-type': 'text/plain' }),
      415,
      /application\/json/,
    ],
    ['no type', 'PUT', '/records', post('{}', {}), 415, /application\/json/],
    [
      'a megabyte and more',
      'PUT',
      '/records',
      post(`"${'x'.repeat(1 << 20)}"`),
      413,
      /at most 1048576 octets/,
    ],
    [
      'records that are not a list',
      'PUT',
      '/records',
      post('{"records":5}'),
      400,
      /^records: .*a list of records/,
    ],
    ['another method', 'PATCH', '/records', {}, 405, /GET, HEAD, PUT only/],
    ['another path', 'GET', '/nothing', {}, 404, /there is no \/api\/policy\/nothing/],
    [
      'another site',
      'DELETE',
      '/users/a',
      { headers: { 'sec-fetch-site': 'cross-site' } },
      403,
      /another site/,
    ],
    [
      'another origin',
      'POST',
      '/records/reset',
      { headers: { origin: 'http://evil.example' } },
      403,
      /another site/,
    ],
  ])('%s', async (_name, method, path, init, status, message) => {
    const { ask, asked } = start()
    const headers = { host: '127.0.0.1:8053', ...(init.headers as Record<string, string>) }
    const answer = await ask(method, `/api/policy${path}`, { ...init, headers })
    expect(answer.status).toBe(status)
    expect(answer.body.error).toMatch(message)
    expect(asked).toEqual([])
  })

  test('what was not looked for is told', async () => {
    const left = ['asnzone:policy:events']
    for (const isFound of [true, false]) {
      const { ask } = start(() => ({ isFound, left }))
      expect(await ask('DELETE', '/api/policy/users/a')).toMatchObject({
        status: 200,
        body: { forgotten: isFound, left },
      })
    }
  })

  test('what nothing is kept of', async () => {
    const nothing: Record<string, unknown> = { show: null, unblock: 0, forget: { isFound: false, left: [] } }
    const { ask } = start(({ name }) => nothing[name])
    for (const [method, path] of [
      ['GET', '/users/a'],
      ['DELETE', '/users/a'],
      ['DELETE', '/users/a/block'],
    ]) {
      expect(await ask(method, `/api/policy${path}`)).toMatchObject({
        status: 404,
        body: { error: 'nothing is known of a' },
      })
    }
  })

  test('when the store is not available, and when the service throws', async () => {
    const away = start(() => {
      throw new AsnzoneError('ASNZONE_POLICY', 'the store is not available')
    })
    expect(await away.ask('GET', '/api/policy/users')).toMatchObject({ status: 503 })
    const wrong = start(() => {
      throw new AsnzoneError('ASNZONE_CONFIG', 'record 1: sender')
    })
    expect(await wrong.ask('GET', '/api/policy/records')).toMatchObject({ status: 400 })
    const broken = start(() => {
      throw new Error('a fault of ours')
    })
    const { status, body } = await broken.ask('GET', '/api/policy/users')
    expect([status, body]).toEqual([500, { error: 'an error in asnzone; see its log' }])
    expect(broken.errors.map(({ message }) => message)).toEqual(['a fault of ours'])
  })
})

test('a page of its own may change things', async () => {
  const { ask } = start(() => 1)
  const headers = { host: '127.0.0.1:8053', origin: BASE, 'sec-fetch-site': 'same-origin' }
  expect(await ask('DELETE', '/api/policy/users/a/block', { headers })).toMatchObject({
    status: 200,
    body: { unblocked: true },
  })
})
