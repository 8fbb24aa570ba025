// The settings of the directory.

import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../../src/config/load.ts'
import { temporaryFolder } from '../../support/folders.ts'

function settingsOf(yaml: string, environment: Record<string, string> = {}) {
  const folder = temporaryFolder({ 'asnzone.yaml': yaml })
  return loadSettings({ configFile: `${folder}/asnzone.yaml`, environment, options: {} }).policy
}

function complaintOf(yaml: string): string {
  try {
    settingsOf(yaml)
  } catch (error) {
    return (error as Error).message.replace(/^.*\/asnzone\.yaml/, 'asnzone.yaml')
  }
  return 'nothing is wrong'
}

test('there is none unless one is named', () => {
  expect(settingsOf('{}').ldap).toBeNull()
})

test('it is read from the file and the environment, with the defaults of geoip-policyd', () => {
  const environment = {
    ASNZONE_POLICY_LDAP_PASSWORD: 'secret',
    ASNZONE_POLICY_LDAP_URLS: 'ldap://a ldaps://[::1]:636/',
  }
  expect(settingsOf("policy: { ldap: { base: 'dc=x', bind-dn: 'cn=reader' } }", environment).ldap).toEqual({
    urls: ['ldap://a', 'ldaps://[::1]:636'],
    base: 'dc=x',
    bindDn: 'cn=reader',
    password: 'secret',
    filter: '(&(objectClass=*)(mailAlias=%s))',
    attribute: 'mailAccount',
    scope: 'sub',
    startTls: false,
    verify: true,
    tls: { ca: null, cert: null, key: null },
    isExternal: false,
    pool: 10,
    idle: 3,
    cache: 300_000,
  })
})

describe('it is refused with its line when', () => {
  test.each([
    ['a URL is none', 'urls: localhost', 'URLs are like ldap://ldap.example.com'],
    ['a URL has a password', "urls: 'ldap://u:hunter2@a'", 'who asks is bind-dn'],
    [
      'the filter has no place for the name',
      "urls: 'ldap://a', filter: '(uid=x)'",
      'policy.ldap.filter: it needs %s',
    ],
    ['the filter is not closed', "urls: 'ldap://a', filter: '(&(uid=%s)'", 'stands in parentheses'],
    [
      'a certificate has no key',
      "urls: 'ldaps://a', cert: c.pem",
      'policy.ldap.key: a certificate needs its key',
    ],
    ['TLS is begun twice', "urls: 'ldaps://a', starttls: true", 'ldaps:// begins with TLS'],
    ['nothing says who we are', "urls: 'ldaps://a', external: true", 'it needs cert, key'],
    [
      'a certificate goes over a plain connection',
      "urls: 'ldap://a', external: true, cert: c, key: k",
      'it needs cert, key',
    ],
    [
      'a name has no password',
      "urls: 'ldap://a', bind-dn: 'cn=x'",
      'policy.ldap.password: bind-dn needs a password',
    ],
    ['a key is unknown', "urls: 'ldap://a', bass: 'dc=x'", "did you mean 'base'?"],
  ])('%s', (_name, yaml, reason) => {
    const complaint = complaintOf(`domain: asnzone.internal\npolicy: { ldap: { ${yaml} } }`)
    expect(complaint).toMatch(/^asnzone\.yaml:2: policy/)
    expect(complaint).toContain(reason)
    expect(complaint).not.toContain('hunter2')
  })
})
