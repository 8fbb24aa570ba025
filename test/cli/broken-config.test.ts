// A config that was broken after the server had read it: what a running server is asked and told works all the same.

import { spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js')

const COMPLAINT = /^asnzone: asnzone\.yaml:\d+: no such setting as 'polcy'; did you mean 'policy'\?\n/

const folder = temporaryFolder()
const options = { cwd: folder, env: { ASNZONE_DATA_DIR: join(folder, 'data') } }
let server: RunningServer

beforeAll(async () => {
  const config = join(folder, 'asnzone.yaml')
  writeFileSync(config, `policy: { listen: ["unix:${join(folder, 'policy.sock')}"] }\n`)
  server = await startServer(['--listen', '127.0.0.1:0'], options)
  appendFileSync(config, 'polcy: 1\n')
})
afterAll(() => server.stop())

test.each([
  [['status', '--max-age', '1000w'], 'server   asnzone '],
  [['reopen'], 'the logs are reopened'],
  [['policy', 'list'], ''],
])('%j tells of the mistake, and does its work', async (args, expected) => {
  const { code, stdout, stderr } = await runCli(args, options)
  expect(stderr).toMatch(COMPLAINT)
  expect([code, stdout]).toEqual([0, expect.stringContaining(expected)])
})

test.each([['check'], ['update'], ['serve'], ['lookup', '8.8.8.8']])(
  '%j goes by no half config',
  async (...args) => {
    const { code, stdout, stderr } = await runCli(args, options)
    expect(stderr).toMatch(COMPLAINT)
    expect([code, stdout]).toEqual([1, ''])
  },
)

test('a status that could not be told is no verdict', () => {
  // Without a server it ends with 1, and with data that is older than that with 3.
  const command = [process.execPath, MAIN, 'status', '--max-age', '1s']
  const { status, stderr } = spawnSync('sh', ['-c', 'exec "$@" > /dev/full', 'sh', ...command], {
    cwd: folder,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([1, expect.stringContaining('asnzone: standard output: ENOSPC')])
})
