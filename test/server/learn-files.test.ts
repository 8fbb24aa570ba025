// asnzone learn with files that can't be read, that were compressed, or that are of another program: the others are learned.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Outcome, outcomeOf, runCli } from '../support/programs.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const NOW = new Date(Date.now() - 60_000).toISOString()

const LINE = `${NOW} 8.8.8.8 spam\n`

const NO_SETTING = "asnzone: answers don't heed it: the config has no setting 'learn'\n"

let data: string

beforeEach(() => {
  data = compiledData()
})

const learn = (...args: string[]): Promise<Outcome> => runCli(['learn', '--data-dir', data, ...args])
const isWritten = (): boolean => existsSync(join(data, 'learned.csv'))

test('a file that is not there, one that can’t be read and a compressed one stop none of the others', async () => {
  const folder = temporaryFolder({ one: LINE, two: LINE.repeat(2) })
  const of = (name: string): string => join(folder, name)
  writeFileSync(of('log.gz'), gzipSync(LINE))
  const files = [of('one'), of('gone'), folder, of('log.gz'), of('two')]
  const { code, stdout, stderr } = await learn(...files)
  expect(stdout).toMatch(/^3 verdicts learned, 3 of spam and 0 of ham; 0 ignored\n\d+ keys; /)
  expect([code, stderr.split('\n')]).toEqual([
    1,
    [
      `asnzone: ${of('gone')}: there is no such file or directory`,
      `asnzone: ${folder}: it is a directory, where a file is expected`,
      `asnzone: ${of('log.gz')}: it is packed with gzip; unpack it: zcat FILE | asnzone learn …`,
      ...NO_SETTING.split('\n'),
    ],
  ])
  expect(isWritten()).toBe(true)
})

test('where none can be read that is all that is said', async () => {
  const packed = join(temporaryFolder(), 'log.gz')
  writeFileSync(packed, gzipSync(LINE))
  const { code, stdout, stderr } = await learn('/nowhere', packed)
  expect([code, stdout, stderr.split('\n').length]).toEqual([1, '', 3])
  expect(isWritten()).toBe(false)
  const checked = await learn('--check', packed)
  expect([checked.code, checked.stderr]).toEqual([1, expect.stringContaining('it is packed with gzip')])
})

test('a message that was moved stops none of the others', async () => {
  const mail = `Received: from x (x [8.8.8.8]) by mx; ${new Date().toUTCString()}\n\nHello.\n`
  const folder = temporaryFolder({ a: mail, b: 'Subject: a draft\n\n', c: mail })
  const files = ['a', 'moved', 'b', 'c'].map((name) => join(folder, name))
  const { code, stdout, stderr } = await learn('--format', 'message', '--verdict', 'spam', ...files)
  expect(stdout).toContain('2 verdicts learned, 2 of spam and 0 of ham; 1 ignored: 1 format\n')
  expect([code, stderr]).toEqual([
    1,
    `asnzone: ${files[1]}: there is no such file or directory\n${NO_SETTING}`,
  ])
  expect((await learn('--format', 'message', '--verdict', 'spam', files[2])).code).toBe(1)
})

test('where rows for answers can’t be written, what was learned is told and why not', async () => {
  mkdirSync(join(data, 'learned.csv'))
  const { code, stdout, stderr } = await learn(join(temporaryFolder({ log: LINE }), 'log'))
  expect([code, stdout]).toEqual([1, '1 verdict learned, 1 of spam and 0 of ham; 0 ignored\n'])
  expect(stderr).toBe(`asnzone: ${join(data, 'learned.csv')}: it is a directory, where a file is expected\n`)
})

test('standard input that was compressed', async () => {
  const child = spawn(process.execPath, [MAIN, 'learn', '--data-dir', data])
  child.stdin.on('error', () => {})
  child.stdin.end(gzipSync(LINE))
  const { code, stdout, stderr } = await outcomeOf(child)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('asnzone: standard input: it is packed with gzip; unpack it: zcat FILE | ')
})

test.each([
  ['GET / HTTP/1.1\n', 1, 'no line of it is of the format rspamd; name another FILE, or its --format'],
  [
    `Mär 01 00:15:00 mx rspamd[1]: <20c228>; task; rspamd_task_write_log: id: <a@b>, ip: 8.8.8.8, from: <a@b>, (default: T (reject): [16.00/15.00] [X(16.00){}]), len: 203, time: 1ms\n`,
    1,
    'no line of rspamd in it can be read; let journalctl write times with -o short-iso',
  ],
  [`${NOW} mx postfix/smtpd[1]: connect\n`, 0, 'its lines are of other programs, none of rspamd'],
  [`${NOW} mx rspamd[1]: <3aa6f1>; main; rspamd_main: listening\n`, 0, null],
  ['', 0, null],
])('a log with %j', async (text, code, said) => {
  const folder = temporaryFolder({ log: text })
  const outcome = await learn('--format', 'rspamd', join(folder, 'log'))
  expect(outcome.stdout).toMatch(/^0 verdicts learned/)
  const line = said === null ? '' : `asnzone: ${join(folder, 'log')}: ${said}\n`
  expect([outcome.code, outcome.stderr]).toEqual([code, `${line}${NO_SETTING}`])
})
