// What serve refuses before it answers, check refuses in the same words; what it doesn't, check says ok to. What is refused
// before anything is bound has a longer table, in ../app/judge-start.test.ts.

import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMPILED_DATA, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { runCli } from '../support/programs.ts'

/** Nobody else's: other runs of these tests are going on, perhaps. */
const PORT = await freePort()

const isRoot = process.geteuid?.() === 0

/** A small data set, a folder and a link that leads nowhere. */
function place(config = ''): string {
  const cwd = temporaryFolder({
    'one.csv': '8.8.8.0,8.8.8.255,15169,Google\n',
    'asnzone.yaml': `feed: none\nsources: [{ what: asn, format: ip-location-db, from: one.csv }]\n${config}`,
  })
  mkdirSync(join(cwd, 'folder'))
  symlinkSync('folder/none/log', join(cwd, 'nowhere'))
  return cwd
}

describe.concurrent('check and serve refuse alike', () => {
  test.each([
    ['an unknown user', 'user: nosuchuser', /^user nosuchuser: there is no user nosuchuser;/],
    [
      'http for all without a token',
      `http: 0.0.0.0:${PORT}`,
      /^http: 0\.0\.0\.0:\d+ can be reached by others/,
    ],
    [
      'an address of another host',
      `listen: 192.0.2.199:${PORT}`,
      /^192\.0\.2\.199:\d+ \(TCP\): this host has no such address; choose another --listen$/,
    ],
    [
      'http on another host',
      `http: 192.0.2.199:${PORT}\nhttp-token: 0123456789abcdef`,
      /no such address; choose another --http$/,
    ],
    [
      'whois on another host',
      'whois: 192.0.2.199',
      /^192\.0\.2\.199:43 \(TCP\): this host has no such address; choose another --whois$/,
    ],
    [
      'the policy service on another host',
      `policy: { listen: 192.0.2.199:${PORT} }`,
      /^policy\.listen 192\.0\.2\.199:\d+: this host has no such address$/,
    ],
    [
      'its socket in no folder',
      "policy: { listen: 'unix:/nonexistent/x.sock' }",
      /^policy\.listen unix:\/nonexistent\/x\.sock: the directory \/nonexistent does not exist$/,
    ],
    [
      'its socket of an unknown group',
      "policy: { listen: 'unix:/tmp/asnzone-check.sock', socket-group: nosuchgroup }",
      /group nosuchgroup: there is no group nosuchgroup;/,
    ],
  ])('%s', async (_, config, message) => {
    const cwd = place(config)
    const before = readdirSync(cwd, { recursive: true }).sort()
    const listen = /^listen:/m.test(config) ? [] : ['--listen', '127.0.0.1:0']
    const run = (command: string) => runCli([command, '--log-format', 'json', ...listen], { cwd })
    const complaints = (text: string) =>
      text.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
    const check = await run('check')
    expect([check.code, check.stdout]).toEqual([1, ''])
    const [line, ...others] = complaints(check.stderr)
    expect(others).toEqual([])
    const [, at, told] = /^asnzone: asnzone\.yaml:(\d+): (.*)$/.exec(line) ?? []
    expect(told ?? line).toMatch(message)
    // The line of a setting of this case: those before it are of the data.
    expect(Number(at)).toBeGreaterThan(2)
    expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(before)
    const serve = await run('serve')
    expect([serve.code, complaints(serve.stderr)]).toEqual([1, [line]])
  })
})

test('check prints what is odd, and ok, and no log', async () => {
  const cwd = place(`listen: [127.0.0.1:${PORT}, 192.0.2.199:${PORT}]\nlog-level: debug\nlog-format: json\n`)
  const { code, stdout, stderr } = await runCli(['check'], { cwd })
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^ok: \d+ zones, 1 AS, data of \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/),
    `asnzone: 192.0.2.199:${PORT}: this host has no such address; not listening there\n`,
  ])
})

describe('check has nothing against', () => {
  test.each([
    ['files that are yet to be made', 'log-file: folder/log\nquery-log: folder/queries'],
    ['standard output', "query-log: '-'"],
    [
      'one port over several addresses',
      `listen: [127.0.0.1:${PORT}, 127.0.0.2:${PORT}]\nhttp: 127.0.0.3:${PORT}`,
    ],
    ['any port, twice', 'listen: 127.0.0.1:0\nhttp: 127.0.0.1:0\npublish-csv: 127.0.0.1:0'],
    ['a missing address besides others', `listen: [127.0.0.1:${PORT}, 192.0.2.199:${PORT}]`],
    ['an address that looks like one with a port, in brackets', `listen: ['[::1:5391]', 127.0.0.1:${PORT}]`],
  ])('%s, and leaves nothing behind', async (_, config) => {
    const cwd = place(config)
    const before = readdirSync(cwd, { recursive: true }).sort()
    expect(await runCli(['check'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok: /),
    })
    expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(before)
  })
})

describe.skipIf(!isRoot)('as root, check judges as the user that the server becomes', () => {
  test.each([
    ['may not write there', 0o755, 1],
    ['may write there', 0o777, 0],
  ])('who %s', async (_, mode, code) => {
    const cwd = place()
    const folder = join(cwd, 'folder')
    const data = join(cwd, 'data')
    chmodSync(cwd, 0o755)
    chmodSync(folder, mode)
    mkdirSync(data, { mode: 0o777 })
    chmodSync(data, 0o777)
    const args = ['check', '--user', 'nobody', '--log-file', join(folder, 'log'), '--data-dir', data]
    const outcome = await runCli(args, { cwd })
    expect([outcome.code, outcome.stderr]).toEqual([
      code,
      code === 0
        ? expect.anything()
        : expect.stringMatching(/log-file .*folder\/log: this user may not open it/),
    ])
    expect(existsSync(join(folder, 'log'))).toBe(false)
  })
})

describe('socket activation that is none', () => {
  test.each(['x', '-1', '', '1.5', '99999999'])('LISTEN_FDS=%s', async (fds) => {
    const command = serveCommand(['--listen', '127.0.0.1:0', '--data-dir', COMPILED_DATA])
    const script = `LISTEN_PID=$$ LISTEN_FDS='${fds}' exec "$@"`
    const server = launch(['/bin/sh', '-c', script, 'sh', ...command])
    await expect(server.ready).rejects.toThrow(`LISTEN_FDS is '${fds}'; systemd sets`)
  })
})
