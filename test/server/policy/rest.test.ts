// geoip-policyd's REST interface of the built server: the curl lines of its README, TLS, reloads, and what may not be.

import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/folders.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'

const run = promisify(execFile)

/** A server with the interface, in a folder of its own. */
class Place {
  readonly folder = temporaryFolder()
  readonly socket = join(this.folder, 'policy.sock')
  server: RunningServer | null = null

  configure(policy: string): void {
    const text = `policy:\n  listen: ["unix:${this.socket}"]\n  http: 127.0.0.1:0\n  limits: { countries: 2, ips: 3 }\n`
    writeFileSync(join(this.folder, 'asnzone.yaml'), `${text}${policy}`)
  }

  async start(): Promise<void> {
    this.server = await startServer(['--listen', '127.0.0.1:0'], {
      cwd: this.folder,
      env: { ASNZONE_DATA_DIR: join(this.folder, 'data') },
    })
  }

  /** Where the server says that it serves the interface. */
  get url(): string {
    const found = this.server?.log.flatMap(
      ({ msg }) => /^geoip-policyd's REST interface on (https?:\/\/\S+)\/$/.exec(msg)?.[1] ?? [],
    )
    return found?.[0] ?? ''
  }

  /** What curl prints, the code behind it on a line of its own. */
  async curl(...args: string[]): Promise<{ code: number; body: string }> {
    const { stdout } = await run('curl', [
      '--silent',
      '--show-error',
      '--write-out',
      '\n%{http_code}',
      ...args,
    ])
    const at = stdout.lastIndexOf('\n')
    return { code: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) }
  }

  async ask(user: string, address: string): Promise<string> {
    const client = connect(this.socket)
    client.write(`request=smtpd_access_policy\nsasl_username=${user}\nclient_address=${address}\n\n`)
    const [answer] = await once(client, 'data')
    client.destroy()
    return String(answer).trim()
  }
}

const JSON_TYPE = ['--header', 'Content-Type: application/json']

const STORES = ['SQLite', ...(isRedisMissing ? [] : ['Redis'])]

test.skipIf(isRedisMissing)('there is a Redis to be tried', () => expect(STORES).toContain('Redis'))

describe.each(STORES)('the lines of geoip-policyd’s README, with accounts in %s', (kind) => {
  const place = new Place()
  let redis: RedisServer | null = null
  beforeAll(async () => {
    writeFileSync(join(place.folder, 'users.json'), '{"data":[{"sender":"file@example.com","ips":7}]}')
    redis = kind === 'Redis' ? await startRedis() : null
    const store = redis === null ? '' : `  store: redis://127.0.0.1:${redis.port}\n`
    place.configure(`  users: ${place.folder}/users.json\n${store}`)
    await place.start()
  })
  afterAll(async () => {
    await place.server?.stop()
    await redis?.stop()
  })

  test('the accounts are there', async () => {
    await place.ask('somebody@example.com', '193.99.144.80')
    const keys = ((await redis?.call('KEYS', '*')) ?? []) as string[]
    expect(keys).toEqual(redis === null ? [] : ['asnzone:policy:{somebody@example.com}'])
    expect(existsSync(join(place.folder, 'data', 'policy.sqlite'))).toBe(redis === null)
  })

  const send = (method: string, path: string, body: unknown) =>
    place.curl('--request', method, ...JSON_TYPE, '--data', JSON.stringify(body), `${place.url}${path}`)

  test('reload', async () => {
    expect(await place.curl(`${place.url}/reload`)).toEqual({ code: 202, body: '' })
  })

  test('custom-settings', async () => {
    const { code, body } = await place.curl(`${place.url}/custom-settings`)
    expect(code).toBe(200)
    expect(JSON.parse(body)).toMatchObject([{ sender: 'file@example.com', ips: 7, trusted_ips: null }])
  })

  test('query counts, and with info=1 it only looks', async () => {
    const query = (address: string, path = '/query') =>
      send('POST', path, { key: 'client', value: { address, sender: 'q@example.com' } })
    for (const path of ['/query?info=1', '/query?info=1', '/query']) {
      const { code, body } = await query('193.99.144.80', path)
      expect(code).toBe(202)
      const { object } = JSON.parse(body) as { object: { total_ips: number; remote_addr: string } }
      expect(object.remote_addr).toMatch(/^127\.0\.0\.1:\d+$/)
      expect(object.total_ips).toBe(path === '/query' ? 1 : 0)
    }
    await query('8.8.8.8')
    const { body } = await query('77.88.8.8')
    expect(JSON.parse(body)).toMatchObject({
      result: false,
      error: null,
      object: {
        policy_reject: true,
        current_country_code: 'RU',
        foreign_countries_seen: ['DE', 'US'],
        home_countries_seen: ['N/A'],
      },
    })
    expect(await place.ask('q@example.com', '193.99.144.80')).toMatch(/^action=REJECT/)
  })

  test('remove unblocks, and forgets', async () => {
    expect(await send('POST', '/remove', { key: 'sender', value: 'q@example.com' })).toEqual({
      code: 202,
      body: '',
    })
    expect(await place.ask('q@example.com', '193.99.144.80')).toBe('action=DUNNO')
  })

  test('update, modify and remove change the records; what is wrong names record and field', async () => {
    const update = await send('PUT', '/update', {
      data: [{ comment: 'a test', sender: 'u@example.com', ips: 1, countries: 1 }],
    })
    expect(update).toEqual({ code: 202, body: '' })
    expect(await place.ask('u@example.com', '193.99.144.80')).toBe('action=DUNNO')
    const wrong = await send('PUT', '/update', { data: [{ sender: 'a' }, { sender: 'b', ips: 'x' }] })
    expect(wrong.code).toBe(400)
    expect(wrong.body).toMatch(/record 2: ips: /)
    // One address only: the second one is refused.
    expect(await place.ask('u@example.com', '193.99.144.81')).toMatch(/^action=REJECT/)
    const modify = await send('PATCH', '/modify', {
      key: 'sender',
      value: { sender: 'u@example.com', ips: 5 },
    })
    expect(modify).toEqual({ code: 202, body: '' })
    const { body } = await place.curl(`${place.url}/custom-settings`)
    expect(JSON.parse(body)).toMatchObject([{ sender: 'u@example.com', ips: 5, countries: 1 }])
    const removal = { key: 'sender', value: 'u@example.com' }
    expect((await send('DELETE', '/remove', removal)).code).toBe(202)
    expect((await send('DELETE', '/remove', removal)).code).toBe(400)
  })

  test('F10: a file that is broken changes nothing, and the reason is told', async () => {
    writeFileSync(join(place.folder, 'users.json'), '{"data":[{"sender":')
    const { code, body } = await place.curl(`${place.url}/reload`)
    expect(code).toBe(500)
    expect(body).toMatch(/users\.json/)
    expect(await place.ask('x@example.com', '193.99.144.80')).toBe('action=DUNNO')
  })
})

describe('with TLS and a password', () => {
  const place = new Place()
  const certify = (name: string): void => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        join(place.folder, 'key.pem'),
        '-out',
        join(place.folder, 'cert.pem'),
      ],
      { stdio: 'ignore' },
    )
  }
  beforeAll(async () => {
    certify('first')
    const tls = `  tls-cert: ${place.folder}/cert.pem\n  tls-key: ${place.folder}/key.pem\n`
    place.configure(`${tls}  http-user: admin\n  http-password: secret\n`)
    await place.start()
  })
  afterAll(() => place.server?.stop())

  const ask = (...args: string[]) =>
    place.curl('--cacert', join(place.folder, 'cert.pem'), ...args, `${place.url}/custom-settings`)

  test('who has the password is answered, others are not', async () => {
    expect(place.url).toMatch(/^https:/)
    expect((await ask('--user', 'admin:secret')).code).toBe(204)
    expect((await ask('--user', 'admin:wrong')).code).toBe(401)
    expect((await ask('--user', ':')).code).toBe(401)
    expect((await ask()).code).toBe(401)
  })

  test('plain HTTP gets nothing, and disturbs nobody', async () => {
    const plain = place.url.replace('https:', 'http:')
    await expect(run('curl', ['--silent', `${plain}/custom-settings`])).rejects.toThrow()
    expect((await ask('--user', 'admin:secret')).code).toBe(204)
  })

  test('a new certificate is shown after a reload, and one that is none leaves the old one', async () => {
    certify('second')
    expect((await ask('--user', 'admin:secret').catch(() => ({ code: 0 }))).code).toBe(0)
    const unchecked = ['--insecure', '--user', 'admin:secret']
    expect((await place.curl(...unchecked, `${place.url}/reload`)).code).toBe(202)
    expect((await ask('--user', 'admin:secret')).code).toBe(204)
    writeFileSync(join(place.folder, 'key.pem'), 'no key')
    const { code, body } = await place.curl(...unchecked, `${place.url}/reload`)
    expect([code, body]).toEqual([
      500,
      expect.stringMatching(/policy\.tls-cert .*no certificate in PEM and its key/),
    ])
    expect((await ask('--user', 'admin:secret')).code).toBe(204)
  })
})
