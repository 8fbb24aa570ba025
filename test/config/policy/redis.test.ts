// The settings of the store in Redis.

import { describe, expect, test } from 'vitest'
import { storePlace } from '../../../src/app/policy.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { temporaryFolder } from '../../support/folders.ts'

function settingsOf(yaml: string, environment: Record<string, string> = {}) {
  const folder = temporaryFolder({ 'asnzone.yaml': yaml })
  return loadSettings({ configFile: `${folder}/asnzone.yaml`, environment, options: {} })
}

function complaintOf(yaml: string): string {
  try {
    settingsOf(yaml)
  } catch (error) {
    return (error as Error).message.replace(/^.*\/asnzone\.yaml/, 'asnzone.yaml')
  }
  return 'nothing is wrong'
}

test('accounts are kept in a file unless a server is named', () => {
  expect(settingsOf('{}').policy.store).toEqual({ kind: 'sqlite' })
})

test('all of it is read from the file', () => {
  const { store } = settingsOf(`
policy:
  store: rediss://redis.example.org:6380/2
  redis:
    prefix: 'mail:'
    username: asnzone
    password: secret
    import-prefix: geopol_
`).policy
  expect(store).toMatchObject({
    kind: 'redis',
    url: 'rediss://redis.example.org:6380/2',
    prefix: 'mail:',
    username: 'asnzone',
    password: 'secret',
    importPrefix: 'geopol_',
    sentinels: [],
    cluster: false,
  })
})

test('secrets and Sentinels come from the environment, too', () => {
  const { store } = settingsOf('policy: { store: "redis://redis" }', {
    ASNZONE_POLICY_REDIS_PASSWORD: 'secret',
    ASNZONE_POLICY_REDIS_SENTINELS: 's1.example.org, s2.example.org:26380 [2001:db8::1]',
    ASNZONE_POLICY_REDIS_MASTER: 'accounts',
  }).policy
  expect(store).toMatchObject({
    password: 'secret',
    master: 'accounts',
    sentinels: [
      { host: 's1.example.org', port: 26_379 },
      { host: 's2.example.org', port: 26_380 },
      { host: '2001:db8::1', port: 26_379 },
    ],
  })
})

test.each([
  'redis://host',
  'redis://u:p@host:1/0',
  'rediss://[::1]:6379',
  'unix:/run/redis.sock',
  'unix:///run/redis.sock',
])('%s is a server', (url) => {
  expect(settingsOf(`policy: { store: '${url}' }`).policy.store).toMatchObject({ kind: 'redis', url })
})

test.each(['redis://host', 'redis://192.0.2.1:7001', 'rediss://u:p@10.0.0.1/0'])(
  '%s can be a Cluster',
  (url) => {
    expect(settingsOf(`policy: { store: '${url}', redis: { cluster: true } }`).policy.store).toMatchObject({
      kind: 'redis',
      url,
      cluster: true,
    })
  },
)

describe('it is refused with its line when', () => {
  test.each([
    ['it is not a URL', "store: 'http://:hunter2@redis'", 'policy.store: sqlite, redis://HOST:PORT/DATABASE'],
    ['it names no host', "store: 'redis:///2'", 'policy.store: sqlite'],
    ['the database is not a number', "store: 'redis://redis/accounts'", 'policy.store: sqlite'],
    ['a socket has no path', "store: 'unix:redis.sock'", 'policy.store: sqlite'],
    [
      'Redis is set up and not used',
      'redis: { import-prefix: geopol_ }',
      'policy.store: there are settings of redis',
    ],
    [
      'Sentinels have no name',
      "store: 'redis://r', redis: { sentinels: s1 }",
      'policy.redis.master: Sentinels need',
    ],
    [
      'a name has no Sentinels',
      "store: 'redis://r', redis: { master: m }",
      'policy.redis.sentinels: master needs',
    ],
    ['a Sentinel is none', "store: 'redis://r', redis: { master: m, sentinels: 'a:b' }", "'a:b' is not like"],
    [
      'a Cluster has Sentinels',
      "store: 'redis://r', redis: { cluster: true, master: m, sentinels: s }",
      'a Cluster has no Sentinels',
    ],
    ['a Cluster has a database', "store: 'redis://r/1', redis: { cluster: true }", 'a Cluster has one only'],
    ['a Cluster has another', "store: 'redis://10.0.0.1/20', redis: { cluster: true }", 'has one only'],
    [
      'a Cluster has a socket',
      "store: 'unix:/r', redis: { cluster: true }",
      'a Cluster needs store: redis://',
    ],
    [
      'a certificate has no key',
      "store: 'rediss://r', redis: { tls-cert: c.pem }",
      'policy.redis.tls-key: a certificate needs',
    ],
    ['a CA is for nothing', "store: 'redis://r', redis: { tls-ca: c.pem }", 'TLS needs store: rediss://'],
    ['a key is unknown', "store: 'redis://r', redis: { usernam: x }", "did you mean 'username'?"],
  ])('%s', (_name, yaml, reason) => {
    const complaint = complaintOf(`domain: asnzone.internal\npolicy: { ${yaml} }`)
    expect(complaint).toMatch(/^asnzone\.yaml:2: policy/)
    expect(complaint).toContain(reason)
    expect(complaint).not.toContain('hunter2')
  })
})

test('a certificate that cannot be read is named', () => {
  const settings = settingsOf("policy: { store: 'rediss://r', redis: { tls-ca: /nowhere/ca.pem } }")
  expect(() => storePlace(settings)).toThrow('/nowhere/ca.pem: ')
})
