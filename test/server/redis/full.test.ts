// A Redis that can be read and not written: it is full, or has become a replica.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compiledData } from '../../support/compiled-data.ts'
import { freePort } from '../../support/free-port.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { type LogLine, type RunningServer, runCli, startServer } from '../../support/programs.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'
import { until } from '../../support/until.ts'

const [DE, US, RU, CN] = ['193.99.144.80', '8.8.8.8', '77.88.8.8', '114.114.114.114']
const DUNNO = 'DUNNO'
const REJECT = 'REJECT Policy violation. Please contact your support'

let redis: RedisServer
let server: RunningServer
let port: number
let url: string
let directory: string

describe.skipIf(isRedisMissing)('a Redis that can be read and not written', () => {
  beforeAll(async () => {
    redis = await startRedis()
    port = await freePort()
    directory = compiledData()
    server = await startServer(
      ['--data-dir', directory, '--policy-listen', `127.0.0.1:${port}`, '--http', '127.0.0.1:0'],
      {
        env: {
          ASNZONE_POLICY_STORE: `redis://127.0.0.1:${redis.port}`,
          ASNZONE_POLICY_LIMITS_COUNTRIES: '2',
          ASNZONE_MAX_AGE: '9000d',
          ASNZONE_POLICY_TIMEOUT: '10s',
        },
      },
    )
    url = server.log.flatMap(({ msg }) => /(http:\/\/\S+)$/.exec(msg)?.[1] ?? [])[0]
  })
  afterAll(async () => {
    await server.stop()
    await redis.stop()
  })
  afterEach(async () => {
    await redis.call('CONFIG', 'SET', 'maxmemory', '0')
    await redis.call('REPLICAOF', 'NO', 'ONE')
  })

  const aboutStore = (from: number): readonly LogLine[] =>
    server.log.slice(from).filter(({ msg }) => msg.includes('the store in Redis'))

  const status = async (path: string): Promise<number> => {
    const response = await fetch(`${url}${path}`)
    await response.arrayBuffer()
    return response.status
  }

  const answers = async (user: string, addresses: readonly string[]): Promise<string[]> => {
    const client = await PolicyClient.connect({ host: '127.0.0.1', port })
    const given: string[] = []
    for (const address of addresses) {
      given.push(await client.ask({ sasl_username: user, client_address: address }))
    }
    client.destroy()
    return given
  }

  test.each([
    ['full', /OOM command not allowed/, (it: RedisServer) => it.call('CONFIG', 'SET', 'maxmemory', '1')],
    ['a replica', /READONLY/, (it: RedisServer) => it.call('REPLICAOF', '127.0.0.1', '1')],
  ])(
    'is away until something can be stored when it is %s, and the log says so twice',
    async (how, why, spoil) => {
      const known = `known ${how}@example.org`
      const blocked = `blocked ${how}@example.org`
      expect(await answers(known, [DE])).toEqual([DUNNO])
      expect(await answers(blocked, [DE, US, RU])).toEqual([DUNNO, DUNNO, REJECT])
      const from = server.log.length
      await spoil(redis)
      expect(await answers(`new ${how}@example.org`, [DE])).toEqual([DUNNO])
      // Many reads that pass, and decisions that need no write, while others need one.
      for (let i = 0; i < 60; i++) {
        const [ready, ofMetrics, ofUsers] = await Promise.all([
          status('readyz'),
          status('metrics'),
          status('api/policy/users'),
          answers(known, [DE]),
          answers(`new ${how} ${i}@example.org`, [DE]),
        ])
        expect([ready, ofMetrics, ofUsers]).toEqual([503, 200, 200])
      }
      // A block holds although nothing can be noted of whom it holds back.
      expect(await answers(blocked, [DE, CN])).toEqual([REJECT, REJECT])
      expect(aboutStore(from).map(({ msg }) => msg)).toEqual([expect.stringMatching(why)])
      await redis.call('CONFIG', 'SET', 'maxmemory', '0')
      await redis.call('REPLICAOF', 'NO', 'ONE')
      // Nobody asks for anything but whether it is ready.
      await until(async () => (await status('readyz')) === 200 && aboutStore(from).length === 2)
      expect(aboutStore(from).map(({ msg, failures }) => [msg, failures])).toEqual([
        [expect.stringMatching(/until it is back, requests that it does not judge pass$/), undefined],
        // More on a machine that is so slow that reads fail, too.
        ['policy: the store in Redis is back', expect.toSatisfy((failures) => failures >= 61)],
      ])
      expect(await answers(`new ${how} 1@example.org`, [DE, US, RU])).toEqual([DUNNO, DUNNO, REJECT])
    },
  )

  test('is not away when its lists hold what is not ours: requests are judged, and what is asked is answered', async () => {
    const user = 'foreign@example.org'
    const keys = ['asnzone:policy:blocked', 'asnzone:policy:events']
    for (const key of keys) await redis.call('SET', key, 'foreign')
    const from = server.log.length
    expect(await answers(user, [DE, US, RU])).toEqual([DUNNO, DUNNO, REJECT])
    for (let i = 0; i < 5; i++) {
      for (const path of ['readyz', 'metrics', 'api/policy/events', 'api/policy/users?state=blocked']) {
        expect([path, await status(path)]).toEqual([path, 200])
      }
    }
    const command = (...args: readonly string[]) => runCli(['policy', ...args, '--data-dir', directory])
    expect(await command('history')).toMatchObject({ code: 0 })
    expect((await command('list', '--blocked')).stdout).toContain(user)
    expect((await command('show', user)).code).toBe(0)
    expect(await command('forget', user)).toMatchObject({
      code: 1,
      stdout: `${user} is forgotten\n`,
      stderr: expect.stringContaining(`what is at ${keys.join(', ')} is not asnzone's, and stays`),
    })
    expect(await command('show', user)).toMatchObject({
      code: 1,
      stderr: `asnzone: nothing is known of ${user}\n`,
    })
    expect(aboutStore(from)).toEqual([])
    const warned = server.log.slice(from).filter(({ msg }) => msg.includes("is not asnzone's"))
    expect(warned.map(({ msg }) => /what is at (\S+)/.exec(msg)?.[1]).sort()).toEqual(keys)
    for (const key of keys) await redis.call('DEL', key)
  })
})
