// The store in Redis against a real server: what it keeps, and what happens when the server isn't what it should be.

import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PERMANENT } from '../../../src/policy/state.ts'
import { RedisStore, type StoreHooks } from '../../../src/policy-server/redis/redis-store.ts'
import type { RedisSettings } from '../../../src/policy-server/redis/settings.ts'
import { clientIn, NOON } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import { certificates } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { policyStoreTests, storeAsker } from '../../support/policy-store.suite.ts'
import { isRedisMissing, type RedisServer, redisSettings, startRedis } from '../../support/redis-servers.ts'
import { until } from '../../support/until.ts'

const HOUR = 3_600_000
const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3']

let server: RedisServer
let store: RedisStore
let warnings: string[] = []
const stores: RedisStore[] = []

async function open(
  of: Partial<RedisSettings> = {},
  clock: StoreHooks['clock'] = 'request',
): Promise<RedisStore> {
  const settings = redisSettings({ url: `redis://127.0.0.1:${server.port}`, ...of })
  const opened = await RedisStore.open(settings, { onWarning: (message) => warnings.push(message), clock })
  stores.push(opened)
  return opened
}

const { ask, block } = storeAsker(() => store)

describe.skipIf(isRedisMissing)('a store in Redis', () => {
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

  policyStoreTests({
    current: () => store,
    another: () => open(),
    reopen: async () => {
      await store.close()
      store = await open()
    },
  })

  test('keeps a block for ever that has no end', async () => {
    await block('u', NOON, rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
    expect(await server.call('TTL', 'asnzone:policy:{u}')).toBe(-1)
  })

  test('lets accounts end by themselves', async () => {
    await ask('u', 'DE', A)
    const rest = Number(await server.call('PTTL', 'asnzone:policy:{u}'))
    expect(rest).toBeGreaterThan(HOUR - 60_000)
    expect(rest).toBeLessThanOrEqual(HOUR)
    await block('v', NOON, rulesWith({ block: { duration: 5 * HOUR, scope: 'account' } }))
    expect(Number(await server.call('PTTL', 'asnzone:policy:{v}'))).toBeGreaterThan(4 * HOUR)
  })

  test('goes by the clock of the server', async () => {
    const ours = await open({}, 'server')
    await storeAsker(() => ours).ask('u', 'DE', A, 1)
    const report = await ours.report('u')
    const [seconds] = (await server.call('TIME')) as string[]
    expect(Math.abs((report?.last ?? 0) - Number(seconds) * 1000)).toBeLessThan(60_000)
  })

  test('lets an exempt client pass whether the server is there or not, and keeps nothing', async () => {
    const exempt = { countries: new Set(['DE']), networks: [], asns: new Set<number>() }
    expect(await ask('u', 'DE', A, NOON, rulesWith({ exempt }))).toBe('none')
    expect(await store.report('u')).toBeNull()
  })

  test('lets an account end by itself when it is unblocked', async () => {
    await block('u', NOON, rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
    expect(await store.unblock('u', NOON)).toBe(1)
    expect(Number(await server.call('PTTL', 'asnzone:policy:{u}'))).toBeGreaterThan(0)
  })

  test('unblocks all, those as well that the list lacks', async () => {
    await block('u')
    await block('v')
    await until(async () => (await store.counts(NOON)).blocked === 2)
    await server.call('ZREM', 'asnzone:policy:blocked', 'v')
    expect(await store.unblock(null, NOON)).toBe(2)
    expect((await store.counts(NOON)).blocked).toBe(0)
    expect(await ask('v', 'DE', A)).toBe('none')
  })

  test('keeps nothing of an account that is forgotten', async () => {
    await block('u')
    await until(async () => (await store.events({ user: 'u', limit: 1 })).length === 1)
    expect(await store.forget('u')).toEqual({ isFound: true, left: [] })
    expect(await server.call('KEYS', '*')).toEqual(['asnzone:policy:events'])
  })

  test('has the host of an event', async () => {
    await block('u')
    await store.close()
    store = await open()
    expect(await store.events({ user: 'u', limit: 10 })).toMatchObject([
      { id: expect.stringMatching(/^\d+-\d+$/), host: hostname() },
    ])
  })

  test('has a history of all hosts, a page at a time', async () => {
    const other = await open()
    for (let i = 0; i < 6; i++) {
      const by = i % 2 === 0 ? store : other
      const user = i < 2 ? 'u' : `v${i}`
      const rules = rulesWith({
        limits: { countries: 0, ips: 3, asns: null },
        block: { duration: 0, scope: 'account' },
      })
      await by.decide({ user, client: clientIn('DE', A), rules, now: NOON + i, source: 'test' })
      await until(async () => (await store.events({ limit: 10 })).length === i + 1)
    }
    const first = await store.events({ limit: 4 })
    expect(first.map(({ user }) => user)).toEqual(['v5', 'v4', 'v3', 'v2'])
    const rest = await store.events({ before: first[3].id, limit: 4 })
    expect(rest.map(({ user, time }) => [user, time])).toEqual([
      ['u', NOON + 1],
      ['u', NOON],
    ])
    expect(await other.events({ user: 'u', before: rest[0].id, limit: 4 })).toEqual([rest[1]])
    expect(await other.events({ since: NOON + 3, limit: 10 })).toHaveLength(2)
    expect(new Set(first.map(({ host }) => host))).toEqual(new Set([hostname()]))
    await other.close()
  })

  test('is told of once by all hosts, again when it is something else, and after a while', async () => {
    const other = await open()
    const claim = (by: RedisStore, token: string, milliseconds = HOUR) =>
      by.claim({ user: 'u', token, milliseconds })
    const both = await Promise.all([claim(store, '1'), claim(other, '1')])
    expect(both.sort()).toEqual([false, true])
    expect([await claim(other, '2'), await claim(store, '2'), await claim(store, '')]).toEqual([
      true,
      false,
      false,
    ])
    expect(await store.forget('u')).toEqual({ isFound: true, left: [] })
    expect(await claim(other, '2', 1)).toBe(true)
    await until(() => claim(store, '2', 1))
    await other.close()
  })

  test('goes on when the server has forgotten its scripts', async () => {
    await ask('u', 'DE', A)
    await server.call('SCRIPT', 'FLUSH')
    expect(await ask('u', 'US', B)).toBe('none')
    expect(await ask('u', 'RU', C)).toBe('reject')
  })

  test('passes over what is not its own, with one warning that names the key', async () => {
    await server.call('SET', 'asnzone:policy:{u}', '{"ForeignIPs":{}}')
    await server.call('SET', 'asnzone:policy:records', 'nonsense')
    await ask('v', 'DE', A)
    const entry = `${NOON},${NOON},0,0`
    const foreign = [
      'i:192.0.2.2',
      'nonsense',
      'colour',
      'red',
      'c:\u001b[2J',
      entry,
      'c:us',
      entry,
      'a:x',
      entry,
    ]
    await server.call(
      'HSET',
      'asnzone:policy:{v}',
      ...foreign,
      'i:192.0.2.9\n',
      entry,
      'i:',
      entry,
      'c:',
      entry,
    )
    for (let i = 0; i < 3; i++) {
      expect(await ask('u', 'DE', A)).toBe('none')
      expect(await ask('v', 'DE', A)).toBe('none')
    }
    expect(await store.report('u')).toBeNull()
    expect(await store.records()).toBeNull()
    expect(await store.forget('u')).toEqual({ isFound: false, left: ['asnzone:policy:{u}'] })
    expect(await store.unblock('u', NOON)).toBe(0)
    expect(await server.call('GET', 'asnzone:policy:{u}')).toBe('{"ForeignIPs":{}}')
    const { entries } = (await store.report('v'))!.state
    expect(entries.map((of) => [...of.keys()])).toEqual([[A], ['DE'], []])
    const { counts } = await store.look({
      user: 'v',
      client: clientIn('DE', A),
      rules: rulesWith({}),
      now: NOON,
    })
    expect([counts.ips, counts.countries, counts.asns]).toEqual([1, 1, 0])
    expect(warnings.sort()).toEqual(
      ['records', '{u}', '{v}'].map(
        (key) =>
          `redis://127.0.0.1:${server.port}: what is at asnzone:policy:${key} is not asnzone's and is passed over; remove it, or choose another redis.prefix`,
      ),
    )
  })

  const TYPES: readonly (readonly [string, (key: string) => readonly string[]])[] = [
    ['string', (key) => ['SET', key, 'foreign']],
    ['list', (key) => ['RPUSH', key, 'foreign']],
    [
      'hash',
      (key) => ['HSET', key, 'foreign', '1', 'i:192.0.2.1', `${NOON},${NOON},0,0`, 'b', `${NOON},-1,`],
    ],
    ['set', (key) => ['SADD', key, 'foreign']],
    ['sorted set', (key) => ['ZADD', key, '1', 'foreign']],
    ['stream', (key) => ['XADD', key, '*', 'foreign', '1']],
  ]
  const KEYS = ['{u}', 'blocked', 'events', 'records', 'imported', 'told:{u}', 'digest', 'geopol_u'] as const
  /** What is ours there, or can't be told from it: what is in a sorted set or a stream is looked at one by one. */
  const ALIKE = ['blocked sorted set', 'events stream', 'imported set', 'told:{u} string', 'digest string']
  const FOREIGN = KEYS.flatMap((name) =>
    TYPES.filter(([type]) => !ALIKE.includes(`${name} ${type}`)).map(
      ([type, make]) => [name, type, make] as const,
    ),
  )

  test.each(FOREIGN)(
    'goes on when %s is a %s that is not its own, names it once and leaves it',
    async (name, _, make) => {
      const key = name.startsWith('geopol_') ? name : `asnzone:policy:${name}`
      const isOfAccount = name === '{u}'
      await server.call(...make(key))
      const before = await server.call('DUMP', key)
      store = await open({ importPrefix: 'geopol_' })
      const lock = JSON.stringify({ ForeignIPs: {}, ForeignCountries: {}, Locked: true })
      await server.call('SET', 'geopol_locked', lock)
      for (const user of ['u', 'v']) expect(await ask(user, 'DE', A)).toBe('none')
      expect(await ask('locked', 'DE', A)).toBe('reject')
      await block('v')
      await until(async () => name === 'events' || (await store.events({ limit: 10 })).length > 0)
      const all = { blocked: false, text: '', after: '', limit: 10 }
      const names = (await store.list(all, NOON)).map(({ user }) => user)
      expect(names).toEqual(isOfAccount ? ['locked', 'v'] : ['locked', 'u', 'v'])
      expect((await store.list({ ...all, blocked: true }, NOON)).map(({ user }) => user)).toEqual([
        'locked',
        'v',
      ])
      expect((await store.report('u')) === null).toBe(isOfAccount)
      await store.events({ user: 'u', limit: 10 })
      expect((await store.counts(NOON)).blocked).toBe(name === 'blocked' ? null : 2)
      expect(await store.records()).toBeNull()
      const setting = store.setRecords(['{"sender":"b"}']).then(() => store.setRecords(null))
      if (name === 'records') await expect(setting).rejects.toThrow('asnzone:policy:records is not asnzone')
      else await setting
      for (const user of ['u', null]) {
        expect(await store.claim({ user, token: '1', milliseconds: HOUR })).toBe(true)
      }
      await store.expire({ entries: 0, events: 0, now: NOON })
      await store.prove()
      expect(await store.unblock('u', NOON)).toBe(0)
      const isLookedAt = ['{u}', 'blocked', 'events', 'told:{u}'].includes(name)
      expect(await store.forget('u')).toEqual({ isFound: true, left: isLookedAt ? [key] : [] })
      expect(await store.unblock(null, NOON)).toBe(2)
      expect(await server.call('DUMP', key)).toEqual(before)
      expect(warnings).toEqual([
        expect.stringContaining(`what is at ${key} is not asnzone's and is passed over`),
      ])
    },
  )

  test('has no time for a hash that is far too long, and says so', async () => {
    const fields = Array.from({ length: 1001 }, (_, i) => [`i:192.0.2.${i}`, `${NOON},${NOON},0,0`]).flat()
    await server.call('HSET', 'asnzone:policy:{u}', 's', `${NOON},${NOON},1,0,${HOUR}`, ...fields)
    expect(await ask('u', 'DE', A)).toBe('none')
    expect([await store.report('u'), await store.unblock('u', NOON)]).toEqual([null, 0])
    expect(await store.forget('u')).toEqual({ isFound: false, left: ['asnzone:policy:{u}'] })
    expect(warnings).toEqual([expect.stringContaining('asnzone:policy:{u} is not asnzone')])
    expect(await server.call('HLEN', 'asnzone:policy:{u}')).toBe(1002)
  })

  test('warns once when a list takes nothing more, and decides all the same', async () => {
    const last = '18446744073709551615'
    await server.call('XADD', 'asnzone:policy:events', `${last}-${last}`, 'foreign', '1')
    for (const user of ['u', 'v']) await block(user)
    expect(await store.events({ limit: 10 })).toEqual([])
    await store.close()
    expect(warnings).toEqual([expect.stringContaining("asnzone:policy:events can't be written: ")])
  })

  test('keeps to a database of its own', async () => {
    const other = await open({ database: 3 })
    await storeAsker(() => other).ask('u', 'DE', A)
    expect(await store.report('u')).toBeNull()
    expect(await other.report('u')).not.toBeNull()
  })
})

describe.skipIf(isRedisMissing)('a server', () => {
  const servers: RedisServer[] = []
  const start = async (options: readonly string[] = [], port?: number): Promise<RedisServer> => {
    server = await startRedis(options, port)
    servers.push(server)
    return server
  }

  beforeEach(() => {
    warnings = []
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((it) => it.close()))
    await Promise.all(servers.splice(0).map((it) => it.stop()))
  })

  test('that is away fails requests in time, and they succeed when it is back', async () => {
    const port = await freePort()
    server = { port } as RedisServer
    const timeout = 500
    store = await open({ timeout })
    await expect(ask('u', 'DE', A)).rejects.toThrow(`redis://127.0.0.1:${port}: connect ECONNREFUSED`)
    await start([], port)
    await until(async () => (await ask('u', 'DE', A)) === 'none')
    server.process.kill('SIGSTOP')
    await expect(ask('u', 'US', B)).rejects.toThrow('no answer within 500 ms')
    server.process.kill('SIGCONT')
    await until(async () => (await ask('u', 'US', B)) === 'none')
    await server.stop()
    await expect(ask('u', 'RU', C)).rejects.toThrow(/ECONNREFUSED|closed|ECONNRESET/)
  })

  test('that hangs makes nothing pile up', async () => {
    await start()
    store = await open({ timeout: 300 })
    server.process.kill('SIGSTOP')
    const asked = await Promise.allSettled(Array.from({ length: 5000 }, (_, i) => ask(`u${i}`, 'DE', A)))
    const reasons = asked.map((it) => (it.status === 'rejected' ? String(it.reason) : 'answered'))
    expect(reasons.filter((reason) => reason.includes('wait for an answer already'))).toHaveLength(3000)
    expect(reasons.filter((reason) => reason.includes('no answer within'))).toHaveLength(2000)
    server.process.kill('SIGCONT')
    await until(async () => (await ask('v', 'DE', A)) === 'none')
  })

  test('that does not accept the password is named at the start, the password is not', async () => {
    await start(['--requirepass', 'right'])
    for (const password of ['', 'wrong-one']) {
      const error = await open({ password }).catch((it: Error) => it)
      expect(error).toMatchObject({ code: 'ASNZONE_STORE' })
      expect((error as Error).message).toContain(`redis://127.0.0.1:${server.port}`)
      expect((error as Error).message).toMatch(/user and password/)
      expect((error as Error).message).not.toContain('wrong-one')
    }
    store = await open({ url: `redis://:right@127.0.0.1:${server.port}` })
    expect(await ask('u', 'DE', A)).toBe('none')
    const other = await open({ password: 'right' })
    expect(await storeAsker(() => other).ask('v', 'DE', A)).toBe('none')
  })

  test('needs to give the user of docs/policy-fleet.md no more rights than stand there', async () => {
    await start()
    const [acl] = /^user asnzone .*$/m.exec(readFileSync('docs/policy-fleet.md', 'utf8')) ?? []
    await server.call('ACL', 'SETUSER', ...String(acl).replace('>SECRET', '>pw').split(' ').slice(1))
    store = await open({ username: 'asnzone', password: 'pw', importPrefix: 'geopol_' })
    await block('u')
    await until(async () => (await store.counts(NOON)).blocked === 1)
    expect(await store.list({ blocked: true, text: '', after: '', limit: 10 }, NOON)).toHaveLength(1)
    await until(async () => (await store.events({ user: 'u', limit: 1 })).length === 1)
    await store.setRecords([])
    expect(await store.records()).toEqual([])
    expect(await store.unblock(null, NOON)).toBe(1)
    expect(await store.forget('u')).toEqual({ isFound: true, left: [] })
    await store.setRecords(null)
    await store.expire({ entries: 0, events: Date.now() + HOUR, now: NOON })
    expect(warnings).toEqual([])
  })

  test('that does not let the user run scripts is refused with the reason', async () => {
    await start()
    await server.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+@all', '-@scripting')
    await expect(open({ username: 'reader', password: 'pw' })).rejects.toThrow(
      /may not do what the store needs \(NOPERM/,
    )
  })

  test('that is a replica is refused', async () => {
    const primary = await start()
    const replica = await start(['--replicaof', '127.0.0.1', String(primary.port)])
    await until(async () =>
      String(await replica.call('INFO', 'replication')).includes('master_link_status:up'),
    )
    await expect(open()).rejects.toThrow(/this is a replica; name its primary/)
  })

  test('that is older than version 6 is refused with its version', async () => {
    const old = await serverThatSays('5.0.14')
    server = { port: old.port } as RedisServer
    await expect(open()).rejects.toThrow(/this is Redis 5\.0\.14, and asnzone needs 6 or newer, or Valkey/)
    old.stop()
  })

  test('is reached over a unix socket', async () => {
    const path = join(temporaryFolder(), 'redis.sock')
    await start(['--unixsocket', path])
    store = await open({ url: `unix:${path}` })
    expect(await ask('u', 'DE', A)).toBe('none')
  })

  test('is reached over TLS, and must show a certificate of the CA', async () => {
    const { ca, cert, key, folder } = certificates()
    const port = await freePort()
    const tls = ['cert', 'key', 'ca-cert'].flatMap((name) => [
      `--tls-${name}-file`,
      join(folder, `${name}.pem`),
    ])
    await start([...tls, '--tls-port', String(port)])
    const url = `rediss://localhost:${port}`
    const own = { ca, cert, key }
    store = await open({ url, tls: own })
    expect(await ask('u', 'DE', A)).toBe('none')
    const stranger = await open({ url, tls: { ...own, ca: null }, timeout: 500 })
    await expect(storeAsker(() => stranger).ask('u', 'DE', A)).rejects.toThrow(/certificate/)
  })
})

/** A server of which nothing is known but its version. */
async function serverThatSays(version: string): Promise<{ readonly port: number; stop(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const about = `# Server\r\nredis_version:${version}\r\n`
      socket.write(String(data).includes('INFO') ? `$${about.length}\r\n${about}\r\n` : '+PONG\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
