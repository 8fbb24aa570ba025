// The setting `policy`: its leaves in the file, the environment and on the command line, and what is refused.

import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../../src/config/load.ts'
import { policyLeaves } from '../../../src/config/policy/policy.ts'
import { PERMANENT } from '../../../src/policy/state.ts'
import { firstTable, readDocument, section } from '../../docs/markdown.ts'
import { temporaryFolder } from '../../support/folders.ts'

const HOUR = 3_600_000

function policyOf(yaml: string, environment: Record<string, string> = {}, options: object = {}) {
  const folder = temporaryFolder({ 'asnzone.yaml': yaml })
  const sources = { configFile: `${folder}/asnzone.yaml`, environment, options: { ...options } }
  return loadSettings(sources).policy
}

const complaintOf = (yaml: string, environment: Record<string, string> = {}): string => {
  try {
    policyOf(yaml, environment)
  } catch (error) {
    return (error as Error).message.replace(/^.*\/asnzone\.yaml/, 'asnzone.yaml')
  }
  return 'nothing is wrong'
}

test('it is off by default, and its defaults are those of geoip-policyd', () => {
  const { listen, rules, subject, onError, dovecot } = loadSettings({}).policy
  expect(listen).toEqual([])
  expect(rules.limits).toEqual({ countries: 3, ips: 10, asns: null })
  expect(rules.home).toEqual({ codes: new Set(), countries: 3, ips: 10 })
  expect(rules.block).toEqual({ duration: HOUR, scope: 'account' })
  expect(subject).toEqual({ user: ['sasl_username'], case: 'lower', separator: '' })
  expect(onError).toBe('dunno')
  expect(dovecot).toEqual({ isProven: false, tarpit: 5000 })
})

test('every leaf of the config file is read', () => {
  const { listen, socket, rules, allow, dovecot } = policyOf(`
policy:
  listen: [127.0.0.1, '[::1]:4647', unix:/run/asnzone/policy.sock]
  socket-mode: 0666
  allow: 192.0.2.0/24
  limits: { countries: off, ips: 0, asns: 0 }
  home: { codes: [de, AT] }
  block: { for: permanent, scope: new }
  travel: { speed: 1000 }
  score: { below: -10 }
  dovecot: { allow: after, tarpit: 30s }`)
  expect(listen).toMatchObject([
    { kind: 'inet', host: '127.0.0.1', port: 4646 },
    { kind: 'inet', host: '::1', port: 4647 },
    { kind: 'unix', path: '/run/asnzone/policy.sock' },
  ])
  expect(socket.mode).toBe(0o666)
  expect(allow).toEqual([{ family: 4, words: [0xc0000200], length: 24 }])
  expect(rules.limits).toEqual({ countries: null, ips: 0, asns: null })
  expect(rules.home.codes).toEqual(new Set(['DE', 'AT']))
  expect(rules.block).toEqual({ duration: PERMANENT, scope: 'new' })
  expect(rules.travel).toEqual({ speed: 1000, distance: 500 })
  expect(rules.scoreBelow).toBe(-10)
  expect(dovecot).toEqual({ isProven: true, tarpit: 30_000 })
})

describe('the environment', () => {
  test('has a variable for each leaf, which goes before the file', () => {
    const { rules, listen, rest } = policyOf('policy: { limits: { countries: 5, ips: 5 } }', {
      ASNZONE_POLICY_LIMITS_COUNTRIES: '1',
      ASNZONE_POLICY_HOME_CODES: 'DE, AT CH',
      ASNZONE_POLICY_LISTEN: '127.0.0.1:4646 [::1]:4646',
      ASNZONE_POLICY_BLOCK_FOR: '0',
      ASNZONE_POLICY_SCORE_BELOW: '-5',
      ASNZONE_POLICY_HTTP: '127.0.0.1:8080',
      ASNZONE_POLICY_HTTP_USER: 'admin',
      ASNZONE_POLICY_HTTP_PASSWORD: '12345678',
    })
    expect(rules.limits).toEqual({ countries: 1, ips: 5, asns: null })
    expect(rules.home.codes).toEqual(new Set(['DE', 'AT', 'CH']))
    expect(listen).toHaveLength(2)
    expect(rules.block.duration).toBe(0)
    expect(rules.scoreBelow).toBe(-5)
    expect(rest?.login).toEqual({ user: 'admin', password: '12345678' })
  })

  test('is named in an error, and a name that there is none of has a hint', () => {
    expect(complaintOf('', { ASNZONE_POLICY_LIMITS_IPS: '61' })).toMatch(
      /^ASNZONE_POLICY_LIMITS_IPS: policy\.limits\.ips: .* is not a whole number from 0 to 60, or off/,
    )
    expect(complaintOf('', { ASNZONE_POLICY_LIMIT_IPS: '6' })).toMatch(
      /did you mean 'ASNZONE_POLICY_LIMITS_IPS'\?/,
    )
  })
})

test('the command line goes before the environment', () => {
  const options = { 'policy-listen': ['127.0.0.1:1'], 'policy-mode': 'monitor' }
  const { listen, rules } = policyOf('policy: { mode: enforce }', { ASNZONE_POLICY_LISTEN: '::1' }, options)
  expect(listen).toMatchObject([{ host: '127.0.0.1', port: 1 }])
  expect(rules.mode).toBe('monitor')
})

test.each([
  [
    'an unknown key',
    'policy: { limit: { ips: 3 } }',
    "policy: no such key as 'limit'; did you mean 'limits'?",
  ],
  [
    'more patience than Postfix has',
    'policy: { timeout: 60d }',
    'policy.timeout: at most 100s: Postfix waits no longer',
  ],
  [
    'no attribute to take names from',
    'policy: { user: [] }',
    'policy.user: at least one attribute is needed',
  ],
  [
    'a wrong country',
    'policy: { home: { codes: [UK] } }',
    "'UK' is not an ISO 3166-1 country code; did you mean GB?",
  ],
  [
    'two countries in one string',
    "policy: { home: { codes: 'DE,AT' } }",
    "'DE,AT' is not an ISO 3166-1 country code; write two letters such as DE",
  ],
  [
    'a limit of 61',
    'policy: { limits: { ips: 61 } }',
    'policy.limits.ips: 61 is not a whole number from 0 to 60, or off',
  ],
  [
    'a negative limit',
    'policy: { limits: { ips: -1 } }',
    'policy.limits.ips: -1 is not a whole number from 0 to 60, or off',
  ],
  ['travel without a speed', 'policy: { travel: { distance: 5 } }', 'kilometres per hour'],
  ['a text with an unknown word', "policy: { reject: 'FOO bar' }", "'FOO' is not an action of Postfix"],
  ['host bits', 'policy: { exempt: { networks: 10.0.0.1/8 } }', 'did you mean 10.0.0.0/8?'],
  [
    'an address that is none',
    'policy: { listen: localhost }',
    "'localhost' is not an address; write 127.0.0.1:4646",
  ],
  ['a user without a password', 'policy: { http-user: x }', 'a user needs a password'],
  ['a tarpit of an hour', 'policy: { dovecot: { tarpit: 1h } }', 'a duration of at most 1m'],
  ['Dovecot that asks at another time', 'policy: { dovecot: { allow: both } }', 'before or after'],
  ['REST beyond loopback', 'policy: { http: 192.0.2.1:8080 }', 'others can reach it'],
  [
    'REST beyond loopback in plain text',
    'policy: { http: 192.0.2.1:8080, http-token: abc }',
    'others can read along',
  ],
])('%s is refused with its line', (_name, yaml, reason) => {
  const complaint = complaintOf(`domain: asnzone.internal\n${yaml}`)
  expect(complaint).toMatch(/^asnzone\.yaml:2: policy/)
  expect(complaint).toContain(reason)
})

test('a password is never in an error', () => {
  const yaml = 'policy: { http: 192.0.2.1, http-user: admin, http-password: hunter2hunter2, http-token: 5 }'
  expect(complaintOf(yaml)).not.toContain('hunter2')
})

test('F22: each leaf has one name: in the file, in the environment, in docs/policy.md', () => {
  const table = firstTable(section(readDocument('docs/policy.md'), 'Settings'))
  const documented = table.map(([name]) => name.replaceAll('`', ''))
  for (const { path, variable } of policyLeaves) {
    expect(variable).toBe(`ASNZONE_POLICY_${path.join('_').replaceAll('-', '_').toUpperCase()}`)
  }
  expect(documented.sort()).toEqual(policyLeaves.map(({ path }) => path.join('.')).sort())
})
