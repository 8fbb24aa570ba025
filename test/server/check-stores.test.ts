// Databases in the data directory that can't be used: check says of them what serve says, and changes nothing.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { runCli, startServer } from '../support/programs.ts'

let folder: string
let data: string

beforeEach(() => {
  folder = temporaryFolder({
    'asnzone.yaml': `feed: none
stats: true
learn: {}
policy: { listen: 127.0.0.1:0 }
sources: [{ what: asn, format: ip-location-db, from: one.csv }]
`,
    'one.csv': '8.8.8.0,8.8.8.255,15169,Google\n',
  })
  data = join(folder, 'data')
  mkdirSync(data)
})

const options = () => ({ cwd: folder, env: { ASNZONE_DATA_DIR: data } })
const check = () => runCli(['check', '--listen', '127.0.0.1:0'], options())

/** The databases, and what is in them. */
const databases = () =>
  readdirSync(data)
    .filter((name) => name.includes('.sqlite'))
    .map((name) => [name, readFileSync(join(data, name), 'latin1')])

test('damaged ones are warned of in the words of serve, which goes on without', async () => {
  for (const name of ['policy', 'stats', 'learned']) {
    writeFileSync(join(data, `${name}.sqlite`), 'no database, but a text '.repeat(300))
  }
  const before = databases()
  const { code, stderr } = await check()
  expect(code).toBe(0)
  const warnings = stderr.trim().split('\n')
  expect(warnings).toEqual([
    `asnzone: policy: ${data}/policy.sqlite: file is not a database; until it is back, requests that it does not judge pass`,
    `asnzone: statistics are not written: ${data}/stats.sqlite: file is not a database`,
    `asnzone: what was learned last is not in the answers: ${data}/learned.sqlite: file is not a database; move it away: what was learned begins anew`,
  ])
  expect(databases()).toEqual(before)
  const server = await startServer(['--listen', '127.0.0.1:0'], options())
  await server.stop()
  const said = server.log.flatMap(({ level, msg }) => (level === 50 ? [`asnzone: ${msg}`] : []))
  expect(said).toEqual(expect.arrayContaining(warnings.slice(0, 2)))
})

test('a policy.sqlite of another program is refused by both, in the same words', async () => {
  execFileSync('sqlite3', [join(data, 'policy.sqlite'), 'CREATE TABLE songs (title)'])
  const before = databases()
  const { code, stderr } = await check()
  expect(stderr).toContain(`${data}/policy.sqlite: this database is not a policy.sqlite`)
  expect(code).toBe(1)
  expect(databases()).toEqual(before)
  const serve = await runCli(['serve', '--log-format', 'json', '--listen', '127.0.0.1:0'], options())
  expect([serve.code, serve.stderr.split('\n').filter((line) => !line.startsWith('{'))]).toEqual([
    1,
    stderr.split('\n'),
  ])
})

/** Has sqlite3 lock databases until it is told to end. */
async function lockAll(files: readonly string[]): Promise<() => Promise<unknown>> {
  const locking = files.map(async (file) => {
    const child = spawn('sqlite3', [file], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.write("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; SELECT 'locked';\n")
    for (let said = ''; !said.includes('locked'); ) said += String((await once(child.stdout, 'data'))[0])
    return () => {
      child.stdin.end()
      return once(child, 'close')
    }
  })
  const ends = await Promise.all(locking)
  return () => Promise.all(ends.map((end) => end()))
}

test('those that another process has locked are warned of in the words of serve', async () => {
  const server = await startServer(['--listen', '127.0.0.1:0'], options())
  await server.stop()
  const files = ['policy', 'stats', 'learned'].map((name) => join(data, `${name}.sqlite`))
  for (const file of files.slice(1)) execFileSync('sqlite3', [file, 'CREATE TABLE IF NOT EXISTS probe (it)'])
  const before = databases()
  const unlock = await lockAll(files)
  try {
    const { code, stdout, stderr } = await check()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok: /)])
    const warnings = stderr.trim().split('\n')
    expect(warnings).toEqual([
      expect.stringMatching(
        /^asnzone: policy: \S+policy\.sqlite: another process has it open, and only one .* pass$/,
      ),
      `asnzone: statistics are not written: ${data}/stats.sqlite: database is locked`,
      `asnzone: what was learned last is not in the answers: ${data}/learned.sqlite: database is locked`,
    ])
    const other = await startServer(['--listen', '127.0.0.1:0'], options())
    await other.stop()
    const said = other.log.flatMap(({ level, msg }) => (level === 50 ? [`asnzone: ${msg}`] : []))
    expect(said).toEqual(expect.arrayContaining(warnings.slice(0, 1)))
  } finally {
    await unlock()
  }
  expect(await check()).toMatchObject({ code: 0, stderr: '' })
  expect(databases().map(([name]) => name)).toEqual(before.map(([name]) => name))
})

test('those of a server that runs are left to it', async () => {
  const server = await startServer(['--listen', '127.0.0.1:0'], options())
  try {
    expect(await check()).toMatchObject({ code: 0, stderr: '' })
  } finally {
    await server.stop()
  }
  expect(await check()).toMatchObject({ code: 0, stderr: '' })
})
