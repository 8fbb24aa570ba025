// asnzone policy import --env: the settings of geoip-policyd as a config, from files.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

const ENV = '# as it was\nGEOIPPOLICYD_MAX_IPS="5"\nGEOIPPOLICYD_GEOIP_PATH=/usr/share/GeoIP/x.mmdb\n'
const CUSTOM = '{"data":[{"comment":"","sender":"a@x","ips":0,"countries":4,"trusted_countries":null}]}'

const importing = (cwd: string, ...args: string[]) => runCli(['policy', 'import', ...args], { cwd })

test('prints a config that loads, with a comment for what is lost', async () => {
  const cwd = temporaryFolder({ env: ENV, 'custom.json': CUSTOM })
  const { code, stdout, stderr } = await importing(cwd, '--env', 'env', '--custom', 'custom.json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^# The settings of geoip-policyd from env, for asnzone\.yaml\.\n/)
  expect(stdout).toMatch(/^# GEOIPPOLICYD_GEOIP_PATH: asnzone has data of its own/m)
  const file = join(cwd, 'asnzone.yaml')
  writeFileSync(file, stdout)
  const { policy } = loadSettings({ configFile: file })
  expect(policy.rules.limits.ips).toBe(5)
  expect(policy.users).toBe(join(cwd, 'custom.json'))
})

test('a line that is no variable is a comment with its number, and those after it count', async () => {
  const env =
    'GEOIPPOLICYD_MAX_IPS=5\nGEOIPPOLICYD_REDIS_PASSWORD="secret\n\u001b[2J\nGEOIPPOLICYD_MAX_COUNTRIES=4\n'
  const { code, stdout } = await importing(temporaryFolder({ env }), '--env', 'env')
  expect(code).toBe(0)
  expect(stdout).toContain(
    '# env:2: GEOIPPOLICYD_REDIS_PASSWORD: a quote is not closed; the line is left out\n',
  )
  expect(stdout).toContain('# env:3: a line has to be NAME=VALUE or a comment; the line is left out\n')
  expect(stdout).toMatch(/countries: 4\n {4}ips: 5/)
  expect(stdout).not.toContain('secret')
  expect(stdout).not.toContain('\u001b')
})

test('records that count twice are warned of', async () => {
  const twice = '{"data":[{"sender":"a@x"},\n{"sender":"A@x"}]}'
  const cwd = temporaryFolder({ env: '', 'custom.json': twice })
  const { code, stderr } = await importing(cwd, '--env', 'env', '--custom', 'custom.json')
  expect(stderr).toMatch(/custom\.json:2: a@x has a record already, which counts: .*custom\.json:1\n$/)
  expect(code).toBe(0)
})

test.each([
  [[], /^asnzone: import: name one of --redis, --sqlite and --env$/],
  [['--env', 'env', '--redis', 'redis://x'], /name one of --redis, --sqlite and --env$/],
  [['--custom', 'custom.json', '--sqlite', 'x'], /^asnzone: import: --custom goes with --env$/],
  [['--env', 'nothing'], /^asnzone: nothing: /],
  [['--env', 'wrong'], /^asnzone: wrong:1: a line has to be NAME=VALUE or a comment$/],
  [['--env', 'env', '--custom', 'wrong.json'], /wrong\.json:2: record 2: ips: /],
])('%j ends with 1', async (args, message) => {
  const wrong = '{"data":[{"sender":"a@x"},\n{"sender":"b@x","ips":"5"}]}'
  const cwd = temporaryFolder({ env: ENV, wrong: 'x', 'custom.json': CUSTOM, 'wrong.json': wrong })
  const { code, stdout, stderr } = await importing(cwd, ...args)
  expect(stderr.trim()).toMatch(message)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})
