// Every setting: its default, a value from the file, the environment and the command line, and a wrong one.

import { availableParallelism, homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { settingValue } from '../../src/config/setting-values.ts'
import { environmentName, SETTINGS, type SettingName, settingNames } from '../../src/config/settings.ts'
import { VERSION } from '../../src/version.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

const LOOPBACK = ['127.0.0.0/8', '::1']
const { STATE_DIRECTORY, XDG_CACHE_HOME } = process.env
const DATA = STATE_DIRECTORY || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'asnzone')

/** Name, default, a value as it is written in a variable, the value that it is, and one that is wrong: '' where any text will do. */
const ROWS: readonly (readonly [SettingName, unknown, string, unknown, string])[] = [
  ['listen', ['127.0.0.1:5300', '[::1]:5300'], '192.0.2.1:53,none', ['192.0.2.1:53', 'none'], 'localhost'],
  ['allow', LOOPBACK, '192.0.2.0/24, ::/0', ['192.0.2.0/24', '::/0'], '192.0.2.1/24'],
  ['deny', 'refuse', 'drop', 'drop', 'ignore'],
  ['proxy-protocol', [], '192.0.2.7,2001:db8::/64', ['192.0.2.7', '2001:db8::/64'], 'dnsdist'],
  ['domain', 'asnzone.internal', 'geo.test', 'geo.test', 'a..b'],
  ['zones', undefined, '/etc/zones', '/etc/zones', ''],
  ['disable', [], 'cymru,nerd-dk', ['cymru', 'nerd-dk'], ''],
  ['data-dir', DATA, '/srv/data', '/srv/data', ''],
  ['feed', 'ip-location-db', 'embedded', 'embedded', 'cymru'],
  [
    'feed-url',
    'https://github.com/sapics/ip-location-db/releases/download',
    'http://a.test/x',
    'http://a.test/x',
    'ftp://a',
  ],
  ['refresh', undefined, '12h', '12h', 'daily'],
  ['max-size', 1024, '0.5', 0.5, '0'],
  ['max-rows', 10_000_000, '7', 7, '1.5'],
  ['max-names', 1_000_000, '16777216', 16_777_216, '16777217'],
  ['max-time', '30m', '2d', '2d', '2'],
  ['max-age', '45d', '6w', '6w', 'old'],
  ['stale-answer', 'hide', 'tell', 'tell', 'yes'],
  ['least-share', 80, '0', 0, '101'],
  ['sentinels', ['8.8.8.8=AS15169'], '::1=AS1', ['::1=AS1'], '8.8.8.8'],
  ['here', undefined, '192.0.2.1', expect.anything(), '91,0'],
  ['too-far', 4000, '20015', 20_015, '20016'],
  ['learn-interval', '1h', '30m', '30m', 'hourly'],
  ['stats', false, 'on', true, 'maybe'],
  ['stats-interval', 5, '0.1', 0.1, '0'],
  ['publish-csv', undefined, '127.0.0.1:8080', '127.0.0.1:8080', 'localhost'],
  ['publish-allow', [], '10.0.0.0/8', ['10.0.0.0/8'], '10.0.0.0/33'],
  ['publish-snapshots', undefined, '/srv/www', '/srv/www', ''],
  ['http', undefined, '[::1]:8053', '[::1]:8053', '8053'],
  ['http-token', undefined, '0123456789abcdef', '0123456789abcdef', '0123456789abcde'],
  ['http-connections', 256, '1', 1, '0'],
  ['whois', undefined, '127.0.0.1:43', '127.0.0.1:43', 'localhost'],
  ['nameservers', ['localhost'], 'ns1.test,ns2.test', ['ns1.test', 'ns2.test'], 'n s'],
  ['contact', 'nobody.invalid', 'me.test', 'me.test', 'me@test'],
  ['workers', Math.min(availableParallelism(), 4), '2', 2, '0'],
  ['udp', 'mmsg', 'dgram', 'dgram', 'tcp'],
  ['tcp-connections', 256, '65535', 65_535, '65536'],
  ['tcp-per-client', 64, '1', 1, '0'],
  ['tcp-idle', 10, '0.5', 0.5, '0'],
  ['rate-limit', 200, '0', 0, '-1'],
  ['rate-limit-all', undefined, '1000', 1000, 'all'],
  ['rate-limit-slip', 2, '0', 0, '101'],
  ['rate-limit-window', 5, '1', 1, '0'],
  ['rate-limit-exempt', undefined, '10.0.0.0/8', ['10.0.0.0/8'], 'everybody'],
  ['cookie-secret', undefined, 'none', ['none'], '00'],
  ['identity', hostname(), 'ns1', 'ns1', ''],
  ['version-text', `asnzone ${VERSION}`, 'none', 'none', ''],
  ['user', undefined, 'asnzone', 'asnzone', ''],
  ['group', undefined, 'asnzone', 'asnzone', ''],
  ['log-level', 'info', 'debug', 'debug', 'loud'],
  ['log-format', 'auto', 'json', 'json', 'xml'],
  ['log-file', undefined, '/var/log/a.log', '/var/log/a.log', ''],
  ['query-log', undefined, '/var/log/q.log', '/var/log/q.log', ''],
  ['query-log-every', 1, '100', 100, '0'],
]

/** A config file with this text. */
const fileOf = (text: string): string => `${temporaryFolder({ 'asnzone.yaml': text })}/asnzone.yaml`
const empty = fileOf('')

/** A value as it is written in the file. */
function inFile(name: SettingName, written: string): string {
  const { kind } = SETTINGS[name]
  if (kind === 'list') return JSON.stringify(written.split(/, ?/))
  return kind === 'text' ? JSON.stringify(written) : written
}

test('each setting has a row; structures have tests of their own', () => {
  const plain = settingNames.filter((name) => SETTINGS[name].kind !== 'structure')
  expect(ROWS.map(([name]) => name)).toEqual(plain)
})

describe.each(ROWS)('%s', (name, standard, written, value, wrong) => {
  const variable = environmentName(name)

  test('has its default', () => {
    expect(settingValue(loadSettings({ configFile: empty }), name)).toEqual(standard)
  })

  test.each([
    ['the file', { configFile: fileOf(`${name}: ${inFile(name, written)}`) }],
    ['the environment', { configFile: empty, environment: { [variable]: written } }],
    ['the command line', { configFile: empty, options: { [name]: written } }],
  ])('is taken from %s', (_, sources) => {
    expect(settingValue(loadSettings(sources), name)).toEqual(value)
  })

  test('is refused when it is wrong, by the name of its place', () => {
    const told = (sources: Parameters<typeof loadSettings>[0]): string =>
      messageOf('ASNZONE_CONFIG', () => loadSettings(sources))
    const file = fileOf(`${name}: ${inFile(name, wrong)}`)
    expect(told({ configFile: file })).toContain(`${file}:1: ${name}: `)
    expect(told({ configFile: empty, options: { [name]: wrong } })).toContain(`--${name}: `)
    // An empty variable says nothing.
    const environment = { [variable]: wrong }
    if (wrong === '')
      expect(settingValue(loadSettings({ configFile: empty, environment }), name)).toEqual(standard)
    else expect(told({ configFile: empty, environment })).toContain(`${variable}: `)
  })
})
