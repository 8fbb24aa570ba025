// asnzone learn: lines in, what is told of an address, what a kill loses, and what is said of wrong input.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readProduct } from '../../src/learn/product.ts'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { expectHarmless, HOSTILE_LINE } from '../support/hostile-text.ts'
import { type Outcome, runCli } from '../support/programs.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

let folder: string
let now: number
const children: ChildProcess[] = []

beforeEach(() => {
  folder = compiledData()
  now = Math.floor(Date.now() / 1000)
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const learn = (...args: string[]): Promise<Outcome> => runCli(['learn', '--data-dir', folder, ...args])

/** A file of these lines. */
function fileOf(lines: readonly string[]): string {
  const path = join(temporaryFolder(), 'verdicts')
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

/** Spam from Google, ham from RIPE, one of each every so many seconds, the newest first. */
const lines = (count: number, seconds = 1): string[] =>
  Array.from({ length: count }, (_, at) => [
    `${now - at * seconds} 8.8.8.${at % 250} spam`,
    `${now - at * seconds} 193.0.0.${at % 250} ham`,
  ]).flat()

/** How many verdicts the database has. */
function learned(): number {
  if (!existsSync(join(folder, 'learned.sqlite'))) return 0
  const database = new Database(join(folder, 'learned.sqlite'), { readonly: true })
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    return (database.prepare('SELECT coalesce(sum(count), 0) AS sum FROM REPORTER').get() as { sum: number })
      .sum
  } catch (error) {
    // It has no tables yet.
    if (/no such table/.test((error as Error).message)) return 0
    throw error
  } finally {
    database.close()
  }
}

/** A command that reads standard input, which stays open. */
function reading(): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'learn', '--data-dir', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

test('verdicts of a file are learned, explained and made into rows', async () => {
  const { code, stdout, stderr } = await learn(fileOf(lines(40)))
  expect([code, stderr]).toEqual([0, "asnzone: answers don't heed it: the config has no setting 'learn'\n"])
  expect(stdout).toMatch(
    /^80 verdicts learned, 40 of spam and 40 of ham; 0 ignored\n\d+ keys; \d+ rows for answers\n$/,
  )
  expect(
    readProduct(folder)?.find((row) => row.kind === 'as' && row.asn === 15169)?.decibels,
  ).toBeGreaterThan(3)
  const explained = await learn('--explain', '8.8.8.8')
  expect(explained.stdout).toMatch(/^8\.8\.8\.8\n {2}all +40\.0 spam +40\.0 ham +50\.0 % /)
  expect(explained.stdout).toMatch(
    /\n {2}8\.8\.8\.0\/24 +40\.0 spam +0\.0 ham .*\n {2}\+\d+\.\d dB: the answer is -\d+\n$/,
  )
  expect((await learn('--csv')).stdout).toMatch(
    /^subject,weight,note\n(.*\n)*AS15169,-\d+,"AS15169 \| 40 spam, 0 ham/,
  )
  expect((await learn('--rspamd-map')).stdout).toMatch(/^15169 \d+ # AS15169/m)
})

test('the CSV is a file of weights', async () => {
  await learn(fileOf(lines(40)))
  const weights = join(folder, 'learned-weights.csv')
  writeFileSync(weights, (await learn('--csv')).stdout)
  writeFileSync(join(folder, 'asnzone.yaml'), `score: { files: ['${weights}'] }\n`)
  const { code, stdout } = await runCli([
    'lookup',
    '--data-dir',
    folder,
    '--config',
    join(folder, 'asnzone.yaml'),
    '8.8.8.8',
  ])
  expect(code).toBe(0)
  expect(stdout).toMatch(/Score +-\d+ \|/)
})

test('wrong lines stop nothing, are counted by reason, and are no way to the terminal', async () => {
  const bad = [
    'nonsense',
    `${now} 10.0.0.1 spam`,
    `${now + 9999} 8.8.8.8 spam`,
    `${now} x${HOSTILE_LINE} spam`,
    '# remark',
    '',
  ]
  const { code, stdout } = await learn(fileOf([...bad, ...lines(1), `1000000000 8.8.8.8 ham`]))
  expect(code).toBe(0)
  expect(stdout).toContain('2 verdicts learned, 1 of spam and 1 of ham; ')
  for (const reason of ['1 private', '1 time-future', '1 time-old']) expect(stdout).toContain(reason)
  expectHarmless(stdout)
  const other = await learn(fileOf(['a log of another kind', 'as one sees']))
  expect([other.code, other.stdout.split('\n')[0]]).toEqual([
    1,
    '0 verdicts learned, 0 of spam and 0 of ham; 2 ignored: 2 format',
  ])
})

test('what came over a pipe is learned though the pipe stays open, and a kill loses nothing of it', async () => {
  const child = reading()
  child.stdin!.write(
    lines(10)
      .map((line) => `${line}\n`)
      .join(''),
  )
  await vi.waitFor(() => expect(learned()).toBe(20), { timeout: 60_000, interval: 50 })
  child.kill('SIGKILL')
  await once(child, 'close')
  expect((await learn('--explain', '8.8.8.8')).stdout).toMatch(/all +10\.0 spam +10\.0 ham/)
})

test('a kill in the midst of learning leaves whole batches, and the next one goes on', async () => {
  const child = reading()
  const text = lines(15_000)
    .map((line) => `${line}\n`)
    .join('')
  child.stdin!.on('error', () => {})
  child.stdin!.write(text)
  await vi.waitFor(() => expect(learned()).toBeGreaterThan(0), { timeout: 60_000, interval: 5 })
  child.kill('SIGKILL')
  await once(child, 'close')
  const before = learned()
  expect(before).toBeGreaterThan(0)
  const { code, stdout } = await learn(fileOf(lines(5)))
  expect([code, stdout.split(',')[0]]).toEqual([0, '10 verdicts learned'])
  expect(learned()).toBe(before + 10)
})

test('several commands at once lose nothing of each other', async () => {
  const outcomes = await Promise.all([1, 2, 3].map(() => learn(fileOf(lines(500)))))
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(learned()).toBe(3000)
})

test('--check judges the verdicts of a file, and those that were kept', async () => {
  const file = fileOf(lines(300, 3600))
  const { code, stdout } = await learn('--check', file)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^600 verdicts replayed/)
  expect(stdout).toMatch(/\n {2}AS +100\.0 +100\.0 +100\.0 +100\.0 +100\.0 +1\.000\n/)
  expect(stdout).toMatch(/\n {2}all +100\.0 .*\n\nNo ham reached 10 dB\.\n$/)
  expect(existsSync(join(folder, 'learned.csv'))).toBe(false)
  expect((await learn('--check')).stderr).toContain('no verdicts were kept')
  const config = join(folder, 'asnzone.yaml')
  writeFileSync(config, 'learn: { keep-verdicts: true }\n')
  const taught = await learn('--config', config, file)
  expect([taught.code, taught.stderr]).toEqual([0, ''])
  expect((await learn('--check')).stdout).toBe(stdout)

  writeFileSync(join(folder, 'all.yaml'), 'learn: { trusted: [8.8.8.0/24, 193.0.0.0/24] }\n')
  const none = await learn('--config', join(folder, 'all.yaml'), '--check', file)
  expect(none.stderr).toContain('all verdicts are of what learn.trusted and learn.exclude leave out')
  // What teaches nothing is no part of a replay.
  const other = join(folder, 'other.yaml')
  for (const left of ['trusted: [8.8.8.0/24]', 'exclude: [8.8.8.0/24]', 'exclude: [AS15169]']) {
    writeFileSync(other, `learn: { ${left} }\n`)
    for (const args of [['--check', file], ['--check']]) {
      const outcome = await learn('--config', other, ...args)
      expect(outcome.stdout, left).toMatch(/^300 verdicts replayed, [^\n]*: 0 spam and \d+ ham/)
    }
  }
})

describe('what is wrong is one line', () => {
  test.each([
    [['--explain', 'nobody'], "--explain: 'nobody' is no address, or nothing is known of it"],
    [['--explain', '8.8.8.8', '--csv'], '--explain, --check, --csv and --rspamd-map go one at a time'],
    [['--csv', 'file'], '--csv takes no FILE to learn from'],
    [['--from', '2026-11-01'], '--from and --until go with --check'],
    [['--check', '/dev/null', '--from', 'monday'], "--from: 'monday' is no time such as 2026-11-27"],
    [['--check', '/nowhere'], '/nowhere: there is no such file or directory'],
    [['/nowhere'], '/nowhere: there is no such file or directory'],
    [['--reporter', 'MX 1'], "--reporter: 'MX 1' is not a name of small letters"],
    [['--format', 'pdf'], "argument 'pdf' is invalid"],
  ])('%j', async (args, reason) => {
    const { code, stdout, stderr } = await learn(...args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(reason)
  })

  test('a damaged file, which stays as it is', async () => {
    const path = join(folder, 'learned.sqlite')
    writeFileSync(path, 'x'.repeat(8192))
    const { code, stderr } = await learn(fileOf(lines(1)))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^asnzone: .*learned\.sqlite: .*move it away.*\n$/)
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(8192))
  })
})
