// Two running asnzones that share a Redis.

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { type RunningServer, runCli, startServer } from '../../support/programs.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'
import { until } from '../../support/until.ts'

const DUNNO = 'action=DUNNO\n\n'
const REJECT = 'action=REJECT Policy violation. Please contact your support\n\n'

let redis: RedisServer
const running: RunningServer[] = []

interface Host {
  readonly server: RunningServer
  readonly port: number
}

async function startHost(of: Readonly<Record<string, string>> = {}): Promise<Host> {
  const port = await freePort()
  const env = {
    ASNZONE_POLICY_STORE: `redis://127.0.0.1:${redis.port}`,
    ASNZONE_POLICY_LIMITS_COUNTRIES: '2',
    ASNZONE_POLICY_LIMITS_IPS: '3',
    ASNZONE_POLICY_TIMEOUT: '1s',
    ...of,
  }
  const server = await startServer(['--policy-listen', `127.0.0.1:${port}`], { env })
  running.push(server)
  return { server, port }
}

/** Asks over a connection of its own; '' when it is closed without an answer. */
async function ask({ port }: Host, user: string, address: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
    if (answer.endsWith('\n\n')) socket.end()
  })
  socket.write(`request=smtpd_access_policy\nsasl_username=${user}\nclient_address=${address}\n\n`)
  await once(socket, 'close')
  return answer
}

describe.skipIf(isRedisMissing)('two hosts with one Redis', () => {
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())
  afterEach(async () => {
    await Promise.all(running.splice(0).map((it) => it.stop()))
  })

  test('count together: of forty addresses at a time exactly three pass (F1)', async () => {
    const hosts = [await startHost(), await startHost()]
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => ask(hosts[i % 2], 'u6@example.org', `193.99.144.${i + 80}`)),
    )
    expect(answers.filter((answer) => answer === DUNNO)).toHaveLength(3)
    expect(answers.filter((answer) => answer === REJECT)).toHaveLength(37)
    // A restart unlocks nobody.
    await hosts[0].server.stop()
    expect(await ask(await startHost(), 'u6@example.org', '193.99.144.80')).toBe(REJECT)
  })

  test.each([
    ['dunno', DUNNO],
    ['defer', 'action=DEFER Service temporarily not available\n\n'],
    ['close', ''],
  ])(
    'answer %s by on-error when it hangs or is gone, and count on when it is back',
    async (onError, answer) => {
      const user = `${onError}@example.org`
      const host = await startHost({ ASNZONE_POLICY_ON_ERROR: onError })
      expect(await ask(host, user, '193.99.144.80')).toBe(DUNNO)
      redis.process.kill('SIGSTOP')
      expect(await ask(host, user, '8.8.8.8')).toBe(answer)
      redis.process.kill('SIGCONT')
      await until(async () => (await ask(host, user, '193.99.144.80')) === DUNNO && isBack(host, 1))
      const { port } = redis
      await redis.stop()
      expect(await ask(host, user, '8.8.8.8')).toBe(answer)
      redis = await startRedis([], port)
      await until(async () => (await ask(host, user, '8.8.8.8')) === DUNNO && isBack(host, 2))
      const lines = host.server.log.filter(({ msg }) => msg.includes('the store in Redis'))
      expect(lines.map(({ msg }) => msg.replace(/: (redis|no answer).*;/, ': …;'))).toEqual([
        expect.stringMatching(/^policy: the store in Redis: …; until it is back/),
        'policy: the store in Redis is back',
        expect.stringMatching(/^policy: the store in Redis: …; until it is back/),
        'policy: the store in Redis is back',
      ])
    },
  )

  test('end at the start with one line when the password is wrong', async () => {
    await redis.call('CONFIG', 'SET', 'requirepass', 'right')
    const port = await freePort()
    const { code, stderr } = await runCli(
      ['serve', '--listen', '127.0.0.1:0', '--policy-listen', `127.0.0.1:${port}`],
      { env: { ASNZONE_POLICY_STORE: `redis://:wrong-one@127.0.0.1:${redis.port}` } },
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/redis:\/\/127\.0\.0\.1:\d+: the server doesn't accept the user and password/)
    expect(stderr).not.toContain('wrong-one')
  })
})

/** Whether it was told so often that the store was away, and that it is back: the log comes when it comes. */
function isBack({ server }: Host, times: number): boolean {
  const about = server.log.filter(({ msg }) => msg.includes('the store in Redis'))
  return about.length === 2 * times
}
