// The package as npm would publish it: what is in it, and that it runs where it is installed.

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { tryOut } from '../support/installed.ts'
import { startRegistry } from '../support/npm-registry.ts'

const run = promisify(execFile)

/** The program, and what its threads are started from. */
const ENTRIES = [
  'dist/cli/main.js',
  'dist/data/compile/compile-process.js',
  'dist/http/http-thread.js',
  'dist/learn/bake-thread.js',
  'dist/policy-server/policy-thread.js',
  'dist/policy-server/telling/telling-thread.js',
  'dist/server/mmsg/worker.js',
  'dist/server/query-log/writer.js',
  'dist/stats/stats-thread.js',
  'dist/whois/whois-thread.js',
]

/** What npm tells of a package that it has packed. */
interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
  /** Octets. */
  readonly size: number
  readonly unpackedSize: number
}

let prefix: string
let size: number
let unpackedSize: number
let files: readonly string[]

/** Runs without a config and with a data directory of its own. */
const options = () => ({ cwd: prefix, env: { PATH: process.env.PATH, HOME: prefix } })

beforeAll(async () => {
  prefix = temporaryFolder()
  // dist/ is built, and other tests run from it: prepack would build it anew.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', prefix], {
    cwd: projectPath('.'),
    maxBuffer: 1 << 24,
  })
  const [packed] = JSON.parse(stdout) as Packed[]
  size = packed.size
  unpackedSize = packed.unpackedSize
  files = packed.files.map(({ path }) => path)
  const registry = await startRegistry(join(prefix, 'cache'))
  try {
    const install = ['install', '--global', '--ignore-scripts', '--prefix', prefix, ...registry.npmOptions]
    await run('npm', [...install, join(prefix, packed.filename)], options())
  } finally {
    await registry.close()
  }
}, 240_000)

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

test('it is small', () => {
  expect(size).toBeLessThan(2.1e6)
  expect(unpackedSize).toBeLessThan(8.8e6)
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
  expect(await tryOut([program], prefix)).toEqual({
    udp: 'mmsg',
    answer: '"15169 | Google LLC | US | -- | 0"\n',
    probe: expect.stringMatching(/^ok: /),
    code: 0,
  })
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
