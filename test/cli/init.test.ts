// asnzone init: a config for each mail server, which is right, and names what the resolver has to send.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { settingValue } from '../../src/config/setting-values.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { mailServerNames, starterConfig } from '../../src/config/starter.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

test('a disk that takes only a part of a config leaves none', () => {
  const cwd = temporaryFolder()
  const command = [process.execPath, projectPath('dist/cli/main.js'), 'init', 'postfix']
  const options = { cwd, encoding: 'utf8' } as const
  const { status, stderr } = spawnSync('bash', ['-c', 'ulimit -f 1; exec "$@"', 'bash', ...command], options)
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^asnzone: asnzone\.yaml: EFBIG: .*\n$/)])
  expect(existsSync(join(cwd, 'asnzone.yaml'))).toBe(false)
})

describe.each(mailServerNames)('%s', (name) => {
  test('init writes a config that check finds right', async () => {
    const cwd = temporaryFolder()
    const written = await runCli(['init', name], { cwd })
    expect(written).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'asnzone.yaml'), 'utf8')).toBe(starterConfig(name))
    expect(await runCli(['check', '--log-level', 'error'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  })

  test('what is behind a # is right, too', () => {
    const text = starterConfig(name).replace(/^# (?=[a-z-]+: )/gm, '')
    const folder = temporaryFolder({ 'asnzone.yaml': text })
    const settings = loadSettings({ configFile: `${folder}/asnzone.yaml` })
    expect(settings.queryLog.every).toBe(100)
    expect(settings.dataDir).toBe('/var/lib/asnzone')
    expect(settings).toMatchObject({
      refresh: '1d',
      disable: ['nerd-dk'],
      here: expect.anything(),
      learn: expect.anything(),
      whois: '127.0.0.1:4343',
      http: { address: '127.0.0.1:8053' },
      stats: { enabled: true },
      score: { enabled: true },
    })
    expect(settings.policy).toMatchObject({ listen: [{ port: 4646 }], rules: { mode: 'monitor' } })
    expect(settings.policy.rules.limits).toEqual(loadSettings({}).policy.rules.limits)
    // Nobody but the timer fetches, and nothing listens beside DNS, until somebody takes a # away.
    expect(
      loadSettings({ configFile: join(temporaryFolder({ c: starterConfig(name) }), 'c') }),
    ).toMatchObject({
      refresh: undefined,
      disable: [],
      whois: undefined,
      policy: { listen: [] },
    })
    for (const path of starterConfig(name).matchAll(/ (\S+\/\S+\.md)/g))
      expect(existsSync(path[1])).toBe(true)
  })

  test('the names for the resolver cover every zone that is served, and no other', () => {
    const text = starterConfig(name)
    const names = [...text.matchAll(/^# {6}(\S+)$/gm)].map(([, it]) => it)
    const folder = temporaryFolder({ 'asnzone.yaml': text })
    const { disable, domain } = loadSettings({ configFile: `${folder}/asnzone.yaml` })
    const apexes = readZoneDefinitions(undefined, disable).flatMap(({ apex }) =>
      apex.map((pattern) => pattern.replace('{domain}', domain)),
    )
    const isBelow = (apex: string): boolean => names.some((it) => apex === it || apex.endsWith(`.${it}`))
    expect(apexes.filter((apex) => !isBelow(apex))).toEqual([])
    expect(apexes).toEqual(expect.arrayContaining(names))
    expect(disable).toEqual([])
  })

  test('its page is there', () => {
    expect(starterConfig(name)).toContain(`docs/consumers/${name}.md`)
    expect(existsSync(projectPath(`docs/consumers/${name}.md`))).toBe(true)
  })

  test('defaults that it repeats are the defaults', () => {
    const folder = temporaryFolder({ 'asnzone.yaml': starterConfig(name) })
    const settings = loadSettings({ configFile: `${folder}/asnzone.yaml` })
    for (const setting of ['listen', 'allow', 'domain', 'max-age'] as const) {
      expect(settingValue(settings, setting)).toEqual(SETTINGS[setting].schema.parse(undefined))
    }
  })
})

test('a file that is there is left alone', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': 'domain: mine.test\n' })
  expect(await runCli(['init', 'haraka'], { cwd })).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'asnzone: asnzone.yaml: it is there already, and is left alone; name another file\n',
  })
  expect(readFileSync(join(cwd, 'asnzone.yaml'), 'utf8')).toBe('domain: mine.test\n')
})

test('to standard output', async () => {
  expect(await runCli(['init', 'rspamd', '-'])).toMatchObject({ code: 0, stdout: starterConfig('rspamd') })
})

test('a server that is not known: the known ones', async () => {
  const outcome = await runCli(['init', 'sendmail'])
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain(
    'Allowed choices are haraka, spamassassin, rspamd, postfix, exim, stalwart, fleet-builder, fleet-node, systemd, unbound, dnsmasq, bind, knot-resolver, pdns-recursor, systemd-resolved',
  )
})

describe('init for a resolver', () => {
  test('prints the recipe for the config that is found: domain, port and zones', async () => {
    const cwd = temporaryFolder({
      'asnzone.yaml':
        "listen: ['192.0.2.53:53', '[::1]:5353']\ndomain: asn.example.net\ndisable: [nerd-dk]\n",
    })
    const { code, stdout, stderr, config } = await runCli(['init', 'dnsmasq'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^# \/etc\/dnsmasq\.d\/asnzone\.conf\nserver=\/asn\.example\.net\/.*\/::1#5353\n/)
    expect(stdout).not.toMatch(/nerd\.dk|asnzone\.internal/)
    expect(config).toMatch(/^asnzone\.yaml, /)
    expect(stderr).toBe(
      'asnzone: for dnsmasq, which asks ::1 port 5353; then: dnsmasq --test && systemctl restart dnsmasq\n',
    )
  })

  test('options count, and every file has its path in a comment of its language', async () => {
    const cwd = temporaryFolder()
    const heads = async (name: string): Promise<string[]> =>
      (await runCli(['init', name, '--domain', 'x.example', '--listen', '127.0.0.1:53'], { cwd })).stdout
        .split('\n')
        .filter((line) => line.includes(' /etc/'))
    expect(await heads('bind')).toEqual([
      '// /etc/bind/named.conf.options: keep what you have added to yours',
      '// /etc/bind/named.conf.local: keep what you have added to yours',
    ])
    expect(await heads('pdns-recursor')).toEqual([
      '# /etc/powerdns/recursor.d/asnzone.yml: PowerDNS Recursor 5.2 and newer, as in Debian 13',
      '# /etc/powerdns/recursor.d/asnzone.conf: PowerDNS Recursor before 5.2, as in Debian 12',
      '-- /etc/powerdns/recursor.lua: PowerDNS Recursor before 5.2, to be added',
    ])
  })

  test.each([
    [['--listen', 'none'], /^asnzone: listen is none: a resolver has nobody to ask\n$/],
    [['/etc/x'], /^asnzone: init unbound prints its lines; write > \/etc\/x\n$/],
  ])('%j is refused', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['init', 'unbound', ...args], { cwd: temporaryFolder() })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(message)
  })
})
