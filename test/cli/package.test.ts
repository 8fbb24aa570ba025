// The package as npm would publish it: what is in it, and that it runs where it is installed.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'

const run = promisify(execFile)

/** The program, and what its threads are started from. */
const ENTRIES = [
  'dist/cli/main.js',
  'dist/data/compile/compile-process.js',
  'dist/http/http-thread.js',
  'dist/server/mmsg/worker.js',
  'dist/server/query-log/writer.js',
  'dist/stats/stats-thread.js',
]

let prefix: string
let files: readonly string[]
let serving: ChildProcess | undefined

/** Runs without a config and with a data directory of its own. */
const options = () => ({ cwd: prefix, env: { PATH: process.env.PATH, HOME: prefix } })

beforeAll(async () => {
  prefix = temporaryFolder()
  // dist/ is built, and other tests run from it: prepack would build it anew.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', prefix], {
    cwd: projectPath('.'),
    maxBuffer: 1 << 24,
  })
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  files = packed.files.map(({ path }) => path)
  const install = ['install', '--global', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix]
  await run('npm', [...install, join(prefix, packed.filename)], { cwd: prefix })
}, 240_000)

afterAll(async () => {
  if (serving === undefined || serving.exitCode !== null) return
  serving.kill('SIGKILL')
  await once(serving, 'close')
})

test('it holds what is run and what is read, and nothing else', () => {
  const folders = new Set(files.map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path)))
  const { files: named } = JSON.parse(readFileSync(projectPath('package.json'), 'utf8')) as {
    files: string[]
  }
  const asked = new Set(named.map((name) => name.replace(/\/.*/, '')))
  expect([...folders].sort()).toEqual([...asked, 'LICENSE', 'README.md', 'package.json'].sort())
  expect(files).toEqual(expect.arrayContaining([...ENTRIES, 'docs/asnzone.service', 'zones/rspamd.yaml']))
  expect(files.filter((path) => /\.ts$|\.map$|\.test\./.test(path))).toEqual([])
})

test('its modules are bundled, with the licences of the packages that are in there', () => {
  const modules = files.filter((path) => path.startsWith('dist/') && path.endsWith('.js'))
  expect(modules.filter((path) => !path.startsWith('dist/chunks/')).sort()).toEqual(ENTRIES)
  const licences = readFileSync(projectPath('dist/licences.txt'), 'utf8')
  for (const name of ['commander', 'hono', 'pino', 'yaml', 'zod']) {
    expect(licences).toMatch(
      new RegExp(`^${name} [\\d.]+, (MIT|ISC)\n\n.*\\b(licen[cs]e|copyright)\\b`, 'im'),
    )
  }
})

test('installed globally it answers, and can be probed', async () => {
  const program = join(prefix, 'bin/asnzone')
  const { stdout: version } = await run(program, ['--version'], options())
  expect(version).toBe(`${JSON.parse(readFileSync(projectPath('package.json'), 'utf8')).version}\n`)
  serving = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--log-format', 'json'], {
    ...options(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines = createInterface({ input: serving.stderr as NodeJS.ReadableStream })
  let address = ''
  for await (const line of lines) {
    const { listen, udp } = JSON.parse(line) as { listen?: string[]; udp?: string }
    if (listen === undefined) continue
    address = listen[0]
    expect(udp).toBe('mmsg')
    break
  }
  const { stdout } = await run(
    program,
    ['query', '8.8.8.8.geo.asnzone.internal', '--server', address],
    options(),
  )
  expect(stdout).toBe('"15169 | Google LLC | US | -- | 0"\n')
  const probed = await run(program, ['probe', '--listen', address], options())
  expect(probed.stdout).toMatch(/^ok: /)
  serving.kill('SIGTERM')
  const [code] = (await once(serving, 'close')) as [number | null]
  expect(code).toBe(0)
}, 120_000)

test('it knows its presets, and a preset that was changed is read as it is', async () => {
  const bundled = files
    .filter((path) => path.startsWith('dist/chunks/'))
    .map((path) => readFileSync(projectPath(path), 'utf8'))
    .join('\n')
  for (const name of readdirSync(projectPath('zones'))) {
    const [comment] = readFileSync(projectPath(`zones/${name}`), 'utf8').split('\n')
    expect(bundled, name).toContain(comment)
  }
  const preset = join(prefix, 'lib/node_modules/asnzone/zones/asnzone.yaml')
  const text = readFileSync(preset, 'utf8')
  writeFileSync(preset, text.replace('{asn} | {name}', 'AS {asn} | {name}'))
  try {
    const { stdout } = await run(join(prefix, 'bin/asnzone'), ['zones'], options())
    expect(stdout).toContain('"AS 15169 | Google LLC')
  } finally {
    writeFileSync(preset, text)
  }
}, 60_000)

test('its manual pages are where man looks for them', () => {
  for (const page of ['man1/asnzone.1', 'man5/asnzone.yaml.5']) {
    expect(existsSync(join(prefix, 'share/man', page)), page).toBe(true)
  }
})
