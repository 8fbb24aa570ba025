// Accounts of geoip-policyd and of a single host, taken over into Redis.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PERMANENT } from '../../../src/policy/state.ts'
import { readGeoipPolicyd } from '../../../src/policy-server/redis/geoip-policyd.ts'
import { RedisStore } from '../../../src/policy-server/redis/redis-store.ts'
import type { RedisSettings } from '../../../src/policy-server/redis/settings.ts'
import { SqliteStore } from '../../../src/policy-server/sqlite-store.ts'
import { clientIn } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { runCli } from '../../support/programs.ts'
import { isRedisMissing, type RedisServer, redisSettings, startRedis } from '../../support/redis-servers.ts'
import { until } from '../../support/until.ts'

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
    expect(await store.forget('u')).toEqual({ isFound: true, left: [] })
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

describe.skipIf(isRedisMissing)('asnzone policy import', () => {
  let from: RedisServer
  beforeAll(async () => {
    server = await startRedis()
    from = await startRedis()
  })
  afterAll(async () => {
    await server?.stop()
    await from?.stop()
  })
  beforeEach(async () => {
    warnings = []
    await server.call('FLUSHALL')
    await from.call('FLUSHALL')
    store = await open({ importPrefix: '' })
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((it) => it.close()))
  })

  const run = (...args: readonly string[]) =>
    runCli(['policy', 'import', ...args], {
      env: {
        ASNZONE_POLICY_STORE: `redis://127.0.0.1:${server.port}`,
        ASNZONE_DATA_DIR: temporaryFolder(),
      },
    })

  test('takes all accounts of geoip-policyd, and what is known stays as it is', async () => {
    await from.call('SET', 'geopol_Anna@Example.com', countries('US'))
    await from.call('SET', 'geopol_anna@example.com', countries('FR'))
    await from.call('SET', 'geopol_bert@example.com', LOCKED)
    await from.call('SET', 'geopol_carl@example.com', countries('US', 'FR'))
    await from.call('SET', 'geopol_dora@example.com', 'nonsense')
    await from.call('SET', 'other', countries('US'))
    for (let i = 0; i < 300; i++) await from.call('SET', `geopol_user${i}@example.com`, countries('US'))
    await ask('carl@example.com', 'DE', '192.0.2.1')
    const args = ['--redis', `redis://127.0.0.1:${from.port}`]
    const first = await run(...args)
    expect(first).toMatchObject({
      code: 0,
      stdout: '302 accounts imported, 1 is known already or has nothing that counts\n',
      stderr: 'geopol_dora@example.com is not an account of geoip-policyd\n',
    })
    expect(await ask('anna@example.com', 'RU', '192.0.2.1')).toBe('reject')
    expect(await ask('bert@example.com', 'DE', '192.0.2.1')).toBe('reject')
    expect(await ask('carl@example.com', 'RU', '192.0.2.1')).toBe('none')
    // A lock that was lifted is not imported again.
    await store.unblock('bert@example.com', Date.now())
    await store.forget('bert@example.com')
    expect((await run(...args)).stdout).toMatch(/^0 accounts imported/)
    expect(await ask('bert@example.com', 'DE', '192.0.2.1')).toBe('none')
  })

  test('knows who it is in the Redis of the store itself, and tells the password to no other', async () => {
    const [guarded, other] = [await startRedis(), await startRedis()]
    await guarded.call('SET', 'geopol_emil@example.com', LOCKED)
    for (const it of [guarded, other]) {
      await it.call('ACL', 'SETUSER', 'asnzone', 'on', '>geheim', '~*', '&*', '+@all')
      await it.call('ACL', 'SETUSER', 'default', 'off')
    }
    const run = (url: string) =>
      runCli(['policy', 'import', '--redis', url], {
        env: {
          ASNZONE_POLICY_STORE: `redis://127.0.0.1:${guarded.port}`,
          ASNZONE_POLICY_REDIS_USERNAME: 'asnzone',
          ASNZONE_POLICY_REDIS_PASSWORD: 'geheim',
          ASNZONE_DATA_DIR: temporaryFolder(),
        },
      })
    try {
      expect((await run(`redis://127.0.0.1:${guarded.port}/0`)).stdout).toMatch(/^1 account imported/)
      expect((await run(`redis://asnzone:wrong@127.0.0.1:${guarded.port}/0`)).stderr).toContain(
        "the server doesn't accept the user and password",
      )
      // It would let us in with that password.
      expect((await run(`redis://127.0.0.1:${other.port}/0`)).stderr).toContain('NOAUTH')
    } finally {
      await Promise.all([guarded.stop(), other.stop()])
    }
  })

  test('takes the accounts and records of a single host', async () => {
    const file = join(temporaryFolder(), 'policy.sqlite')
    const single = SqliteStore.open(file)
    const now = Date.now()
    const rules = rulesWith({ block: { duration: PERMANENT, scope: 'account' } })
    for (let i = 0; i < 250; i++) {
      const client = clientIn('US', '192.0.2.1')
      await single.decide({ user: `user${i}`, client, rules, now, source: 'test' })
    }
    for (const country of ['FR', 'RU']) {
      const client = clientIn(country, '192.0.2.2')
      await single.decide({ user: 'user7', client, rules, now, source: 'test' })
    }
    await single.setRecords(['{"sender":"user9"}'])
    const reports = await single.list({ blocked: false, text: '', after: '', limit: 1000 }, now)
    await single.close()
    expect((await run('--sqlite', file)).stdout).toMatch(/^250 accounts imported, 0 /)
    for (const report of reports) expect(await store.report(report.user)).toEqual(report)
    expect(await ask('user7', 'US', '192.0.2.1')).toBe('reject')
    expect(await store.records()).toEqual(['{"sender":"user9"}'])
    expect((await store.counts(now)).blocked).toBe(1)
    expect((await run('--sqlite', file)).stdout).toMatch(/^0 accounts imported, 250 /)
  })

  test.each([
    ['neither of the two', [], 'name one of --redis, --sqlite and --env'],
    ['no URL', ['--redis', 'localhost'], '--redis: redis://HOST:PORT/DATABASE'],
    [
      'a file that is not there',
      ['--sqlite', '/nowhere/policy.sqlite'],
      '/nowhere/policy.sqlite: there is no such file',
    ],
    [
      'a server that is not there',
      ['--redis', 'redis://127.0.0.1:1'],
      'redis://127.0.0.1:1: connect ECONNREFUSED',
    ],
  ])('refuses %s', async (_, args, reason) => {
    const { code, stderr } = await run(...args)
    expect(code).toBe(1)
    expect(stderr).toContain(reason)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test.each([
    [
      'of another program',
      'CREATE TABLE day (x); PRAGMA user_version = 3',
      /this database is not a policy\.sqlite/,
    ],
    ['that is empty', '', /this database is not a policy\.sqlite/],
    ['that is none', null, /file is not a database$/],
  ])('refuses a database %s, names it and leaves it', async (_, sql, reason) => {
    const file = join(
      temporaryFolder({ 'other.sqlite': sql === null ? 'x'.repeat(4096) : '' }),
      'other.sqlite',
    )
    if (sql !== null) {
      const database = new Database(file)
      database.exec(sql)
      database.close()
    }
    const before = readFileSync(file)
    const { code, stdout, stderr } = await run('--sqlite', file)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.trim()).toMatch(reason)
    expect(stderr).toMatch(new RegExp(`^asnzone: ${file}: `))
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('needs somewhere to bring them', async () => {
    const file = join(temporaryFolder(), 'policy.sqlite')
    await SqliteStore.open(file).close()
    const { code, stderr } = await runCli(['policy', 'import', '--sqlite', file], {
      env: { ASNZONE_DATA_DIR: temporaryFolder() },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('policy.store is sqlite')
  })
})

describe('a file takes over', () => {
  test('what counts, once', async () => {
    const now = Date.now()
    const text = `{"ForeignIPs":{"192.0.2.9":${nanoseconds()}},"ForeignCountries":{"US":${nanoseconds()}}}`
    const options = { prefixes: { ipv4: 32, ipv6: 64 }, window: 3_600_000, now }
    const single = SqliteStore.open(join(temporaryFolder(), 'policy.sqlite'))
    const report = readGeoipPolicyd('u', text, options)
    if (report === null) throw new Error('it is an account')
    expect(await single.adopt(report, 30_000, now)).toBe(false)
    expect(await single.report('u')).toBeNull()
    expect(await single.adopt(report, options.window, now)).toBe(true)
    expect(await single.adopt(report, options.window, now)).toBe(false)
    expect(await single.report('u')).toEqual(report)
    const locked = readGeoipPolicyd('v', LOCKED, options)
    expect(locked !== null && (await single.adopt(locked, options.window, now))).toBe(true)
    expect((await single.counts(now)).blocked).toBe(1)
    await single.close()
  })
})
