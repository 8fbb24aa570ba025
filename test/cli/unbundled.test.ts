// What the compiler writes runs without the bundle, as distributions would package it: with no more installed than what
// stands in `dependencies`.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { tryOut } from '../support/installed.ts'
import { startRegistry } from '../support/npm-registry.ts'

const run = promisify(execFile)

let folder: string
let main: string

beforeAll(async () => {
  folder = temporaryFolder()
  main = join(folder, 'dist/cli/main.js')
  for (const name of ['package.json', '.npmrc']) copyFileSync(projectPath(name), join(folder, name))
  // Packed anew, a package has another checksum.
  const lock = readFileSync(projectPath('package-lock.json'), 'utf8').replace(/^ *"integrity": .*\n/gm, '')
  writeFileSync(join(folder, 'package-lock.json'), lock)
  for (const name of ['data', 'web', 'zones']) symlinkSync(projectPath(name), join(folder, name))
  const registry = await startRegistry(join(folder, 'cache'))
  try {
    const install = ['ci', '--omit=dev', '--ignore-scripts', ...registry.npmOptions]
    await run('npm', install, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } })
  } finally {
    await registry.close()
  }
  const compiler = projectPath('node_modules/typescript/bin/tsc')
  const compile = ['-p', projectPath('tsconfig.build.json'), '--outDir', join(folder, 'dist')]
  await run(process.execPath, [compiler, ...compile])
}, 240_000)

test('nothing is bundled, and no development tool is installed', () => {
  expect(readFileSync(main, 'utf8')).not.toContain('chunks')
  expect(existsSync(join(folder, 'dist/chunks'))).toBe(false)
  expect(existsSync(join(folder, 'node_modules/hono/package.json'))).toBe(true)
  for (const tool of ['typescript', 'vitest', 'rolldown'])
    expect(existsSync(join(folder, 'node_modules', tool)), tool).toBe(false)
})

test('it answers, and can be probed', async () => {
  expect(await tryOut([process.execPath, main], folder)).toEqual({
    udp: 'mmsg',
    answer: '"15169 | Google LLC | US | -- | 0"\n',
    probe: expect.stringMatching(/^ok: /),
    code: 0,
  })
}, 120_000)

/** Each loads packages that `serve` doesn't. */
test.each([
  ['the statistics as CSV', ['stats', '--csv'], 1, /no statistics|stats/],
  ['zones', ['zones'], 0, /geo\.asnzone\.internal/],
  ['a bad config', ['check', '--config', 'none.yaml'], 1, /none\.yaml/],
])('%s', async (_, args, code, said) => {
  const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }
  const outcome = await run(process.execPath, [main, ...args], options).catch((error) => error)
  expect(outcome.code ?? 0).toBe(code)
  expect(outcome.stdout + outcome.stderr).toMatch(said)
  expect(outcome.stderr).not.toMatch(/ERR_MODULE_NOT_FOUND/)
})
