// asnzone init: a config for each mail server, which is right, and names what the resolver has to send.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { settingValue } from '../../src/config/setting-values.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { MAIL_SERVERS, mailServerNames, starterConfig } from '../../src/config/starter.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

describe.each(mailServerNames)('%s', (name) => {
  test('init writes a config that check finds right', async () => {
    const cwd = temporaryFolder()
    const written = await runCli(['init', name], { cwd })
    expect(written).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'asnzone.yaml'), 'utf8')).toBe(starterConfig(name))
    expect(await runCli(['check', '--log-level', 'error'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  })

  test('what is behind a # is right, too', () => {
    const text = starterConfig(name).replace(/^# (?=[a-z-]+: \S+$)/gm, '')
    const folder = temporaryFolder({ 'asnzone.yaml': text })
    const settings = loadSettings({ configFile: `${folder}/asnzone.yaml` })
    expect(settings.queryLog.every).toBe(100)
    expect(settings.dataDir).toBe('/var/lib/asnzone')
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
    expect(disable).not.toContain('asnzone')
    for (const preset of MAIL_SERVERS[name].presets) expect(disable).not.toContain(preset)
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

test('the policy service of the config for Postfix is off, and right without its #', () => {
  const text = starterConfig('postfix')
  const policyOf = (yaml: string) => {
    const folder = temporaryFolder({ 'asnzone.yaml': yaml })
    return loadSettings({ configFile: `${folder}/asnzone.yaml` }).policy
  }
  expect(policyOf(text).listen).toEqual([])
  const { listen, rules } = policyOf(text.replace(/^# (?=policy:$| {2}[a-z]+: )/gm, ''))
  expect(listen).toMatchObject([{ host: '127.0.0.1', port: 4646 }])
  expect(rules.mode).toBe('monitor')
  const { limits } = policyOf('{}').rules
  expect(rules.limits).toEqual(limits)
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
    'Allowed choices are haraka, spamassassin, rspamd, postfix, exim, stalwart, fleet-builder, fleet-node, systemd',
  )
})
