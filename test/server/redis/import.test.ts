// Accounts of geoip-policyd and of a single host, taken over into Redis.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PERMANENT } from '../../../src/policy/state.ts'
import { RedisStore } from '../../../src/policy-server/redis/redis-store.ts'
import type { RedisSettings } from '../../../src/policy-server/redis/settings.ts'
import { clientIn } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import {
  isRedisMissing,
  type RedisServer,
  redisSettings,
  startRedis,
  until,
} from '../../support/redis-servers.ts'

let server: RedisServer
let store: RedisStore
let warnings: string[]
const stores: RedisStore[] = []

async function open(of: Partial<RedisSettings> = {}): Promise<RedisStore> {
  const settings = redisSettings({ url: `redis://127.0.0.1:${server.port}`, importPrefix: 'geopol_', ...of })
  const opened = await RedisStore.open(settings, { onWarning: (message) => warnings.push(message) })
  stores.push(opened)
  return opened
}

const ask = async (user: string, country: string, text: string, raw?: string) => {
  const now = Date.now()
  return (
    await store.decide({
      user,
      raw,
      client: clientIn(country, text),
      rules: rulesWith(),
      now,
      source: 'test',
    })
  ).action
}

const nanoseconds = (): string => `${Date.now() - 60_000}131012`
const countries = (...of: readonly string[]): string =>
  `{"ForeignIPs":{},"ForeignCountries":{${of.map((it) => `"${it}":${nanoseconds()}`).join(',')}},"HomeCountries":null,"Actions":null,"Locked":false}`
const LOCKED = '{"IPs":[],"Countries":[],"Actions":null,"Locked":true}'

describe.skipIf(isRedisMissing)('accounts of geoip-policyd', () => {
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    warnings = []
    await server.call('FLUSHALL')
    store = await open()
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((it) => it.close()))
  })

  test('are taken over when they are asked for, under the name as it came or in lower case', async () => {
    await server.call('SET', 'geopol_Anna@Example.com', countries('US', 'FR'))
    await server.call('SET', 'geopol_bert@example.com', countries('US', 'FR'))
    expect(await ask('anna@example.com', 'RU', '192.0.2.1', 'Anna@Example.com')).toBe('reject')
    expect(await ask('bert@example.com', 'RU', '192.0.2.1', 'BERT@example.com')).toBe('reject')
    expect(await ask('carl@example.com', 'RU', '192.0.2.1')).toBe('none')
  })

  test('are read only, and once: afterwards they are ours', async () => {
    const before = countries('US', 'FR')
    await server.call('SET', 'geopol_u', before)
    expect(await ask('u', 'US', '192.0.2.1')).toBe('none')
    await server.call('SET', 'geopol_u', countries('CN', 'JP'))
    expect(await ask('u', 'US', '192.0.2.1')).toBe('none')
    expect([...((await store.report('u'))?.state.entries[1].keys() ?? [])].sort()).toEqual(['FR', 'US'])
    expect(await server.call('GET', 'geopol_u')).not.toBe(before)
  })

  test('that are locked are blocked, and stay unblocked when somebody says so', async () => {
    await server.call('SET', 'geopol_u', LOCKED)
    expect(await ask('u', 'DE', '192.0.2.1')).toBe('reject')
    expect((await store.report('u'))?.state.block).toMatchObject({ until: PERMANENT, reason: 'imported' })
    await until(async () => (await store.counts(Date.now())).blocked === 1)
    expect(await store.unblock('u', Date.now())).toBe(1)
    expect(await ask('u', 'DE', '192.0.2.1')).toBe('none')
    expect(await store.forget('u')).toBe(true)
    expect(await ask('u', 'DE', '192.0.2.1')).toBe('none')
  })

  test('that are none are passed over with a warning', async () => {
    await server.call('SET', 'geopol_u', 'nonsense')
    await server.call('HSET', 'geopol_v', 'a', 'b')
    expect(await ask('u', 'DE', '192.0.2.1')).toBe('none')
    expect(await ask('v', 'DE', '192.0.2.1')).toBe('none')
    expect(warnings.map((it) => /geopol_\w/.exec(it)?.[0])).toEqual(['geopol_u', 'geopol_v'])
  })

  test('are taken over once by many requests at a time', async () => {
    await server.call('SET', 'geopol_u', countries('US'))
    store = await open()
    const actions = await Promise.all(['FR', 'RU', 'CN', 'JP'].map((of, i) => ask('u', of, `192.0.2.${i}`)))
    expect(actions.filter((action) => action === 'none')).toHaveLength(1)
  })
})
