// A command that nobody waits for any more, with the real client: what has not been sent yet is never sent.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type RedisConnection } from '../../../src/policy-server/redis/connection.ts'
import { Withdrawal } from '../../../src/policy-server/redis/withdrawal.ts'
import { isRedisMissing, type RedisServer, redisSettings, startRedis } from '../../support/redis-servers.ts'

/** More than a socket takes from us while nobody reads at its other end. */
const MUCH = 'x'.repeat(16 * 1024 * 1024)

describe.skipIf(isRedisMissing)('a server that reads nothing for a while', () => {
  let server: RedisServer
  let connection: RedisConnection
  beforeAll(async () => {
    server = await startRedis()
    connection = connect(redisSettings({ url: `redis://127.0.0.1:${server.port}` }), () => {})
    await connection.connected
  })
  afterAll(async () => {
    server.process.kill('SIGCONT')
    connection.destroy()
    await server.stop()
  })

  test('gets no command that was withdrawn meanwhile, and those that were not', async () => {
    const [kept, withdrawn] = [new Withdrawal(), new Withdrawal()]
    server.process.kill('SIGSTOP')
    const large = connection.send(null, ['EVAL', 'return #ARGV[1]', '0', MUCH], kept)
    const first = connection.send('first', ['SET', 'first', '1'], withdrawn).catch((error: Error) => error)
    const second = connection.send('second', ['SET', 'second', '2'], kept)
    // The large one is written at the end of this turn, and the others wait for room.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    withdrawn.abort()
    expect(await first).toBeInstanceOf(Error)
    server.process.kill('SIGCONT')
    expect(await large).toBe(MUCH.length)
    expect(await second).toBe('OK')
    expect(await connection.send(null, ['MGET', 'first', 'second'], kept)).toEqual([null, '2'])
  })

  test('is not asked at all when a command was withdrawn before', async () => {
    const withdrawn = new Withdrawal()
    withdrawn.abort()
    await expect(connection.send('third', ['SET', 'third', '3'], withdrawn)).rejects.toThrow()
  })
})
