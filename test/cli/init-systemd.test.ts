// asnzone init systemd: units with the real path, which leave what others have written alone.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { initSystemd } from '../../src/cli/init-systemd.ts'
import { ownProgram, systemdFiles, WRITTEN } from '../../src/config/systemd-units.ts'
import { readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

const PROGRAM = ['/opt/node/bin/node', '/opt/asnzone/dist/cli/main.js']

afterEach(() => vi.restoreAllMocks())

/** Runs it without a word. */
function init(folder: string, program: readonly string[] = PROGRAM): void {
  vi.spyOn(console, 'log').mockReturnValue()
  initSystemd(folder, program)
}

test('each file is that of docs/, with the program that lies here', () => {
  const folder = temporaryFolder()
  init(folder)
  const service = readFileSync(join(folder, 'systemd/system/asnzone.service'), 'utf8')
  const started = '/opt/node/bin/node /opt/asnzone/dist/cli/main.js'
  expect(service).toContain(`\nExecStart=${started} serve --config /etc/asnzone/asnzone.yaml\n`)
  expect(service).toContain(`\nExecReload=${started} reload `)
  expect(service.replaceAll(started, '/usr/bin/asnzone')).toBe(WRITTEN + readDocument('docs/asnzone.service'))
  const rotation = readFileSync(join(folder, 'logrotate.d/asnzone'), 'utf8')
  expect(rotation).toContain(`runuser -u asnzone -- ${started} reopen`)
  expect(readFileSync(join(folder, 'sysusers.d/asnzone.conf'), 'utf8')).toContain('\nu asnzone - ')
  expect(readdirSync(join(folder, 'systemd/system')).sort()).toEqual([
    'asnzone-update.service',
    'asnzone-update.timer',
    'asnzone.service',
    'asnzone.socket',
  ])
})

test('no file of docs/ starts another program than the one that is replaced', () => {
  for (const { path, text } of systemdFiles(['/opt/x'])) {
    expect([path, text.match(/\/usr\/\S*asnzone\b(?!\.)/g)]).toEqual([path, null])
  }
})

test('written again it names the new place; what another has written stays, and then nothing is written', () => {
  const folder = temporaryFolder()
  init(folder)
  init(folder, ['/opt/newer/asnzone'])
  const unit = join(folder, 'systemd/system/asnzone.service')
  expect(readFileSync(unit, 'utf8')).toContain('ExecStart=/opt/newer/asnzone serve ')

  const timer = join(folder, 'systemd/system/asnzone-update.timer')
  writeFileSync(timer, '[Timer]\nOnCalendar=hourly\n')
  expect(() => init(folder)).toThrow(
    `${timer}: it exists already, and asnzone has not written it; move it, or name another directory`,
  )
  expect(readFileSync(timer, 'utf8')).toBe('[Timer]\nOnCalendar=hourly\n')
  expect(readFileSync(unit, 'utf8')).toContain('ExecStart=/opt/newer/asnzone serve ')
})

describe('a program that the unit could not start is refused', () => {
  test.each([
    ['/root/asnzone/dist/cli/main.js', 'is in /root/, which the unit keeps from the service; move it'],
    ['/home/me/.nvm/versions/node/v24/bin/node', 'is in /home/, which the unit keeps'],
    ['/tmp/asnzone/main.js', 'is in /tmp/, which the unit keeps'],
    ['/opt/my programs/main.js', 'has a character that a unit would need quoted'],
    ['/opt/100%/main.js', 'has a character that a unit would need quoted'],
  ])('%s', (path, words) => {
    const folder = temporaryFolder()
    expect(() => init(folder, ['/usr/bin/node', path])).toThrow(`${path} ${words}`)
    expect(readdirSync(folder)).toEqual([])
  })
})

test('the command writes them below the folder that is named', async () => {
  const folder = temporaryFolder()
  const { code, stderr, stdout } = await runCli(['init', 'systemd', folder])
  // Where the tests run from a home, as on some hosts for CI, it can only say so.
  if (ownProgram().some((path) => /^\/(home|root|tmp|var\/tmp)\//.test(path))) {
    expect([code, stderr]).toEqual([1, expect.stringContaining('which the unit keeps from the service')])
    return
  }
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`They start ${ownProgram().join(' ')}. Then:\n  systemd-sysusers\n`)
  expect(existsSync(join(folder, 'systemd/system/asnzone.service'))).toBe(true)
})
