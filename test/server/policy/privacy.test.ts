// What is kept of somebody, and how it goes: with names as HMACs and without, in SQLite and in Redis.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { REJECT, TestPolicy } from '../../support/policy-service.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'
import { SmtpSink, textOf } from '../../support/smtp-sink.ts'
import { until } from '../../support/until.ts'

const [DE, US, RU] = ['193.99.144.80', '8.8.8.8', '77.88.8.8']
const NAME = 'anna.secretname@example.org'
const KEY = 'hash-users: 0123456789abcdef'

const LAZY = '{"IPs":[],"Countries":[],"Actions":null,"Locked":true}'

let it: TestPolicy
let sink: SmtpSink

afterEach(async () => {
  await it?.stop()
  await sink?.stop()
})

const notify = (): string =>
  `notify: { to: ops@example.org, from: z@example.org, smtp: { host: 127.0.0.1, port: ${sink.port}, tls: none } }`

const list = async () =>
  (await it.ask.call('list', { blocked: false, text: '', after: '', limit: 9 })).map(({ user }) => user)

async function forgetAll(user: string): Promise<void> {
  await until(async () => (await it.ask.call('events', { user, limit: 9 })).length > 0)
  expect((await it.ask.call('figures')).notify?.waiting).toBe(1)
  expect(await it.ask.call('forget', user)).toEqual({ isFound: true, left: [] })
  expect((await it.ask.call('figures')).notify?.waiting).toBe(0)
  expect(await list()).toEqual([])
  expect(await it.ask.call('events', { limit: 9 })).toEqual([])
  expect(await it.ask.call('show', user)).toBeNull()
  expect(await it.ask.call('forget', user)).toEqual({ isFound: false, left: [] })
}

/** An account that is refused, whose mail can't be sent yet. */
async function refused(lines: readonly string[]): Promise<void> {
  sink = await SmtpSink.start({ answer: () => '451 4.3.0 later' })
  it = await TestPolicy.start([notify(), ...lines])
  expect(await it.answers(NAME, [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  await it.said('does not work')
}

describe.each([
  ['as they are', []],
  ['as HMACs', [KEY]],
])('with names %s in SQLite', (_, lines) => {
  test('forget removes the account, its history, what was told, and mail that waits', async () => {
    await refused(lines)
    await forgetAll(NAME)
    // What was told is forgotten as well: the next block is news.
    expect(await it.answers(NAME, [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    await until(async () => (await it.ask.call('figures')).notify?.waiting === 1)
  })
})

test('with HMACs an account is found by its name; lists have the HMAC, log and mail the name', async () => {
  sink = await SmtpSink.start()
  it = await TestPolicy.start([notify(), KEY, `users: [{ sender: '${NAME}', countries: 1 }]`])
  expect(await it.answers(NAME, [DE, US])).toEqual(['DUNNO', REJECT])
  const [hash] = await list()
  expect(hash).toMatch(/^hmac-[\da-f]{40}$/)
  expect((await it.ask.call('show', NAME.toUpperCase()))?.report.user).toBe(hash)
  expect((await it.ask.call('show', hash))?.report.state.block?.reason).toBe('countries 2/1')
  expect((await it.ask.call('events', { user: NAME, limit: 9 })).map(({ user }) => user)).toEqual([hash])
  expect(textOf((await sink.received(1))[0])).toContain(NAME)
  expect((await it.decisions(2)).map(({ user }) => user)).toEqual([NAME, NAME])
  expect(await it.ask.call('unblock', NAME)).toBe(1)
  expect(await it.answer(NAME, DE)).toBe('DUNNO')
})

describe.skipIf(isRedisMissing)('in Redis', () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())

  const store = (): string => `store: redis://127.0.0.1:${redis.port}`

  /** All that the server has, as one text. */
  async function everything(): Promise<string> {
    const keys = (await redis.call('KEYS', '*')) as string[]
    const dumps = keys.map(async (key) => {
      const type = String(await redis.call('TYPE', key))
      const reads: Readonly<Record<string, readonly string[]>> = {
        hash: ['HGETALL', key],
        stream: ['XRANGE', key, '-', '+'],
        string: ['GET', key],
        zset: ['ZRANGE', key, '0', '-1'],
        set: ['SMEMBERS', key],
      }
      return JSON.stringify([key, await redis.call(...reads[type])])
    })
    return (await Promise.all(dumps)).join('\n')
  }

  test('forget leaves nothing of an account', async () => {
    await refused([store()])
    await until(async () => /told:.*secretname/.test(await everything()))
    expect(await everything()).toContain('secretname')
    await forgetAll(NAME)
    await until(async () => !(await everything()).includes('secretname'))
  })

  test('with HMACs nothing has the name, what geoip-policyd has kept is taken over, and forget leaves nothing', async () => {
    await redis.call('FLUSHALL')
    await redis.call('SET', 'geopol_Bert@example.org', LAZY)
    await refused([store(), KEY, 'redis: { import-prefix: geopol_ }'])
    await until(async () => (await everything()).includes('told:'))
    expect(await everything()).not.toContain('secretname')
    expect(await it.answer('Bert@example.org', DE)).toBe(REJECT)
    expect(await it.ask.call('forget', 'bert@example.org')).toEqual({ isFound: true, left: [] })
    await forgetAll(NAME)
    await until(async () => !/hmac-/.test(await everything()))
  })
})
