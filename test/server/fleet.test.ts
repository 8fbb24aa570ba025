// A builder, a web server and two nodes, with the built asnzone: what docs/fleet.md tells.
//
// SNAPSHOT_KILLS says how often a node that takes a snapshot is killed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { FLEET_ROLES, fleetRoleNames } from '../../src/config/fleet-starter.ts'
import { loadSettings } from '../../src/config/load.ts'
import { pulledTable } from '../../src/data/snapshot/pulled.ts'
import { addressAttributes } from '../../src/table/attributes.ts'
import { codeBlocks, readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const KILLS = Number(process.env.SNAPSHOT_KILLS ?? 8)
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const home = temporaryFolder()
const folder = join(home, 'pub')
const key = join(home, 'snapshot.key')
const source = join(home, 'asn.csv')
const builderConfig = join(home, 'builder.yaml')
let publicKey: string
let web: ReturnType<typeof spawn>
let url: string

/** Publishes version n: 8.8.8.0/24 is AS n, with the source as of now unless told otherwise. */
async function build(version: number, modified?: Date): Promise<void> {
  const rows = Array.from(
    { length: 20_000 },
    (_, n) => `${256 * n + 1},${256 * n + 1},${version},AS ${version}\n`,
  )
  writeFileSync(source, `134744064,134744319,${version},AS ${version}\n${rows.join('')}`)
  if (modified !== undefined) utimesSync(source, modified, modified)
  const { code, stderr } = await runCli([
    'build',
    '--config',
    builderConfig,
    '--sign',
    key,
    '--output',
    folder,
  ])
  expect([code, stderr]).toEqual([0, ''])
}

/** A node's own config and data directory. */
function nodeAt(name: string, from: string): { readonly config: string; readonly data: string } {
  const config = join(home, `${name}.yaml`)
  const data = join(home, name)
  writeFileSync(config, `sentinels: []\nsnapshot:\n  from: ${from}\n  keys: [${publicKey}]\n`)
  return { config, data }
}

/** Runs a command with a node's config. */
const run = (
  { config, data }: { readonly config: string; readonly data: string },
  command: string,
  ...args: string[]
) => runCli([command, '--config', config, '--data-dir', data, ...args])

const asnOf = (data: string): number | null | undefined =>
  addressAttributes(pulledTable(data)!, [0x08080808])?.asn

beforeAll(async () => {
  writeFileSync(
    builderConfig,
    `feed: none\nmax-age: 9000d\nsources: [{ what: asn, format: ip-location-db, from: ${source} }]\n`,
  )
  const { stdout } = await runCli(['build', '--new-key', key])
  publicKey = /^public key: (RW\S{54})$/m.exec(stdout)![1]
  await build(64500)
  web = spawn('python3', ['-u', '-m', 'http.server', '--bind', '127.0.0.1', '--directory', folder, '0'])
  const port = await new Promise<string>((resolve) => {
    web.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const [, found] = /port (\d+)/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  url = `http://127.0.0.1:${port}/`
})
afterAll(() => web?.kill())

test('the secret key is for its owner alone, and is not written over', async () => {
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(readFileSync(`${key}.pub`, 'utf8')).toContain(publicKey)
  const { code, stderr } = await runCli(['build', '--new-key', key])
  expect([code, stderr]).toEqual([1, `asnzone: ${key}: it is there already, and is left alone\n`])
})

describe('two nodes', () => {
  const servers: RunningServer[] = []
  afterAll(() => Promise.all(servers.map((server) => server.stop())))

  test('answer from the snapshot, take the next one, and one keeps the old when an octet is changed', async () => {
    const nodes = [nodeAt('a', url), nodeAt('b', folder)]
    for (const { config, data } of nodes)
      servers.push(await startServer(['--config', config, '--data-dir', data]))
    const answers = () =>
      Promise.all(
        servers.map(({ addresses }) => dig(addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])),
      )
    expect(await answers()).toEqual(Array(2).fill('"64500 | AS 64500 | -- | -- | 0"'))

    await build(64501)
    const first = await run(nodes[0], 'update')
    expect(first.stdout).toMatch(/^accepted: snapshot \d+, .*\nthe running server answers from them\n$/)

    const manifest = join(folder, 'current.json')
    const right = readFileSync(manifest)
    writeFileSync(manifest, right.toString().replace('asnzone', 'Asnzone'))
    const second = await run(nodes[1], 'update')
    expect([second.code, second.stderr]).toEqual([1, `asnzone: ${manifest}: its signature is wrong\n`])
    expect(await answers()).toEqual(['"64501 | AS 64501 | -- | -- | 0"', '"64500 | AS 64500 | -- | -- | 0"'])
    const { code, stdout } = await run(nodes[1], 'status')
    expect(code).toBe(2)
    expect(stdout).toMatch(/^update .*: refused.* its signature is wrong$/m)
    expect(stdout).toMatch(/^snapshot \d+ by asnzone \d/m)

    writeFileSync(manifest, right)
    expect((await run(nodes[1], 'update')).code).toBe(0)
    expect(await answers()).toEqual(Array(2).fill('"64501 | AS 64501 | -- | -- | 0"'))
    expect((await run(nodes[1], 'update')).stdout).toBe('nothing is new\n')
  })
})

describe('what asnzone init writes', () => {
  const cwd = temporaryFolder()
  const [builder, node] = [join(cwd, 'builder.yaml'), join(cwd, 'node.yaml')]
  const published = join(cwd, 'published')
  const own = (name: string, file: string) => ['--config', file, '--data-dir', join(cwd, name)]

  test('a builder and a node, one after the other, as their comments say', async () => {
    expect((await runCli(['init', 'fleet-builder', builder])).stdout).toMatch(
      / is written for the builder of a fleet: /,
    )
    expect((await runCli(['init', 'fleet-node', node])).stdout).toMatch(/ is written for a node of a fleet: /)
    expect((await runCli(['check', '--max-age', '9000d', ...own('builder', builder)])).code).toBe(0)
    const secret = join(cwd, 'init.key')
    const { stdout } = await runCli(['build', '--new-key', secret])
    const [, line] = /^public key: (RW\S{54})$/m.exec(stdout)!
    const sign = ['build', '--max-age', '9000d', '--sign', secret, '--output', published]
    expect((await runCli([...sign, ...own('builder', builder)])).stderr).toBe('')

    // What an administrator changes there: where it is taken from, and the key.
    const text = readFileSync(node, 'utf8')
    expect(text).toContain('  from: /srv/www/asnzone\n')
    const keyed = text.replace(/# (keys: )\[RW\S+\]/, `$1[${line}]`).replace('/srv/www/asnzone', published)
    writeFileSync(node, keyed)
    const none = await runCli(['check', ...own('node', node)])
    expect([none.code, none.stderr]).toEqual([1, 'asnzone: no snapshot was taken yet; run asnzone update\n'])
    const taken = await runCli(['update', ...own('node', node)])
    expect([taken.code, taken.stdout]).toEqual([0, expect.stringMatching(/^accepted: snapshot /)])
    expect((await runCli(['check', ...own('node', node)])).code).toBe(0)
    const server = await startServer([...own('node', node), '--listen', '127.0.0.1:0'])
    const answer = await dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])
    await server.stop()
    expect(answer).toBe('"15169 | Google LLC | US | -- | 0"')
  })

  test.each(fleetRoleNames)('what is behind a # is right, too: %s', (name) => {
    const uncommented = FLEET_ROLES[name].text
      .replace(/^( *)# (?=[a-z-]+: \S+)/gm, '$1')
      .replace(/^ {2}from: \/.*\n/m, '')
      .replace(/^cookie-secret: .*/m, 'cookie-secret: 0123456789abcdef0123456789abcdef')
    const configFile = join(temporaryFolder({ 'asnzone.yaml': uncommented }), 'asnzone.yaml')
    const { publish, here, snapshot, http, cookieSecret } = loadSettings({ configFile })
    if (name === 'fleet-node') {
      expect([snapshot?.from, http.address, cookieSecret?.length]).toEqual([
        'https://mirror.example.net/asnzone/',
        '127.0.0.1:8053',
        1,
      ])
    } else expect([publish.snapshots, here]).toEqual(['/srv/www/asnzone', expect.anything()])
  })
})

test('an asnzone that publishes the folder is taken from, and tells who has all that nothing is new', async () => {
  const builder = await startServer(['--publish-csv', '127.0.0.1:0', '--publish-snapshots', folder])
  const published = builder.log.map(({ msg }) => /^publishes .* on (http:\S+)$/.exec(msg)?.[1]).find(Boolean)
  try {
    const node = nodeAt('of-asnzone', `${published}snapshot/`)
    expect((await run(node, 'update')).stdout).toMatch(/^accepted: snapshot \d+, /)
    expect((await run(node, 'update')).stdout).toBe('nothing is new\n')
    await build(Number(asnOf(node.data)) + 1)
    const before = asnOf(node.data)
    expect((await run(node, 'update')).code).toBe(0)
    expect(asnOf(node.data)).toBe(Number(before) + 1)
  } finally {
    await builder.stop()
  }
  const { code, stderr } = await runCli(['check', '--publish-snapshots', folder])
  expect([code, stderr]).toEqual([
    1,
    `asnzone: publish-snapshots: ${folder} is published where publish-csv or http listens; set one of them\n`,
  ])
})

test('a node that is killed while it takes a snapshot has the old or the new, and takes the next', async () => {
  const node = nodeAt('killed', url)
  const { config, data } = node
  await run(node, 'update')
  let version = Number(asnOf(data))
  // How long it takes when it is not killed.
  const began = performance.now()
  await run(node, 'update')
  const span = performance.now() - began
  for (let kill = 0; kill < KILLS; kill++) {
    await build(++version)
    const before = asnOf(data)
    await new Promise<void>((resolve) => {
      const child = spawn(process.execPath, [MAIN, 'update', '--config', config, '--data-dir', data], {
        cwd: home,
        stdio: 'ignore',
      })
      const timer = setTimeout(() => child.kill('SIGKILL'), span * 1.2 * Math.random())
      child.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
    })
    expect([before, version]).toContain(asnOf(data))
  }
  expect((await run(node, 'update')).stderr).toBe('')
  expect(asnOf(data)).toBe(version)
}, 600_000)

test.each(['published.json', 'published.snapshot'])(
  'a node that is killed at its first snapshot, when %s appears, takes it by itself',
  async (name) => {
    const node = nodeAt(`first-${name}`, url)
    const { config, data } = node
    mkdirSync(data)
    const child = spawn(process.execPath, [MAIN, 'update', '--config', config, '--data-dir', data], {
      cwd: home,
      stdio: 'ignore',
    })
    const ended = once(child, 'close')
    const watcher = watch(data, (_, appeared) => {
      if (appeared === name) child.kill('SIGKILL')
    })
    await ended
    watcher.close()
    expect(existsSync(join(data, name))).toBe(true)
    expect(await run(node, 'update')).toMatchObject({ code: 0, stderr: '' })
    expect(asnOf(data)).toBeGreaterThanOrEqual(64_500)
  },
)

test('lookup and export use the snapshot that was taken', async () => {
  const node = nodeAt('commands', folder)
  const none = await run(node, 'lookup', '8.8.8.8')
  expect([none.code, none.stderr]).toEqual([1, 'asnzone: no snapshot was taken yet; run asnzone update\n'])
  await run(node, 'update')
  expect((await run(node, 'lookup', '8.8.8.8')).stdout).toMatch(/AS +645\d\d/)
  expect((await run(node, 'build', '--output', home)).stderr).toBe(
    'asnzone: this config takes a snapshot; one is built from sources\n',
  )
})

test.each([
  ['here: "52.5,13.4"', 'here'],
  ['score: { countries: [{ codes: [US], weight: 1 }] }', 'score'],
  [`sources: [{ what: asn, format: ip-location-db, from: /nowhere }]`, 'sources'],
  ['feed: embedded', 'feed'],
])('%s beside a snapshot is refused', async (line, setting) => {
  const file = join(home, 'both.yaml')
  writeFileSync(file, `snapshot: { from: /srv/asnzone }\n${line}\n`)
  const { code, stderr } = await runCli(['check', '--config', file])
  expect([code, stderr]).toEqual([
    1,
    `asnzone: ${file}:2: ${setting}: it is decided where the snapshot is built, and has no effect beside snapshot\n`,
  ])
})

test.each([
  ['{ from: https://example.net/x/ }', /snapshot\.keys: what comes over the network has to be signed/],
  [
    '{ from: ftp://example.net/ }',
    /snapshot\.from: 'ftp:\/\/example\.net\/' is not an http, https or file URL/,
  ],
  ['{ from: /srv, keys: [RWx] }', /snapshot\.keys\[0\]: 'RWx' is not a public key of minisign/],
  ['{ from: /srv, refresh: often }', /snapshot\.refresh: .*a duration such as 1h/],
  ['{ form: /srv }', /no such key as 'form'; did you mean 'from'/],
])('snapshot: %s is refused', async (value, message) => {
  const file = join(home, 'wrong.yaml')
  writeFileSync(file, `snapshot: ${value}\n`)
  const { code, stderr } = await runCli(['check', '--config', file])
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
})

test('data that have expired are not published', async () => {
  const { code, stderr } = await runCli(['build', '--max-age', '1d', '--output', join(home, 'old')])
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^asnzone: data of \S+ \S+ UTC is older than max-age, so that no server would take them: .*\n$/,
  )
})

test('a key that others may read is not used', async () => {
  const open = join(home, 'open.key')
  writeFileSync(open, readFileSync(key), { mode: 0o644 })
  const { code, stderr } = await runCli(['build', '--sign', open, '--output', join(home, 'open')])
  expect([code, stderr]).toEqual([1, `asnzone: ${open}: others may read it: chmod 600 ${open}\n`])
})

test('the public key does not sign', async () => {
  const { code, stderr } = await runCli(['build', '--sign', `${key}.pub`, '--output', join(home, 'open')])
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/\.pub: it is a public key, for nodes; name the secret one/),
  ])
})

test('the config in docs/fleet.md is accepted', () => {
  const blocks = codeBlocks(readDocument('docs/fleet.md')).filter(({ language }) => language === 'yaml')
  expect(blocks.length).toBeGreaterThan(0)
  for (const { code } of blocks) {
    const configFile = join(temporaryFolder({ 'asnzone.yaml': code }), 'asnzone.yaml')
    expect(loadSettings({ configFile }).snapshot).toEqual((parse(code) as { snapshot: unknown }).snapshot)
  }
})

test('a node whose server has the data already, under a lower serial, is told so', async () => {
  const node = nodeAt('same', folder)
  const modified = new Date('2026-11-20T06:00:00Z')
  await build(64600, modified)
  await run(node, 'update')
  const server = await startServer(['--config', node.config, '--data-dir', node.data])
  await build(64601)
  await build(64600, modified)
  const { code, stdout } = await run(node, 'update', '--force')
  await server.stop()
  expect(stdout).toMatch(/^accepted: snapshot \d+, .*\nthe running server has the same data already\n$/)
  expect(code).toBe(0)
})
