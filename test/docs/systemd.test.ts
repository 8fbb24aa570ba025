// The units in docs/ by systemd's own tools, and what docs/systemd.md says of them.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { readDocument } from './markdown.ts'

const UNITS = ['asnzone.service', 'asnzone.socket', 'asnzone-update.service', 'asnzone-update.timer'] as const

/** .ci/run sets it: a program that is missing is a failure there. */
const isMissing = !process.env.REQUIRE_PROGRAMS && !existsSync('/usr/bin/systemd-analyze')

/** The units in a folder, with a program that is there in place of an installed asnzone. */
function unitFolder(): string {
  const folder = temporaryFolder({ asnzone: '#!/bin/sh\n' })
  chmodSync(join(folder, 'asnzone'), 0o755)
  for (const unit of UNITS) {
    const text = readDocument(`docs/${unit}`).replaceAll('/usr/bin/asnzone', join(folder, 'asnzone'))
    writeFileSync(join(folder, unit), text)
  }
  return folder
}

/** What it prints, warnings included, but for those of units that others have installed on this host. */
function analyze(...args: string[]): string {
  const { stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return (stdout + stderr).replaceAll(/^(\/usr)?\/lib\/systemd\/.*\n/gm, '')
}

describe.skipIf(isMissing)('systemd-analyze', () => {
  test.each(UNITS)('finds nothing wrong with %s', (unit) => {
    expect(analyze('verify', '--man=no', join(unitFolder(), unit))).toBe('')
  })

  test('finds what is wrong', () => {
    const folder = unitFolder()
    const unit = join(folder, 'asnzone.service')
    writeFileSync(unit, readFileSync(unit, 'utf8').replace('Type=notify', 'Typ=notify'))
    expect(analyze('verify', '--man=no', unit)).toMatch(/Unknown key.* 'Typ'/)
  })

  test.each(['asnzone.service', 'asnzone-update.service'])(
    'the exposure of %s is what the manual says',
    (unit) => {
      const report = analyze('security', '--offline=true', '--no-pager', join(unitFolder(), unit))
      const exposure = Number(/exposure level for \S+ (\d+\.\d)/.exec(report)?.[1])
      const manual = readDocument('docs/systemd.md')
      const told = Number(new RegExp(`\\| \`${unit}\` \\| (\\d+\\.\\d) \\|`).exec(manual)?.[1])
      // Each version of systemd has its own list of what to judge.
      const isToldOf = analyze('--version').startsWith('systemd 252 ')
      if (isToldOf) expect(exposure).toBe(told)
      else expect(exposure).toBeLessThan(2.5)
    },
  )
})

test('a reload asks the server that the unit starts, by the same config, and hears what became of it', () => {
  const unit = readDocument('docs/asnzone.service')
  const [, program, config] = /^ExecStart=(\S+) serve (--config \S+)$/m.exec(unit) ?? []
  expect(unit).toContain(`\nExecReload=${program} reload ${config}\n`)
  // With notify-reload systemd sends a signal, and can't see what is wrong.
  expect(unit).toMatch(/^Type=notify$/m)
  const limit = /^TimeoutStartSec=(\d+)min$/m.exec(unit)?.[1]
  expect(readDocument('docs/systemd.md')).toContain(`\`TimeoutStartSec\`, ${limit} minutes`)
})

test('server and update share what keeps them apart from the rest of the host', () => {
  const hardening = (unit: string): string[] =>
    readDocument(`docs/${unit}`).match(
      /^(?:Private|Protect|Restrict|SystemCall|Lock|Remove|Proc|NoNew|State|User).*$/gm,
    ) ?? []
  expect(hardening('asnzone-update.service').sort()).toEqual(hardening('asnzone.service').sort())
  expect(hardening('asnzone.service').length).toBeGreaterThan(20)
})

test('logs.md shows the folder that the unit makes and logrotate rotates', () => {
  expect(readDocument('docs/asnzone.service')).toContain('LogsDirectory=asnzone\n')
  expect(readDocument('docs/asnzone.logrotate')).toContain('/var/log/asnzone/*.log {')
  expect(readDocument('docs/logs.md')).toContain('query-log: /var/log/asnzone/')
})

test.each(['asnzone.service', 'asnzone-update.service'])(
  '%s goes on when the process that compiles is killed because memory is short',
  (unit) => {
    expect(readDocument(`docs/${unit}`)).toMatch(/^OOMPolicy=continue$/m)
    expect(readDocument('docs/systemd.md')).toContain('`OOMPolicy=continue`')
  },
)
