// geoip-policyd's environment as a config of ours: what is taken, what is lost, and that it always loads.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configLines } from '../../../src/config/config-text.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { parseEnvFile } from '../../../src/config/policy/env-file.ts'
import { DROPPED, OTHER_NAMES, READ, ROWS } from '../../../src/config/policy/geoip-policyd-names.ts'
import { importSettings } from '../../../src/config/policy/geoip-policyd-settings.ts'
import { policyLeaves } from '../../../src/config/policy/policy.ts'
import { PERMANENT } from '../../../src/policy/state.ts'
import { printable } from '../../../src/printable.ts'
import { anyText } from '../../support/any-text.ts'
import { temporaryFolder } from '../../support/folders.ts'

/** What a file of the environment makes of a server. */
function imported(env: string, users: string | null = null) {
  const { settings, remarks } = importSettings(parseEnvFile('env', env).variables, users)
  const folder = temporaryFolder({ 'asnzone.yaml': configLines(settings).join('\n') })
  const loaded = loadSettings({ configFile: `${folder}/asnzone.yaml` })
  return { written: settings.policy as Record<string, unknown>, settings, remarks, ...loaded }
}

/** The names that a remark is about. */
const lostIn = (remarks: readonly string[]): string[] => remarks.map((remark) => remark.split(':')[0])

test('nothing set is what geoip-policyd does without settings', () => {
  const { policy, remarks } = imported('')
  expect(policy.listen).toMatchObject([{ kind: 'inet', host: '127.0.0.1', port: 4646 }])
  expect(policy.restAddress).toMatchObject({ host: '127.0.0.1', port: 8080 })
  expect(policy.rest).toMatchObject({ login: null, tls: null })
  expect(policy.subject.user).toEqual(['sender'])
  expect(policy.store).toMatchObject({
    kind: 'redis',
    url: 'redis://127.0.0.1:6379',
    importPrefix: 'geopol_',
  })
  expect(policy.rules.limits).toEqual({ countries: 3, ips: 10, asns: null })
  expect(lostIn(remarks)).toEqual(['policy.user', 'policy.store'])
})

test('an installation as it is in practice', () => {
  const { policy, settings, log, remarks } = imported(`
# /etc/default/geoip-policyd
GEOIPPOLICYD_VERBOSE_LEVEL="debug"
GEOIPPOLICYD_LOG_JSON=true
GEOIPPOLICYD_SERVER_ADDRESS="::1"
GEOIPPOLICYD_SERVER_PORT=10023
export GEOIPPOLICYD_HTTP_ADDRESS='192.0.2.1'   # for nauthilus
GEOIPPOLICYD_HTTP_PORT=8443
GEOIPPOLICYD_HTTP_USE_BASIC_AUTH=1
GEOIPPOLICYD_HTTP_BASIC_AUTH_USERNAME=testuser
GEOIPPOLICYD_HTTP_BASIC_AUTH_PASSWORD="test \\"secret\\" #1"
GEOIPPOLICYD_HTTP_USE_SSL=TRUE
GEOIPPOLICYD_HTTP_TLS_CERT=/etc/ssl/cert.pem
GEOIPPOLICYD_USE_SASL_USERNAME=true
GEOIPPOLICYD_REDIS_ADDRESS=redis.example.net
GEOIPPOLICYD_REDIS_DATABASE_NUMBER=2
GEOIPPOLICYD_REDIS_USERNAME=policy
GEOIPPOLICYD_REDIS_PASSWORD=0123
GEOIPPOLICYD_REDIS_REPLICA_ADDRESS=127.0.0.1
GEOIPPOLICYD_REDIS_SENTINELS="s1.example.net:26379 s2.example.net:26379"
GEOIPPOLICYD_REDIS_SENTINEL_MASTER_NAME=mymaster
GEOIPPOLICYD_REDIS_TTL=86400
GEOIPPOLICYD_GEOIP_PATH=/usr/share/GeoIP/GeoLite2-City.mmdb
GEOIPPOLICYD_MAX_COUNTRIES=2
GEOIPPOLICYD_MAX_IPS=200
GEOIPPOLICYD_HOME_COUNTRIES="DE AT"
GEOIPPOLICYD_MAX_HOME_IPS=20
GEOIPPOLICYD_IGNORE_NETWORKS="127.0.0.0/8 192.0.2.0/24"
GEOIPPOLICYD_CUSTOM_SETTINGS_PATH=/etc/geoip-policyd/custom.json
GEOIPPOLICYD_USE_LDAP=false
GEOIPPOLICYD_LDAP_BASEDN=dc=example
TZ=Europe/Berlin
`)
  expect(policy.listen).toMatchObject([{ host: '::1', port: 10023 }])
  expect(policy.restAddress).toMatchObject({ host: '192.0.2.1', port: 8443 })
  expect(policy.rest).toMatchObject({
    login: { user: 'testuser', password: 'test "secret" #1' },
    tls: { cert: '/etc/ssl/cert.pem', key: '/localhost-key.pem' },
  })
  expect(policy.subject.user).toEqual(['sasl_username'])
  expect(policy.store).toMatchObject({
    username: 'policy',
    password: '0123',
    database: 2,
    sentinels: [{ host: 's1.example.net' }, { host: 's2.example.net' }],
    master: 'mymaster',
  })
  expect(policy.rules).toMatchObject({ window: 86_400_000, limits: { countries: 2, ips: 60 } })
  expect(policy.rules.home).toEqual({ codes: new Set(['DE', 'AT']), countries: 3, ips: 20 })
  expect(policy.rules.exempt.networks).toHaveLength(2)
  expect(policy.users).toBe('/etc/geoip-policyd/custom.json')
  expect(log).toMatchObject({ level: 'debug', format: 'json' })
  expect(configLines(settings)).toContain('  window: 24h')
  expect(lostIn(remarks).sort()).toEqual([
    'GEOIPPOLICYD_GEOIP_PATH',
    'GEOIPPOLICYD_LDAP_BASEDN',
    'GEOIPPOLICYD_MAX_IPS',
    'GEOIPPOLICYD_REDIS_REPLICA_ADDRESS',
    'TZ',
    'policy.store',
  ])
})

test('a directory', () => {
  const { policy, remarks } = imported(`
USE_LDAP=true
LDAP_STARTTLS=true
LDAP_TLS_SKIP_VERIFY=true
LDAP_SASL_EXTERNAL=true
LDAP_SERVER_URIS="ldap://ldap1.example.test:389/, ldap://ldap2.example.test:389/"
LDAP_BASEDN="dc=example,dc=test"
LDAP_TLS_CAFILE=/ca.pem
LDAP_TLS_CLIENT_CERT=/cert.pem
LDAP_TLS_CLIENT_KEY=/key.pem
LDAP_FILTER="(&(objectClass=x)(address=%s))"
LDAP_RESULT_ATTRIBUTE=user
LDAP_POOL_SIZE=20
`)
  expect(policy.ldap).toMatchObject({
    urls: ['ldap://ldap1.example.test:389', 'ldap://ldap2.example.test:389'],
    base: 'dc=example,dc=test',
    filter: '(&(objectClass=x)(address=%s))',
    attribute: 'user',
    startTls: true,
    verify: false,
    tls: { ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' },
    isExternal: true,
    pool: 20,
  })
  expect(lostIn(remarks)).toEqual(['policy.user', 'policy.store'])
  expect(imported('USE_LDAP=true').policy.ldap?.urls).toEqual(['ldap://127.0.0.1:389'])
})

describe('F22: where names disagree, each is read', () => {
  test.each(Object.entries(OTHER_NAMES))('%s is %s', (other, name) => {
    const text = '1'
    const { written, remarks } = imported(`GEOIPPOLICYD_${name}=${text}`)
    const others = imported(`GEOIPPOLICYD_${other}=${text}`)
    expect(others.written).toEqual(written)
    expect(others.remarks).toEqual(remarks.map((remark) => remark.replace(`_${name}:`, `_${other}:`)))
  })

  test.each(['', 'GEOIPPOLICYD_'])('with the prefix %j', (prefix) => {
    const env = `${prefix}BLOCKED_PERMANENT=true\n${prefix}MAX_IPS=5\n${prefix}LDAP_TLS_SKIP_VERIFY=true`
    expect(imported(env).policy.rules).toMatchObject({ block: { duration: PERMANENT }, limits: { ips: 5 } })
  })

  test('the name that the program reads goes before another one', () => {
    const { policy, remarks } = imported('BLOCKED_PERMANENT=true\nBLOCK_PERMANENT=false')
    expect(policy.rules.block.duration).not.toBe(PERMANENT)
    expect(remarks).toContain('BLOCKED_PERMANENT: BLOCK_PERMANENT says it')
  })
})

test.each([
  ['HTTP_USE_BASIC_AUTH=true', 'HTTP_USE_BASIC_AUTH: it needs a user and a password'],
  ['HTTP_BASIC_AUTH_PASSWORD=hunter2', 'HTTP_BASIC_AUTH_PASSWORD: it is not used, since HTTP_USE_BASIC_AUTH'],
  ['HTTP_ADDRESS=192.0.2.1', 'HTTP_ADDRESS: policy.http: others can reach it'],
  ['SERVER_ADDRESS=mail.example.net', "SERVER_ADDRESS: policy.listen: 'mail.example.net:4646' is not like"],
  ['SERVER_ADDRESS=0.0.0.0', 'SERVER_ADDRESS: others than this host are answered only when policy.allow'],
  ['HOME_COUNTRIES=UK', "HOME_COUNTRIES: policy.home.codes: 'UK' is not an ISO 3166-1 country code"],
  ['IGNORE_NETWORKS=10.0.0.1/8', 'IGNORE_NETWORKS: policy.exempt.networks: '],
  ['REDIS_TTL=0', "REDIS_TTL: policy.window: '0h' is not a duration"],
  ['REDIS_SENTINELS=a', 'REDIS_SENTINELS: policy.redis.master: Sentinels need to know'],
  ['USE_LDAP=1\nLDAP_BINDDN=cn=x', 'LDAP_BINDDN: policy.ldap.password: bind-dn needs a password'],
  ['LDAP_BINDDN=cn=x', 'LDAP_BINDDN: it is not used, since USE_LDAP is not true'],
  ['USE_CDB=true', 'USE_CDB: asnzone reads no CDB'],
  ['USE_SASL_USERNAME=perhaps', 'USE_SASL_USERNAME: it is neither true nor false'],
  [
    'OPERATOR_TO=ops@x',
    'OPERATOR_TO: it is not used, since RUN_ACTIONS and RUN_ACTION_OPERATOR are not true',
  ],
  ['DISABLE_POLICY_SERVICE=true', 'DISABLE_POLICY_SERVICE: the service is off without policy.listen'],
  ['DISABLE_HTTP_SERVICE=true', 'DISABLE_HTTP_SERVICE: HTTP is off without policy.http'],
  ['REDIS_WRITER_ADDRESS=a', 'REDIS_WRITER_ADDRESS: geoip-policyd is not known to have it'],
  ['VERBOSE_LEVEL=none', 'VERBOSE_LEVEL: errors are always logged'],
])('%s is told', (env, remark) => {
  expect(imported(env).remarks.join('\n')).toContain(remark)
})

test('a password is in no remark', () => {
  const secrets = ROWS.filter(({ name }) => /PASSWORD|BINDPW/.test(name)).map(({ name }) => `${name}=hunter2`)
  for (const switches of ['', 'USE_LDAP=1\nRUN_ACTIONS=1\nRUN_ACTION_OPERATOR=1\nHTTP_USE_BASIC_AUTH=1\n']) {
    const { remarks } = imported(`${switches}HTTP_BASIC_AUTH_PASSWORD=hunter2\n${secrets.join('\n')}`)
    expect(remarks.join('\n')).not.toContain('hunter2')
  }
})

test('a row is of a leaf that there is, or is told to be none', () => {
  const leaves = new Set(policyLeaves.map(({ path }) => path.join('.')))
  const switches = 'USE_LDAP=1\nRUN_ACTIONS=1\nRUN_ACTION_OPERATOR=1\n'
  for (const { name, leaf } of ROWS) {
    if (leaves.has(leaf)) continue
    expect(imported(`${switches}${name}=1`).remarks).toContain(
      `${name}: asnzone has no setting policy.${leaf}`,
    )
  }
})

const names = [
  ...READ,
  ...ROWS.map(({ name }) => name),
  ...DROPPED.map(({ name }) => name),
  ...Object.keys(OTHER_NAMES),
]

const value = fc.oneof(
  fc.constantFrom(
    'true',
    'false',
    '0',
    '5',
    '61',
    '-1',
    '3600',
    'DE AT',
    '::1',
    '0.0.0.0',
    '10.0.0.0/8',
    'off',
  ),
  fc.constantFrom(
    'ldap://a/, ldap://b/',
    '/etc/x',
    '[]',
    '{a: b}',
    '!!js x',
    "it's",
    '"',
    '*a',
    'a: b #c',
    'null',
  ),
  anyText({ maxLength: 20 }),
)

test('whatever is set, the config loads, and each thing that is lost has a line', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name }),
      (set) => {
        const { settings, remarks } = importSettings(new Map(set), null)
        const lines = configLines(settings)
        for (const line of lines) expect(printable(line)).toBe(line)
        expect(parse(lines.join('\n'))).toEqual(settings)
        const folder = temporaryFolder({ 'asnzone.yaml': lines.join('\n') })
        loadSettings({ configFile: `${folder}/asnzone.yaml` })
        const lost = new Set(lostIn(remarks))
        for (const [name, text] of set) {
          const row = ROWS.find((one) => one.name === (OTHER_NAMES[name] ?? name))
          if (row === undefined || text === '' || lost.has(name) || isOff(text, row.as)) continue
          expect({ name, value: leafOf(settings.policy, row.leaf) }).not.toEqual({ name, value: undefined })
        }
      },
    ),
    { numRuns: 300, examples: [[[['FORCE_USER_KNOWN', 'f']]]] },
  )
})

/** What strconv.ParseBool of Go takes for false. */
const FALSE_TEXTS = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/** Whether a switch is off, and so says nothing. */
const isOff = (text: string, as: string | undefined): boolean =>
  (as === 'permanent' || as === 'on-connect' || as === 'known') && FALSE_TEXTS.includes(text)

const leafOf = (policy: unknown, leaf: string): unknown =>
  leaf.split('.').reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], policy)
