// Root's commands on the data of a service: they work, as the service's user, and leave nothing of root's.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { type Outcome, runCli } from '../support/programs.ts'

/** An account of a service that every Debian has. */
const DAEMON = 1

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const KOFFI = fileURLToPath(import.meta.resolve('koffi'))

let folder: string
let data: string

beforeEach(() => {
  folder = temporaryFolder({
    'asnzone.yaml': `feed: none
sources:
  - { what: override, format: overrides, from: rows.csv }
policy: { listen: ["127.0.0.1:0"] }
`,
    'rows.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n',
    verdicts: `${Math.floor(Date.now() / 1000)} 10.1.2.3 spam\n`,
  })
  chmodSync(folder, 0o755)
  data = join(folder, 'data')
  mkdirSync(data, { mode: 0o750 })
  chownSync(data, DAEMON, DAEMON)
})

const run = (...args: string[]): Promise<Outcome> =>
  runCli(args, { cwd: folder, env: { ASNZONE_DATA_DIR: data } })

/** Runs a line of bash. */
function bash(line: string): {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
} {
  const env = { ...process.env, ASNZONE_DATA_DIR: data, asnzone: `${process.execPath} ${MAIN}` }
  return spawnSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8' })
}

const owners = (): Set<number> => new Set(readdirSync(data).map((name) => statSync(join(data, name)).uid))

describe.runIf(process.geteuid?.() === 0)('as root (skipped without root)', () => {
  test.each([
    [['lookup', '10.1.2.3'], /our LAN/],
    [['check'], /^ok: /],
    [['learn', 'verdicts'], /^1 verdict learned|1 ignored/],
    [['export', 'csv', '--what', 'asn', '--output', '-'], /64512/],
  ])('%j works, and what it makes is of the owner', async (args, shown) => {
    const { code, stdout, stderr } = await run(...args)
    expect([stderr, code]).toEqual([expect.not.stringMatching(/run it as/), 0])
    expect(stdout).toMatch(shown)
    expect(owners()).toEqual(new Set([DAEMON]))
  })

  test.each([['update'], ['learn', 'verdicts']])(
    '%s makes no directory that the user could not write into',
    async (...args) => {
      rmdirSync(data)
      writeFileSync(join(folder, 'asnzone.yaml'), 'user: daemon\ngroup: daemon\n')
      const { code, stderr } = await run(...args)
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`install -d -m 750 -o daemon -g daemon ${data}`),
      ])
      expect(existsSync(data)).toBe(false)
    },
  )

  test('which config it goes by is said once', async () => {
    const { config, stderr } = await run('lookup', '10.1.2.3')
    expect(config).toBe(`asnzone.yaml, data in ${data}`)
    expect(stderr).not.toContain('config')
  })

  test.each([
    [['csv', '--what', 'asn'], /64512/],
    [['rbldnsd', '--zone', 'asn.rspamd.com', '--family', '4'], /10\.0\.0\.0\/8/],
  ])('export %j --output writes into a folder that is for root alone', async (args, shown) => {
    const private_ = join(folder, 'private')
    mkdirSync(private_, { mode: 0o700 })
    const file = join(private_, 'file')
    writeFileSync(file, 'old')
    symlinkSync('file', join(private_, 'link'))
    const outcome = await run('export', ...args, '--output', join(private_, 'link'))
    expect([outcome.stderr, outcome.code]).toEqual(['', 0])
    expect(outcome.config).toBe(`asnzone.yaml, data in ${data}`)
    expect(readFileSync(file, 'utf8')).toMatch(shown)
    expect(statSync(file).uid).toBe(0)
    expect(readdirSync(private_).sort()).toEqual(['file', 'link'])
    expect(owners()).toEqual(new Set([DAEMON]))
  })

  test('what writes the file for root is the owner, and has nothing else of root', () => {
    const spy = `import { readdirSync, readlinkSync } from 'node:fs'
if (process.getuid() !== 0) for (const fd of readdirSync('/proc/self/fd')) {
  try { console.error('open ' + readlinkSync('/proc/self/fd/' + fd)) } catch {}
}`
    writeFileSync(join(folder, 'spy.mjs'), spy)
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    const program = `${process.execPath} --import ${join(folder, 'spy.mjs')} ${MAIN}`
    const line = `exec 200< /etc/shadow; ${program} export csv --what asn --output private/file --config <(cat asnzone.yaml)`
    const { status, stderr } = bash(line)
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^open .*\/private\/\.new-/m)])
    expect(stderr).not.toContain('/etc/shadow')
    expect(readFileSync(join(folder, 'private/file'), 'utf8')).toContain('64512')
  })

  test('an export that fails leaves the old file of root, and nothing beside it', async () => {
    const private_ = join(folder, 'private')
    mkdirSync(private_, { mode: 0o700 })
    const file = join(private_, 'file')
    writeFileSync(file, 'old')
    writeFileSync(join(folder, 'rows.csv'), 'nonsense\n')
    const { code, stderr } = await run('export', 'csv', '--what', 'asn', '--output', file)
    expect([code, stderr]).toEqual([1, expect.stringContaining('rows.csv')])
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(private_)).toEqual(['file'])
  })

  test.each([
    ['of another', (path: string) => chownSync(path, 2, 2)],
    ['that others write into', (path: string) => chmodSync(path, 0o775)],
  ])('a folder %s is written by the owner only, who is told what to do', async (_, change) => {
    const others = join(folder, 'others')
    mkdirSync(others, { mode: 0o755 })
    change(others)
    const { code, stderr } = await run('export', 'csv', '--what', 'asn', '--output', join(others, 'file'))
    expect(code).toBe(1)
    expect(stderr).toContain("'> FILE'")
    expect(readdirSync(others)).toEqual([])
  })

  test('a link of root that leads through a link of another is not followed as root', async () => {
    const [private_, foreign] = [join(folder, 'private'), join(folder, 'foreign')]
    for (const path of [private_, foreign]) mkdirSync(path, { mode: 0o755 })
    writeFileSync(join(private_, 'secret'), 'old')
    symlinkSync(join(private_, 'secret'), join(foreign, 'link'))
    chownSync(foreign, 2, 2)
    symlinkSync(join(foreign, 'link'), join(private_, 'link'))
    const { code } = await run('export', 'csv', '--what', 'asn', '--output', join(private_, 'link'))
    expect(code).toBe(1)
    expect(readFileSync(join(private_, 'secret'), 'utf8')).toBe('old')
    expect(readdirSync(private_).sort()).toEqual(['link', 'secret'])
  })

  test.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGKILL', null],
  ] as const)('an export into a folder of root whose writer is ended by %s says so', (signal, ends) => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    writeFileSync(
      join(folder, 'end.mjs'),
      `if (process.env._ASNZONE_STANDARD_OUTPUT !== undefined) process.kill(process.pid, '${signal}')`,
    )
    const program = `exec ${process.execPath} --import ${join(folder, 'end.mjs')} ${MAIN}`
    const outcome = bash(`${program} export csv --what asn --output private/file`)
    expect(outcome.signal).toBe(ends)
    if (ends === null) {
      expect([outcome.status, outcome.stderr]).toEqual([1, expect.stringContaining('ended by SIGKILL')])
    }
    expect(readdirSync(join(folder, 'private'))).toEqual([])
  })

  test('the writer for root ends with a parent that is killed', async () => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    writeFileSync(
      join(folder, 'orphan.mjs'),
      `import { writeFileSync } from 'node:fs'
if (process.env._ASNZONE_STANDARD_OUTPUT !== undefined && process.getuid() === 0) {
  writeFileSync('child', String(process.pid))
  process.kill(process.ppid, 'SIGKILL')
}`,
    )
    const program = `exec ${process.execPath} --import ${join(folder, 'orphan.mjs')} ${MAIN}`
    expect(bash(`${program} export csv --what asn --output private/file`).signal).toBe('SIGKILL')
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'))
    await vi.waitFor(() => expect(() => process.kill(child, 0)).toThrow('ESRCH'), { timeout: 20_000 })
    const [left, ...others] = readdirSync(join(folder, 'private'))
    expect([statSync(join(folder, 'private', left)).size, others]).toEqual([0, []])
  })

  test('what the owner may not read is told with whose right it is', async () => {
    writeFileSync(join(folder, 'root-only'), '', { mode: 0o600 })
    const { code, stderr } = await run('learn', 'root-only')
    expect(code).toBe(1)
    expect(stderr).toContain(`root's command works as daemon, the owner of ${data}, who may not do that`)
    expect(stderr).toContain("'< FILE'")
  })

  test('a log that a group may read is told with what puts the owner into it', async () => {
    writeFileSync(join(folder, 'mail.log'), '', { mode: 0o640 })
    chownSync(join(folder, 'mail.log'), 0, 4)
    const { code, stderr } = await run('learn', '--follow', 'mail.log')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'mail.log: this user may not open it; the group adm may: usermod --append --groups adm daemon, or SupplementaryGroups=adm in a unit',
    )
  })

  test('several zones into a folder of root are told with what makes one of the owner', async () => {
    const args = ['zone', '--country', 'DE,AT', '--output', join(folder, 'zones')]
    const { code, stderr } = await run('export', ...args)
    expect([code, stderr]).toEqual([1, expect.stringContaining('install -d -o daemon FOLDER')])
    expect(stderr).not.toContain('    at ')
  })

  test('a config that only root may read is read by root', async () => {
    chmodSync(join(folder, 'asnzone.yaml'), 0o600)
    const { code, stdout } = await run('check')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok: /)])
    expect(owners()).toEqual(new Set([DAEMON]))
  })

  test.each([
    ['$asnzone lookup 10.1.2.3 --config <(cat asnzone.yaml)', /our LAN/],
    ['cat asnzone.yaml | $asnzone lookup 10.1.2.3 --config=/dev/stdin', /our LAN/],
    ['$asnzone learn <(cat root-only)', /^0 verdicts learned.* 1 ignored/],
    ['cat root-only | $asnzone learn /dev/stdin', /^0 verdicts learned.* 1 ignored/],
    ['$asnzone learn - < root-only', /^0 verdicts learned.* 1 ignored/],
  ])('what the shell hands over is read, and once: %s', (line, shown) => {
    writeFileSync(join(folder, 'root-only'), `${Math.floor(Date.now() / 1000)} 10.1.2.3 spam\n`, {
      mode: 0o600,
    })
    const { status, stdout, stderr } = bash(line)
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('may not')])
    expect(stdout).toMatch(shown)
  })

  test('what root has open besides is closed', () => {
    const spy = `import { readdirSync, readlinkSync } from 'node:fs'
if (process.getuid() !== 0) for (const fd of readdirSync('/proc/self/fd')) {
  try { console.error('open ' + readlinkSync('/proc/self/fd/' + fd)) } catch {}
}`
    writeFileSync(join(folder, 'spy.mjs'), spy)
    const program = `${process.execPath} --import ${join(folder, 'spy.mjs')} ${MAIN}`
    const { status, stderr } = bash(`exec 200< /etc/shadow; ${program} lookup 10.1.2.3`)
    expect(status).toBe(0)
    expect(stderr).toMatch(/^open /m)
    expect(stderr).not.toContain('/etc/shadow')
  })

  test('nothing is typed into the terminal of root', () => {
    const typist = `import koffi from ${JSON.stringify(KOFFI)}
if (process.getuid() !== 0) {
  const ioctl = koffi.load(null).func('int ioctl(int fd, ulong request, const char *octet)')
  console.log('TIOCSTI ' + ioctl(0, 0x5412, 'x'))
}`
    writeFileSync(join(folder, 'typist.mjs'), typist)
    const program = `${process.execPath} --import ${join(folder, 'typist.mjs')} ${MAIN}`
    const { stdout } = bash(`script -qec '${program} lookup 10.1.2.3' /dev/null < /dev/null`)
    expect(stdout).toContain('TIOCSTI -1')
    expect(stdout).toContain('our LAN')
  })

  test.each([['lookup', '10.1.2.3'], ['status'], ['policy', 'list'], ['reload']])(
    'a directory that a third could replace is left alone: %s',
    async (...args) => {
      const above = join(folder, 'above')
      mkdirSync(above)
      data = join(above, 'data')
      mkdirSync(data)
      chownSync(data, DAEMON, DAEMON)
      chownSync(above, 2, 2)
      const { code, stderr } = await run(...args)
      expect(code).toBe(1)
      expect(stderr).toContain(
        `data-dir ${data} belongs to daemon, but ${above} belongs to user 2, so that others could put another one`,
      )
      expect(readdirSync(data)).toEqual([])
    },
  )

  test('root that may not become another user is told so', () => {
    const { status, stderr } = bash('setpriv --bounding-set=-setuid $asnzone lookup 10.1.2.3')
    expect(status).toBe(1)
    expect(stderr).toContain('user daemon: setresuid: ')
    expect(stderr).toContain('root may not become another user here')
  })

  test('the group of root is for no number without a name', () => {
    const nameless = 867
    chownSync(data, nameless, 0)
    const spy =
      "if (process.getuid() !== 0) console.error('groups ' + [process.getgid(), ...process.getgroups()])"
    writeFileSync(join(folder, 'spy.mjs'), spy)
    const { stderr } = bash(`${process.execPath} --import ${join(folder, 'spy.mjs')} ${MAIN} lookup 10.1.2.3`)
    expect(stderr).toContain(`groups ${nameless},${nameless}`)
  })
})
