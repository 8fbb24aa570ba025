// asnzone learn with logs of mail filters, with a message, and with a log that it follows until it is told to end.

import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const NOW = new Date(Date.now() - 60_000).toISOString()

const RSPAMD = (ip: string, score: string) =>
  `${NOW} mx rspamd[1]: <20c228>; task; rspamd_task_write_log: id: <a@b>, ip: ${ip}, from: <a@b>, (default: T (reject): [${score}/15.00] [BAYES_SPAM(${score}){}]), len: 203, time: 1ms\n`

test('the log of rspamd, that of amavis, and a message', async () => {
  const dataDir = compiledData()
  const folder = temporaryFolder({
    rspamd: RSPAMD('8.8.8.8', '16.00').repeat(3) + RSPAMD('10.0.0.1', '16.00'),
    amavis: `${NOW} mx amavis[1]: (1-1) Passed CLEAN {RelayedInbound}, [8.8.4.4]:1 <a@b> -> <c@d>, Hits: 0.1, 3 ms\n`,
    mail: `Received: from x (x [8.8.8.8]) by mx; ${new Date().toUTCString()}\n\nHello.\n`,
  })
  const learn = (...args: string[]) => runCli(['learn', '--data-dir', dataDir, ...args])
  const { stdout } = await learn('--format', 'rspamd', `${folder}/rspamd`)
  expect(stdout).toContain('3 verdicts learned, 3 of spam and 0 of ham; 1 ignored: 1 private')
  expect((await learn('--format', 'amavis', `${folder}/amavis`)).stdout).toContain('0 of spam and 1 of ham')
  const before = (await learn('--explain', '8.8.8.8')).stdout
  await learn('--format', 'message', '--verdict', 'ham', `${folder}/mail`)
  const after = (await learn('--explain', '8.8.8.8')).stdout
  const hams = (text: string) => Number(/ all .* ([\d.]+) ham/.exec(text)?.[1])
  expect(hams(before)).toBe(1)
  expect(hams(after)).toBeGreaterThan(2)
})

test.each([
  [['--format', 'message', 'mail'], '--format message needs --verdict spam or --verdict ham'],
  [['--verdict', 'spam', 'log'], '--verdict goes with --format message'],
  [['--follow'], '--follow takes one FILE'],
  [['--follow', '--explain', '8.8.8.8'], '--follow goes with logs to learn from'],
  [['--check', 'x', '--format', 'message'], '--format message is for learning'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await runCli(['learn', '--data-dir', compiledData(), ...args])
  expect(stderr).toContain(message)
  expect(code).toBe(1)
})

test('a log is followed until SIGTERM', async () => {
  const log = join(temporaryFolder({ log: RSPAMD('8.8.8.8', '16.00') }), 'log')
  const args = ['learn', '--data-dir', compiledData(), '--format', 'rspamd', '--follow', log]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    let stderr = ''
    await new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`ended: ${stderr}`)))
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
        if (stderr.includes('following ')) resolve()
      })
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    appendFileSync(log, RSPAMD('8.8.4.4', '17.00'))
    // What it has read before it is told to end is learned.
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(stdout).toContain('1 verdict learned, 1 of spam')
  } finally {
    child.kill('SIGKILL')
  }
})
