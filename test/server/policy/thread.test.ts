// The thread of the policy service: what ends it, what goes on, who may ask, and what it does without DNS.

import { spawn } from 'node:child_process'
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { POLICY_FILE } from '../../../src/policy-server/policy-file.ts'
import { loadLibc } from '../../../src/system/libc.ts'
import { openTcpSocket } from '../../../src/system/udp-socket.ts'
import { openUnixListener } from '../../../src/system/unix-listener.ts'
import { compiledData } from '../../support/compiled-data.ts'
import { launch, serveCommand } from '../../support/conformance/launch.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { REJECT, type TestOptions, TestPolicy } from '../../support/policy-service.ts'
import { runCli, startServer } from '../../support/programs.ts'
import { smallTable } from '../../support/small-table.ts'
import { sqlite3 } from '../../support/sqlite3.ts'
import { until } from '../../support/until.ts'

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'

let workers: Worker[] = []
const onWorker = (worker: Worker): void => {
  workers.push(worker)
}
beforeAll(() => {
  process.on('worker', onWorker)
  return () => process.off('worker', onWorker)
})

let policy: TestPolicy | undefined
beforeEach(() => {
  workers = []
})
afterEach(async () => {
  await policy?.stop()
  policy = undefined
})

async function start(lines: readonly string[] = [], options: TestOptions = {}): Promise<TestPolicy> {
  policy = await TestPolicy.start(lines, options)
  return policy
}

describe('a thread that ends', () => {
  test.each([
    ['over TCP', 'listen: 127.0.0.1:0'],
    ['over a Unix socket', 'listen: unix:{folder}/p.sock'],
  ])('%s is told, and started again at the same socket with what it knew', async (_how, listen) => {
    const it = await start([listen])
    expect(await it.answers('k', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    const client = await it.connect()
    // It is accepted, not waiting to be.
    expect(await client.ask({ sasl_username: 'other', client_address: DE })).toBe('DUNNO')
    void workers[0].terminate()
    await client.closed()
    await vi.waitFor(() => expect(it.deaths).toEqual(['it ended unexpectedly']), { timeout: 30_000 })
    // Who comes meanwhile waits in the socket.
    expect(await it.answer('k', DE)).toBe(REJECT)
    expect(workers).toHaveLength(2)
  })

  test('has a heap of its own that is bounded', async () => {
    await start()
    expect(workers[0].resourceLimits).toMatchObject({
      maxOldGenerationSizeMb: 256,
      maxYoungGenerationSizeMb: 16,
    })
  })
})

test('gives way to the threads that answer DNS', async () => {
  const threads = (): number[] => readdirSync('/proc/self/task').map(Number)
  const before = new Set(threads())
  await start()
  const added = threads().filter((thread) => !before.has(thread))
  expect(added.map((thread) => getPriority(thread))).toContain(Math.max(10, getPriority()))
  expect(getPriority(process.pid)).toBe(getPriority())
})

test('another table is judged by from the next request on', async () => {
  const it = await start()
  expect(await it.answer('t', US)).toBe('DUNNO')
  const other = smallTable([{ cidr: '8.8.8.0/24', asn: 64496, name: 'Another', country: 'DE' }])
  await it.service.replace(other.buffer)
  expect(await it.answer('t', US)).toBe('DUNNO')
  const [before, after] = await it.decisions(2)
  expect([before.country, before.asn, after.country, after.asn]).toEqual(['US', 15169, 'DE', 64496])
})

test('a Unix socket has its mode, and is taken over from a server that has died', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'p.sock')
  const died = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ])
  await new Promise((resolve) => died.once('close', resolve))
  expect(statSync(path).isSocket()).toBe(true)
  const it = await start([`listen: unix:${path}`, 'socket-mode: 0620'])
  expect(statSync(path).mode & 0o777).toBe(0o620)
  expect(await it.answer('u', DE)).toBe('DUNNO')
})

test('a path or a port that is in use is an error that names it', async () => {
  const it = await start(['listen: unix:{folder}/p.sock'])
  const path = join(it.folder, 'p.sock')
  await expect(TestPolicy.start([`listen: unix:${path}`])).rejects.toThrow(
    `policy.listen unix:${path}: another process listens there`,
  )
})

test('peers outside of allow are closed at once', async () => {
  const it = await start(['allow: 192.0.2.0/24'])
  expect(await it.answer('p', DE)).toBe('closed')
  expect(await it.said('not in allow')).toMatchObject({ level: 40, peer: '127.0.0.1' })
})

describe('the store', () => {
  test('of a newer asnzone is an error at the start', async () => {
    const directory = temporaryFolder()
    sqlite3(join(directory, POLICY_FILE), 'PRAGMA user_version = 99')
    await expect(start([], { directory })).rejects.toThrow(
      /policy\.sqlite: a newer asnzone has written it \(version 99/,
    )
  })

  test('that is damaged is told once; when it is whole again, it goes on', async () => {
    const directory = temporaryFolder({
      [POLICY_FILE]: 'this is not a database, and was never one'.repeat(40),
    })
    const it = await start([], { directory })
    expect(await it.answers('d', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', 'DUNNO'])
    const line = await it.said('until it is back')
    expect(line).toMatchObject({ level: 50 })
    expect(line.msg).toMatch(
      /policy\.sqlite: file is not a database; until it is back, requests that it does not judge pass$/,
    )
    writeFileSync(join(directory, POLICY_FILE), '')
    await vi.waitFor(
      async () =>
        expect((await it.answers('d', [DE]))[0] && it.log.some(({ msg }) => msg.endsWith('is back'))).toBe(
          true,
        ),
      {
        timeout: 30_000,
        interval: 100,
      },
    )
    expect(await it.answers('e', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    expect(it.log.filter(({ msg }) => msg.includes('until it is back'))).toHaveLength(1)
  })

  test('is one server’s: a second one says so, answers by on-error, and takes over when the first has ended', async () => {
    const one = await start()
    const other = await TestPolicy.start(['on-error: defer'], { directory: one.directory })
    try {
      const line = await other.said('until it is back')
      expect(line.msg).toMatch(
        /policy\.sqlite: another process has it open, and only one at a time can: two servers need a data-dir each/,
      )
      expect(await other.answer('k', DE)).toBe('DEFER Service temporarily not available')
      expect(await one.answers('k', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
      expect((await one.ask.call('figures')).storeErrors).toBe(0)
      await one.stop()
      await until(async () => (await other.answer('k', DE)) === REJECT)
      expect(other.log.filter(({ msg }) => msg.includes('until it is back'))).toHaveLength(1)
    } finally {
      await other.stop()
    }
  })

  test('loses what is too old, and nothing else, while it is asked', async () => {
    const directory = temporaryFolder()
    const first = await start([], { directory })
    expect(await first.answer('made', DE)).toBe('DUNNO')
    await first.stop()
    const database = join(directory, POLICY_FILE)
    sqlite3(
      database,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5500)
      INSERT INTO seen (user, kind, value, home, refused, first, last)
      SELECT 'old-' || i, 0, '192.0.2.1', 0, 0, 1000, 1000 FROM n`,
    )
    const it = await start([], { directory })
    const client = await it.connect()
    let answered = 0
    let isOver = false
    const expiring = it.ask.call('expire').then(() => {
      isOver = true
    })
    while (!isOver) {
      expect(await client.ask({ sasl_username: 'asking', client_address: DE })).toBe('DUNNO')
      answered++
    }
    await expiring
    expect(answered).toBeGreaterThan(0)
    await it.stop()
    expect(sqlite3(database, "SELECT user, count(*) FROM seen WHERE user <> 'asking' GROUP BY user")).toBe(
      'made|3',
    )
  })

  test('that somebody has removed is made anew', async () => {
    const it = await start()
    expect(await it.answers('r', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    removeFile(it.directory)
    expect(await it.said('policy.sqlite was removed')).toMatchObject({ level: 40 })
    expect(await it.answers('r', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    expect(statSync(join(it.directory, POLICY_FILE)).isFile()).toBe(true)
  })

  test('that somebody has moved another one over is read anew, records and all', async () => {
    const saved = await start()
    expect(await saved.answers('saved', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    await saved.ask.call('setRecords', [{ sender: 'saved', countries: 5 }])
    await saved.stop()
    const it = await start()
    expect(await it.answer('saved', DE)).toBe('DUNNO')
    removeFile(it.directory)
    renameSync(join(saved.directory, POLICY_FILE), join(it.directory, POLICY_FILE))
    await it.said('policy.sqlite was removed')
    expect(await it.answer('saved', DE)).toBe(REJECT)
    expect(await it.ask.call('records')).toEqual({
      source: 'set',
      records: [{ sender: 'saved', countries: 5 }],
    })
  })
})

/** Removes the file of the store, and what SQLite has beside it. */
function removeFile(directory: string): void {
  for (const suffix of ['', '-wal']) rmSync(join(directory, POLICY_FILE + suffix), { force: true })
}

/** The port that a server's log tells of. */
const policyPort = (log: readonly { readonly msg: string }[]): number =>
  Number(log.flatMap(({ msg }) => /^the policy service answers on .*:(\d+)$/.exec(msg)?.[1] ?? [])[0])

describe('asnzone serve', () => {
  test('with listen: none answers policy requests and no DNS', async () => {
    const server = await startServer([
      '--listen',
      'none',
      '--policy-listen',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
    ])
    try {
      expect(server.addresses).toEqual([])
      const client = await PolicyClient.connect({ host: '127.0.0.1', port: policyPort(server.log) })
      expect(await client.ask({ sasl_username: 'n', client_address: DE })).toBe('DUNNO')
      client.destroy()
      const url = server.log.flatMap(({ msg }) => /^pages, .* (http:\S+)$/.exec(msg)?.[1] ?? [])[0]
      expect((await fetch(`${url}readyz`)).status).toBe(503)
      expect(await (await fetch(`${url}metrics`)).text()).toMatch(
        /^asnzone_policy_requests_total\{source="postfix",action="none"\} 1$/m,
      )
      expect((await fetch(`${url}api/lookup/8.8.8.8`)).status).toBe(200)
      expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
    } finally {
      expect((await server.stop()).code).toBe(0)
    }
  })

  test('with listen: none and nothing else says what is missing', async () => {
    const { code, stderr } = await runCli(['serve', '--listen', 'none'])
    expect([code, stderr]).toEqual([
      1,
      'asnzone: listen: with none, policy.listen, policy.http, http, publish-csv or whois is needed\n',
    ])
  })

  test('lets requests pass while the disk is full, and says so once', async () => {
    const directory = compiledData()
    const server = launch([
      '/bin/sh',
      '-c',
      'ulimit -f 400; exec "$@"',
      'sh',
      ...serveCommand(['--listen', 'none', '--policy-listen', '127.0.0.1:0', '--data-dir', directory]),
    ])
    try {
      await server.ready
      const client = await PolicyClient.connect({ host: '127.0.0.1', port: policyPort(server.log) })
      let full = 0
      for (let i = 0; i < 2000 && full < 20; i++) {
        const answer = await client.ask({ sasl_username: `full-${i}`, client_address: DE })
        expect(answer).toBe('DUNNO')
        if (server.output().includes('until it is back')) full++
      }
      await server.printed('until it is back, requests that it does not judge pass')
      const lines = server.log.filter(({ msg }) => msg.includes('until it is back'))
      expect(lines.length).toBeGreaterThan(0)
      client.destroy()
    } finally {
      await server.stop()
    }
  })

  test('takes the sockets that systemd has named policy, and binds those of DNS', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'p.sock')
    const libc = await loadLibc()
    const inet = openTcpSocket(libc, { family: 4, address: Uint8Array.of(127, 0, 0, 1), port: 0 })
    const unix = await openUnixListener(libc, { path, mode: 0o600, gid: null })
    const activated = ['sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh']
    const server = launch(
      [...activated, ...serveCommand(['--listen', '127.0.0.1:0', '--data-dir', compiledData()])],
      {
        stdio: [inet.fd, unix],
        env: { ...process.env, LISTEN_FDS: '2', LISTEN_FDNAMES: 'policy:policy' },
      },
    )
    try {
      const [dns] = await server.ready
      expect(dns.port).toBeGreaterThan(0)
      for (const to of [{ host: '127.0.0.1', port: inet.port }, { path }]) {
        const client = await PolicyClient.connect(to)
        expect([to, await client.ask({ sasl_username: 's', client_address: DE })]).toEqual([to, 'DUNNO'])
        client.destroy()
      }
    } finally {
      await server.stop()
      for (const fd of [inet.fd, unix]) libc.close(fd)
    }
  })
})
