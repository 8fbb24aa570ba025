// A Redis that hangs, with the settings as they are by default: what programs that ask over HTTP are told.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'

const DE = '193.99.144.80'

describe.skipIf(isRedisMissing)('a store that hangs', () => {
  let redis: RedisServer
  let server: RunningServer
  let url: string
  beforeAll(async () => {
    redis = await startRedis()
    server = await startServer(['--policy-listen', '127.0.0.1:0'], {
      env: { ASNZONE_POLICY_STORE: `redis://127.0.0.1:${redis.port}`, ASNZONE_POLICY_HTTP: '127.0.0.1:0' },
    })
    url = server.log.flatMap(({ msg }) => /REST interface on (http:\S+)$/.exec(msg)?.[1] ?? [])[0]
  })
  afterAll(async () => {
    redis.process.kill('SIGCONT')
    await server.stop()
    await redis.stop()
  })

  const send = async (path: string, body: unknown): Promise<[number, unknown]> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return [response.status, await response.json()]
  }

  test('is no error to Dovecot and nauthilus: on-error says what they are answered', async () => {
    const login = { login: 'u', remote: DE }
    expect(await send('dovecotpolicy?command=allow', login)).toEqual([200, { status: 0, msg: 'ok' }])
    redis.process.kill('SIGSTOP')
    const away = [200, { status: 0, msg: 'the store of the policy service is not available' }]
    expect(await send('dovecotpolicy?command=allow', login)).toEqual(away)
    expect(await send('dovecotpolicy?command=report', { ...login, success: true })).toEqual(away)
    const query = { key: 'client', value: { sender: 'u', address: DE } }
    expect(await send('query', query)).toMatchObject([
      202,
      { object: null, error: 'the store is not available', result: true },
    ])
    expect(server.log.filter(({ msg, level }) => level >= 50 && !msg.includes('the store in Redis'))).toEqual(
      [],
    )
  })
})
