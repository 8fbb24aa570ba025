// A config that was broken after the server had read it: what a running server is asked and told works all the same.

import { spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatListenAddress } from '../../src/system/listen-address.ts'
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

/** A folder with a config that says something else than what is running. */
const placeWith = (config: string): { readonly cwd: string; readonly env: Record<string, string> } => ({
  cwd: temporaryFolder({ 'asnzone.yaml': config }),
  env: { ASNZONE_DATA_DIR: '' },
})

test('a name that is nearly that of what is needed is no setting that isn’t needed', async () => {
  const place = placeWith(`data-dri: ${join(folder, 'data')}\n`)
  expect(await runCli(['status'], place)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: "asnzone: asnzone.yaml:1: no such setting as 'data-dri'; did you mean 'data-dir'?\n",
  })
})

test.each([
  // The bundled data are old by the default, and whether they are too old nobody knows.
  ['max-age: 12', [], 2],
  ['max-age: 12', ['--max-age', '1000w'], 0],
  ['max-age: 12', ['--max-age', '1d'], 3],
  ['snapshot: { from: 5 }', ['--max-age', '1000w'], 0],
  ['snapshot: { from: 5 }', ['--max-age', '1d'], 3],
])('%s does not hide a server that runs: status %j', async (line, args, expected) => {
  const place = placeWith(`data-dir: ${join(folder, 'data')}\n${line}\n`)
  const { code, stdout, stderr } = await runCli(['status', ...args], place)
  expect(stderr).toMatch(/^asnzone: asnzone\.yaml:2: (max-age|snapshot\.from): [^\n]+\n$/)
  expect([code, stdout]).toEqual([expected, expect.stringContaining('server   asnzone ')])
})

test('max-age counts as it is given, beside a config that can’t be read, too', async () => {
  const place = placeWith('domain: [\n')
  const data = join(folder, 'data')
  for (const [args, env, expected] of [
    [['--max-age', '1000w'], {}, 0],
    [['--max-age', '1d'], {}, 3],
    [[], { ASNZONE_MAX_AGE: '1d' }, 3],
    [[], { ASNZONE_MAX_AGE: '1000w' }, 0],
    [[], {}, 2],
  ] as const) {
    const outcome = await runCli(['status', '--data-dir', data, ...args], {
      ...place,
      env: { ...place.env, ...env },
    })
    expect([outcome.code, outcome.stdout]).toEqual([expected, expect.stringContaining('server   asnzone ')])
  }
  const mistyped = await runCli(['status', '--data-dir', data, '--max-age', '7'], place)
  expect(mistyped).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--max-age: ') })
})

test('a query that is told the domain, or had no reply, is none of the config', async () => {
  const place = placeWith('domain: [\n')
  const to = formatListenAddress(server.addresses[0])
  const ask = ['query', '--json', '8.8.8.8', '--domain', 'asnzone.internal', '--server', to]
  expect(await runCli(ask, place)).toMatchObject({ code: 0, stdout: expect.stringContaining('"asn": 15169') })
  expect(await runCli(['query', '8.8.8.8', '--server', '127.0.0.1:1'], place)).toMatchObject({ code: 9 })
})

test('what is named on the command line needs no config', async () => {
  const place = placeWith('domain: [\n')
  const data = join(folder, 'data')
  const status = ['status', '--max-age', '1000w']
  for (const [args, expected, env] of [
    [['reopen', '--data-dir', data], 'the logs are reopened\n', place.env],
    [['reopen'], 'the logs are reopened\n', { ASNZONE_DATA_DIR: data }],
    [[...status, '--data-dir', data], 'server   asnzone ', place.env],
  ] as const) {
    const { code, stdout, stderr } = await runCli(args, { ...place, env })
    expect(stderr).toMatch(/^asnzone: asnzone\.yaml:\d: [^\n]+\n$/)
    expect([code, stdout]).toEqual([0, expect.stringContaining(expected)])
  }
})

test('without a server half a config decides nothing, and nothing is written', async () => {
  const data = temporaryFolder()
  const place = placeWith(`data-dir: ${data}\npolcy: { store: "redis://127.0.0.1:1/0" }\n`)
  for (const args of [['list'], ['forget', 'anna'], ['unblock', 'anna'], ['check', 'anna', '8.8.8.8']]) {
    const { code, stdout, stderr } = await runCli(['policy', ...args], place)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(COMPLAINT)])
  }
  expect(readdirSync(data)).toEqual([])
})
