// What a config that is read again changes at once, and what waits for a restart.

import { expect, test } from 'vitest'
import { changesOf } from '../../src/config/changes.ts'
import { loadSettings } from '../../src/config/load.ts'
import { SETTINGS, settingNames } from '../../src/config/settings.ts'

const BEFORE = loadSettings({ options: { identity: 'ns1' } })

/** Settings that need a restart: what is bound, who runs, and what threads are started with. */
const RESTART = [
  'listen',
  'data-dir',
  'stats',
  'stats-interval',
  'publish-csv',
  'http',
  'http-connections',
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
]

test('every setting is in force with a reload or after a restart', () => {
  expect(settingNames.filter((name) => SETTINGS[name].change === 'restart').sort()).toEqual(
    [...RESTART].sort(),
  )
  expect(settingNames.filter((name) => SETTINGS[name].change === 'live')).toHaveLength(
    settingNames.length - RESTART.length,
  )
})

test('what needs a restart stays as it is, and the rest is what was read', () => {
  const read = loadSettings({ options: { identity: 'ns2', 'tcp-idle': '3', allow: ['192.0.2.0/24'] } })
  const { live, restart, settings } = changesOf(BEFORE, read)
  expect([live, restart]).toEqual([['allow', 'identity'], ['tcp-idle']])
  expect(settings).toEqual({ ...read, tcp: BEFORE.tcp })
})

test('settings that were handed over by another process are the same', () => {
  const handed = JSON.parse(JSON.stringify(BEFORE))
  expect(changesOf(handed, BEFORE)).toMatchObject({ live: [], restart: [] })
})
