// Several servers: a Cluster, and a primary that dies and is replaced by Sentinels.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/policy-server/redis/connection.ts'
import { RedisStore } from '../../../src/policy-server/redis/redis-store.ts'
import type { RedisSettings } from '../../../src/policy-server/redis/settings.ts'
import { Withdrawal } from '../../../src/policy-server/redis/withdrawal.ts'
import { clientIn, NOON } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import {
  isRedisMissing,
  type RedisServer,
  redisSettings,
  startCluster,
  startRedis,
  startSentinel,
} from '../../support/redis-servers.ts'
import { until } from '../../support/until.ts'

const stores: RedisStore[] = []

async function open(of: Partial<RedisSettings>): Promise<RedisStore> {
  const store = await RedisStore.open(redisSettings(of), { onWarning: () => {}, clock: 'request' })
  stores.push(store)
  return store
}

const ask = async (store: RedisStore, user: string, country: string, text: string) =>
  (
    await store.decide({
      user,
      client: clientIn(country, text),
      rules: rulesWith(),
      now: NOON,
      source: 'test',
    })
  ).action

afterEach(async () => {
  await Promise.all(stores.splice(0).map((it) => it.close()))
})

describe.skipIf(isRedisMissing)('a Cluster', () => {
  let servers: readonly RedisServer[] = []
  beforeAll(async () => {
    servers = await startCluster()
  })
  afterAll(async () => {
    await Promise.all(servers.map((it) => it.stop()))
  })

  test('spreads accounts over its servers, and is looked through as one', async () => {
    const of = { url: `redis://127.0.0.1:${servers[0].port}`, cluster: true, importPrefix: 'geopol_' }
    const [one, other] = [await open(of), await open({ ...of, url: `redis://127.0.0.1:${servers[2].port}` })]
    const users = Array.from({ length: 30 }, (_, i) => `user${String(i).padStart(2, '0')}@example.com`)
    for (const user of users) {
      expect(await ask(one, user, 'DE', '192.0.2.1')).toBe('none')
      expect(await ask(other, user, 'US', '192.0.2.2')).toBe('none')
      expect(await ask(one, user, 'RU', '192.0.2.3')).toBe('reject')
      expect(await ask(other, user, 'DE', '192.0.2.1')).toBe('reject')
    }
    const sizes = await Promise.all(servers.map((server) => server.call('DBSIZE')))
    for (const size of sizes) expect(size).toBeGreaterThan(1)
    await until(async () => (await other.counts(NOON)).blocked === users.length)
    expect((await other.counts(NOON)).users).toBe(users.length)
    const query = { text: '', after: users[3], limit: 4 }
    for (const blocked of [true, false]) {
      const page = await one.list({ ...query, blocked }, NOON)
      expect(page.map(({ user }) => user)).toEqual(users.slice(4, 8))
    }
    expect(await other.unblock(null, NOON)).toBe(users.length)
    expect(await ask(one, users[0], 'DE', '192.0.2.1')).toBe('none')
    expect(await one.forget(users[0])).toEqual({ isFound: true, left: [] })
    await until(async () => (await one.events({ user: users[1], limit: 5 })).length === 1)
  })

  test('is full as long as the server is that could store nothing, whatever the others do', async () => {
    const store = await open({ url: `redis://127.0.0.1:${servers[0].port}`, cluster: true })
    await store.prove()
    await servers[1].call('CONFIG', 'SET', 'maxmemory', '1')
    const failed: string[] = []
    for (let i = 0; failed.length === 0; i++) {
      await ask(store, `full${i}@example.com`, 'DE', '192.0.2.1').catch((error) => failed.push(error.message))
    }
    expect(failed).toEqual([expect.stringContaining('OOM')])
    await expect(store.prove()).rejects.toThrow('OOM')
    await servers[1].call('CONFIG', 'SET', 'maxmemory', '0')
    await store.prove()
    for (const server of servers) expect(await server.call('KEYS', '*probe*')).toEqual([])
  })
})

/** Commands of many who ask again and again, by when they were answered: none is to wait for those that came later. */
async function orderOfAnswers(of: Partial<RedisSettings>): Promise<number[]> {
  const connection = connect(redisSettings(of), () => {})
  await connection.connected
  const answered: number[] = []
  let next = 0
  const askAgainAndAgain = async (pause: number): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const number = next++
      await connection.send(null, ['ECHO', String(number)], new Withdrawal())
      answered.push(number)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  await Promise.all(Array.from({ length: 100 }, (_, i) => askAgainAndAgain(i % 17)))
  connection.destroy()
  return answered
}

describe.skipIf(isRedisMissing)('three servers with Sentinels', () => {
  const servers: RedisServer[] = []
  afterAll(async () => {
    await Promise.all(servers.map((it) => it.stop()))
  })

  test('go on counting on the new primary when the old one is gone', async () => {
    const primary = await startRedis()
    servers.push(primary)
    const replicaOf = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0']
    for (let i = 0; i < 2; i++) servers.push(await startRedis(replicaOf))
    const [, ...replicas] = servers
    for (const replica of replicas) {
      await until(async () => String(await replica.call('INFO', 'replication')).includes('link_status:up'))
    }
    const sentinels = await Promise.all([0, 1, 2].map(() => startSentinel(primary.port)))
    servers.push(...sentinels)
    for (const sentinel of sentinels) {
      await until(async () => {
        const state = (await sentinel.call('SENTINEL', 'MASTER', 'accounts')) as string[]
        const of = (name: string): string => state[state.indexOf(name) + 1]
        return of('num-other-sentinels') === '2' && of('num-slaves') === '2'
      })
    }
    const timeout = 1000
    const bySentinels = {
      url: 'redis://sentinel.invalid',
      sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      master: 'accounts',
      timeout,
    }
    expect(await orderOfAnswers(bySentinels)).toEqual(Array.from({ length: 4000 }, (_, i) => i))
    const store = await open(bySentinels)
    expect(await ask(store, 'u', 'DE', '192.0.2.1')).toBe('none')
    expect(await ask(store, 'u', 'US', '192.0.2.2')).toBe('none')
    expect(await primary.call('WAIT', '2', '5000')).toBe(2)

    // It hangs first, which is worse than to be gone: nothing says so.
    primary.process.kill('SIGSTOP')
    let failed = 0
    let longest = 0
    await until(async () => {
      const began = performance.now()
      try {
        // What is counted already: it can be asked any number of times.
        return (await ask(store, 'u', 'DE', '192.0.2.1')) === 'none'
      } catch (error) {
        failed++
        throw error
      } finally {
        longest = Math.max(longest, performance.now() - began)
      }
    }, 40)
    expect(failed).toBeGreaterThan(0)
    // That each is answered by its time is the store's own doing; how late a loaded machine lets it is not.
    expect(longest).toBeLessThan(timeout * 5)

    const report = await store.report('u')
    expect(report?.requests).toBe(2)
    expect([...(report?.state.entries[1].keys() ?? [])].sort()).toEqual(['DE', 'US'])
    expect(await ask(store, 'u', 'RU', '192.0.2.3')).toBe('reject')

    // The old one comes back as a replica, and decides nothing.
    primary.process.kill('SIGCONT')
    await until(async () => String(await primary.call('INFO', 'replication')).includes('role:slave'), 40)
    await until(async () => String(await primary.call('INFO', 'replication')).includes('link_status:up'), 40)
    expect(await ask(store, 'u', 'DE', '192.0.2.1')).toBe('reject')
  }, 120_000)
})
