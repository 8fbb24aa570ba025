// Few file descriptors: connections leave those that everything else needs.

import { afterAll, describe, expect, test } from 'vitest'
import { budgetOf, descriptorLimit, descriptorsInUse, lackOf } from '../../src/server/descriptors.ts'
import { temporaryFolder } from '../support/folders.ts'
import { RawClient } from '../support/http-server.ts'
import { dig, runCli, startServer } from '../support/programs.ts'
import { TcpClient } from '../support/tcp-client.ts'

const NEEDS = { threads: 4, files: 5, tcpConnections: 256, httpConnections: 256, policyConnections: 0 }

describe('the budget', () => {
  test.each([
    [
      'nobody tells the limit',
      NEEDS,
      null,
      { tcpConnections: 256, httpConnections: 256, policyConnections: 0, limit: null },
    ],
    [
      'there are enough',
      NEEDS,
      1024,
      { tcpConnections: 256, httpConnections: 256, policyConnections: 0, limit: null },
    ],
    ['there are few', NEEDS, 64, { tcpConnections: 6, httpConnections: 6, policyConnections: 0, limit: 64 }],
    [
      'there are too few',
      NEEDS,
      40,
      { tcpConnections: 1, httpConnections: 1, policyConnections: 0, limit: 40 },
    ],
    [
      'nothing is served over HTTP',
      { ...NEEDS, httpConnections: 0 },
      64,
      { tcpConnections: 13, httpConnections: 0, policyConnections: 0, limit: 64 },
    ],
    [
      'one is to have more',
      { ...NEEDS, tcpConnections: 900, httpConnections: 100 },
      151,
      { tcpConnections: 90, httpConnections: 10, policyConnections: 0, limit: 151 },
    ],
    [
      'mail servers ask, too',
      { ...NEEDS, policyConnections: 512 },
      90,
      { tcpConnections: 9, httpConnections: 9, policyConnections: 19, limit: 90 },
    ],
  ])('where %s', (_name, needs, limit, budget) => {
    expect(budgetOf(needs, limit, 20)).toEqual(budget)
  })
})

test.each([
  ['nobody tells the limit', null, 0],
  ['the reserve is left', 51, 0],
  ['the reserve is all that is used', 41, 0],
  ['the reserve does not suffice', 38, 3],
])('what lacks where %s', (_name, limit, lack) => {
  expect(lackOf(NEEDS, limit, 20)).toBe(lack)
})

test('what the kernel tells of this process', () => {
  expect(descriptorLimit()).toBeGreaterThan(descriptorsInUse())
  expect(descriptorsInUse()).toBeGreaterThan(3)
})

describe('with ulimit -n 64', () => {
  const clients: { destroy(): void }[] = []
  afterAll(() => {
    for (const client of clients) client.destroy()
  })

  test('clients that hold connections leave DNS over TCP and the control socket alive', async () => {
    const place = { env: { ASNZONE_DATA_DIR: temporaryFolder() }, descriptors: 64 }
    const server = await startServer(
      ['--listen', '127.0.0.1:0', '--workers', '2', '--http', '127.0.0.1:0'],
      place,
    )
    try {
      const warning = server.log.find(({ msg }) => msg.startsWith('64 file descriptors leave room for '))
      expect(warning?.msg).toMatch(
        / [1-9]\d* TCP connections and [1-9]\d* over HTTP; raise LimitNOFILE= or ulimit -n$/,
      )
      const [address] = server.addresses
      const url = server.log.flatMap(({ msg }) => /^pages, .* (http:\S+)$/.exec(msg)?.[1] ?? [])[0]
      for (let i = 0; i < 80; i++) {
        const http = new RawClient(Number(new URL(url).port))
        http.send('GET / HTTP/1.1\r\n')
        clients.push(http.socket, await TcpClient.connect(address))
      }
      expect(await dig(address, ['+tcp', '+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])).toContain('15169')
      expect((await fetch(`${url}healthz`)).status).toBe(200)
      const { code, stdout } = await runCli(['status', '--json'], place)
      expect([code, JSON.parse(stdout)]).toMatchObject([
        expect.anything(),
        { server: { version: expect.any(String) } },
      ])
    } finally {
      await server.stop()
    }
  })
})

test('a server that would have none left for TCP and the control socket says so, and does not start', async () => {
  const place = { env: { ASNZONE_DATA_DIR: temporaryFolder() }, descriptors: 64 }
  const { code, stdout, stderr } = await runCli(
    [
      ...['serve', '--listen', '127.0.0.1:0', '--workers', '2', '--http', '127.0.0.1:0', '--stats'],
      ...['--publish-csv', '127.0.0.1:0', '--policy-listen', '127.0.0.1:0', '--query-log', '/dev/null'],
    ],
    place,
  )
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    expect.stringMatching(
      /^asnzone: 64 file descriptors are too few for these settings, by \d+; raise LimitNOFILE= or ulimit -n\n$/,
    ),
  ])
})

describe.concurrent('far too few', () => {
  test.each([22, 24, 26, 28, 30, 32])(
    '%d: one line that says so, and nothing else is blamed',
    async (descriptors) => {
      const cwd = temporaryFolder({
        'one.csv': '8.8.8.0,8.8.8.255,15169,Google\n',
        'manifest.json': '{"version":2,"files":[]}',
        'asnzone.yaml': 'feed: none\nsources: [{ what: asn, format: ip-location-db, from: one.csv }]\n',
      })
      const { code, stderr } = await runCli(['check', '--data-dir', '.', '--log-format', 'json'], {
        cwd,
        descriptors,
      })
      expect(stderr).not.toMatch(/damaged|is not a function/)
      const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
      expect(complaints).toEqual(
        code === 0 ? [] : [expect.stringMatching(/^asnzone: .*(EMFILE|too many open files)/)],
      )
    },
  )
})
