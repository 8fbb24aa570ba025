// What somebody has put into the data directory instead of our files: nothing hangs, nothing is followed.

import { execFileSync } from 'node:child_process'
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyOfUrl } from '../../src/data/sources/source-url.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type Outcome, type RunningServer, runCli, startServer } from '../support/programs.ts'
import { ReleaseServer } from '../support/release-server.ts'

const isRoot = process.getuid?.() === 0
/** Neither root nor the owner of a folder that we make; Debian's nobody. */
const NOBODY = 65534

let release: ReleaseServer
let folder: string
let data: string
let server: RunningServer | undefined

beforeAll(async () => {
  release = await ReleaseServer.start()
  release.publish('asn.csv', '8.8.8.0,8.8.8.255,15169,Google LLC\n9.9.9.0,9.9.9.255,19281,Quad9\n')
})
afterAll(() => release.stop())
beforeEach(() => {
  folder = temporaryFolder({
    'asnzone.yaml': `feed: none\nsentinels: []\nsources:\n  - { what: asn, format: ip-location-db, from: '${release.url}/latest/asn.csv' }\n`,
    other: 'what must not change',
  })
  data = join(folder, 'data')
  mkdirSync(data)
})
afterEach(async () => {
  await server?.stop()
  server = undefined
})

const place = () => ({ cwd: folder, env: { ASNZONE_DATA_DIR: data } })
const run = (...args: string[]): Promise<Outcome> => runCli(args, place())

const TRAPS: readonly (readonly [string, (path: string) => void])[] = [
  ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
  [
    'a link to a FIFO',
    (path) => {
      execFileSync('mkfifo', [`${path}.fifo`])
      symlinkSync(`${path}.fifo`, path)
    },
  ],
  ...(isRoot
    ? ([['a device', (path: string) => void execFileSync('mknod', [path, 'c', '1', '5'])]] as const)
    : []),
]

describe.each(TRAPS)('%s', (_, lay) => {
  test('as snapshot: the server compiles, and answers', async () => {
    await run('update')
    execFileSync('rm', [join(data, 'table.snapshot')])
    lay(join(data, 'table.snapshot'))
    server = await startServer(['--listen', '127.0.0.1:0'], place())
    expect(server.log.some(({ msg }) => msg.startsWith('the snapshot is not used'))).toBe(true)
    expect(await dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])).toBe(
      '"15169 | Google LLC | -- | -- | 0"',
    )
  })

  test('as manifest and notes: status ends, update says what is wrong', async () => {
    lay(join(data, 'manifest.json'))
    lay(join(data, 'last-update.json'))
    expect((await run('status')).stdout).toContain('none runs with')
    const outcome = await run('update')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('manifest.json is damaged')
  })

  test.each(['status', 'reload', 'reopen'])('as control socket: %s ends with the reason', async (command) => {
    lay(join(data, 'control.sock'))
    const outcome = await run(command)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toBe(`asnzone: ${join(data, 'control.sock')} is not a socket; remove it\n`)
  })

  test('as control socket: a server runs without one, and leaves it', async () => {
    await run('update')
    lay(join(data, 'control.sock'))
    const before = lstatSync(join(data, 'control.sock')).ino
    server = await startServer(['--listen', '127.0.0.1:0'], place())
    expect(
      server.log.some(({ msg }) => msg.startsWith('no control socket') && msg.includes('is not a socket')),
    ).toBe(true)
    expect(lstatSync(join(data, 'control.sock')).ino).toBe(before)
  })

  test.each(['', '-wal', '-shm'])('as stats.sqlite%s: stats ends with the reason', async (suffix) => {
    if (suffix !== '') writeFileSync(join(data, 'stats.sqlite'), '')
    lay(join(data, `stats.sqlite${suffix}`))
    const outcome = await run('stats')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toBe(`asnzone: ${join(data, `stats.sqlite${suffix}`)} is not a file\n`)
  })

  test('as a fetched file or a part: it is fetched', async () => {
    expect((await run('update')).code).toBe(0)
    const [file] = readdirSync(join(data, 'files'))
    execFileSync('rm', [join(data, 'files', file)])
    execFileSync('rm', [join(data, 'table.snapshot')])
    lay(join(data, 'files', file))
    const outcome = await run('update')
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(lstatSync(join(data, 'files', file)).isFile()).toBe(true)
  })

  test('as a source: check ends with the reason', async () => {
    lay(join(folder, 'named.csv'))
    writeFileSync(
      join(folder, 'asnzone.yaml'),
      'feed: none\nsources: [{ what: asn, format: ip-location-db, from: named.csv }]\n',
    )
    const outcome = await run('check')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('is not a file')
    expect(outcome.stderr).toMatch(
      /^asnzone: asnzone\.yaml:2: sources: .*named\.csv: it is not a file; name one\n$/,
    )
  })
})

describe('update follows no link', () => {
  const part = (): string => join(data, 'parts', keyOfUrl(`${release.url}/latest/asn.csv`).slice(0, 16))

  test('in parts/', async () => {
    mkdirSync(join(data, 'parts'))
    for (const path of [part(), `${part()}.json`]) symlinkSync(join(folder, 'other'), path)
    const outcome = await run('update')
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('what must not change')
  })

  test('to a part that it would go on with', async () => {
    mkdirSync(join(data, 'parts'))
    symlinkSync(join(folder, 'other'), part())
    const noted = { source: keyOfUrl(`${release.url}/latest/asn.csv`), etag: '"x"', lastModified: null }
    writeFileSync(`${part()}.json`, JSON.stringify(noted))
    expect((await run('update')).code).toBe(0)
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('what must not change')
  })

  test.each(['parts', 'files'])('in place of %s/', async (name) => {
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), join(data, name))
    const outcome = await run('update')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain(`${join(data, name)} is not a directory`)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })
})

describe.runIf(isRoot)('root, where the data directory belongs to nobody (as root)', () => {
  beforeEach(() => chownSync(data, NOBODY, NOBODY))

  test.each([
    ['update'],
    ['check'],
    ['zones'],
    ['lookup', '8.8.8.8'],
    ['stats'],
    ['serve', '--listen', '127.0.0.1:0'],
  ])('%s is refused, and told whose it is', async (...args) => {
    const outcome = await run(...args)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain(
      `data-dir ${data} belongs to nobody: run it as nobody: runuser -u nobody -- asnzone ${args[0]}`,
    )
    expect(readdirSync(data)).toEqual([])
  })

  test('a user without a name has a number', async () => {
    chownSync(data, 4242, 4243)
    const { stderr } = await run('update')
    expect(stderr).toContain(
      'belongs to user 4242: run it as 4242: setpriv --reuid=4242 --regid=4243 --clear-groups asnzone update',
    )
  })

  test('status only reads, and may', async () => {
    expect((await run('status')).stdout).toContain('none runs with')
  })

  test('a socket of a stranger is not asked', async () => {
    const path = join(data, 'control.sock')
    const listener = createServer().listen(path)
    chownSync(path, 4242, 4242)
    const outcome = await run('reload')
    await new Promise((resolve) => listener.close(resolve))
    expect(outcome.stderr).toContain(`${path} belongs to user 4242`)
  })

  test('logs are opened after the change of user, and follow no link of a folder that is not root’s', async () => {
    chownSync(folder, NOBODY, NOBODY)
    const logs = join(folder, 'logs')
    mkdirSync(logs)
    chownSync(logs, NOBODY, NOBODY)
    symlinkSync(join(folder, 'other'), join(logs, 'planted'))
    const refused = await run('serve', '--listen', '127.0.0.1:0', '--log-file', join(logs, 'planted'))
    expect(refused.code).toBe(1)
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('what must not change')
  })
})

test.each(['check', 'serve'])('%s: a data directory below a file is one line', async (command) => {
  const folder = temporaryFolder({ file: '' })
  const args = [
    command,
    '--listen',
    '127.0.0.1:0',
    '--log-format',
    'json',
    '--data-dir',
    join(folder, 'file', 'x'),
  ]
  const { code, stderr } = await runCli(args)
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  expect([code, lines]).toEqual([
    1,
    [expect.stringMatching(/^asnzone: .*file\/x.*(ENOTDIR|not a directory)/)],
  ])
})
