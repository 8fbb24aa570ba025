// The log as people read it: what a line says at the levels that are set unless told otherwise.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger } from '../../src/app/log.ts'
import { mainCalls } from '../../src/app/policy.ts'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'

/** The lines that are written, without their times. */
function linesOf(
  format: 'pretty' | 'json',
  say: (log: ReturnType<typeof createLogger>['log']) => void,
): string[] {
  const file = join(temporaryFolder(), 'log')
  const { log, open } = createLogger({ log: { file, level: 'info', format } }, file)
  open()
  say(log)
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\S+ (?=INFO)|"time":"[^"]*",/, ''))
}

test('who was refused by the policy service, from where and why, is told without debug', () => {
  const fields = { user: 'anna', address: '77.88.8.8', rule: 'countries', action: 'REJECT' }
  const refuse = (log: ReturnType<typeof createLogger>['log']): void =>
    mainCalls(() => loadSettings({}), log).log([{ level: 'info', message: 'policy', fields }])
  expect(linesOf('pretty', refuse)).toEqual([`INFO: policy ${JSON.stringify(fields)}`])
  expect(linesOf('json', refuse).map((line) => JSON.parse(line))).toEqual([
    { level: 30, ...fields, msg: 'policy' },
  ])
})

test('of other lines the fields are details', () => {
  const say = (log: ReturnType<typeof createLogger>['log']): void => {
    mainCalls(() => loadSettings({}), log).log([
      { level: 'info', message: 'policy', fields: { user: 'anna' } },
    ])
    log.info({ ms: 3 }, 'new data in service')
    log.info('stopped')
  }
  expect(linesOf('pretty', say)).toEqual([
    'INFO: policy {"user":"anna"}',
    'INFO: new data in service',
    'INFO: stopped',
  ])
})
