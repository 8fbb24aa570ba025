// What a config that is read again changes at once, and what waits for a restart.

import { deserialize, serialize } from 'node:v8'
import { expect, test } from 'vitest'
import { changesOf } from '../../src/config/changes.ts'
import { loadSettings } from '../../src/config/load.ts'
import { SETTINGS, settingNames } from '../../src/config/settings.ts'
import { temporaryFolder } from '../support/folders.ts'

const BEFORE = loadSettings({ options: { identity: 'ns1' } })

/** Settings that need a restart: what is bound, who runs, and what threads are started with. */
const RESTART = [
  'listen',
  'proxy-protocol',
  'data-dir',
  'stats',
  'stats-interval',
  'publish-csv',
  'publish-snapshots',
  'http',
  'http-connections',
  'whois',
  'workers',
  'udp',
  'tcp-connections',
  'tcp-per-client',
  'tcp-idle',
  'user',
  'group',
  'log-format',
  'log-file',
  'query-log',
  'query-log-every',
  'snapshot',
]

test('these settings need a restart, and no others', () => {
  expect(settingNames.filter((name) => SETTINGS[name].change === 'restart').sort()).toEqual(
    [...RESTART].sort(),
  )
})

test('what needs a restart stays as it is, and the rest is what was read', () => {
  const read = loadSettings({ options: { identity: 'ns2', 'tcp-idle': '3', allow: ['192.0.2.0/24'] } })
  const { live, restart, settings } = changesOf(BEFORE, read)
  expect([live, restart]).toEqual([['allow', 'identity'], ['tcp-idle']])
  expect(settings).toEqual({ ...read, tcp: BEFORE.tcp })
})

test('settings that were handed over by another process are the same', () => {
  const handed = deserialize(serialize(BEFORE))
  expect(changesOf(handed, BEFORE)).toMatchObject({ live: [], restart: [] })
})

test('another store of the policy service, and another key for names, wait for a restart', () => {
  const yaml = "policy: { store: 'redis://r', hash-users: 0123456789abcdef, ldap: { urls: 'ldap://a' } }"
  const read = loadSettings({
    configFile: `${temporaryFolder({ 'asnzone.yaml': yaml })}/asnzone.yaml`,
    options: { identity: 'ns1' },
  })
  const { live, restart, settings } = changesOf(BEFORE, read)
  expect([live, restart]).toEqual([[], ['policy.store', 'policy.hash-users', 'policy.ldap']])
  expect(settings.policy).toEqual(BEFORE.policy)
})

test('the policy service has other rules at once, and other addresses after a restart', () => {
  const file = temporaryFolder({ 'asnzone.yaml': 'policy: { mode: monitor, listen: 127.0.0.1:4646 }\n' })
  const read = loadSettings({ configFile: `${file}/asnzone.yaml`, options: { identity: 'ns1' } })
  const { live, restart, settings } = changesOf(BEFORE, read)
  expect([live, restart]).toEqual([['policy'], ['policy.listen']])
  expect(settings.policy.rules).toEqual(read.policy.rules)
  expect(settings.policy.listen).toEqual([])
  expect(
    changesOf(BEFORE, { ...BEFORE, policy: { ...BEFORE.policy, listen: read.policy.listen } }).live,
  ).toEqual([])
})
