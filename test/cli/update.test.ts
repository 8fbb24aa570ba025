// asnzone update over TLS, against a server that publishes as GitHub's releases do, and fails as servers do.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { startHttpProxy } from '../support/http-proxy.ts'
import { type Outcome, runCli } from '../support/programs.ts'
import { ReleaseServer } from '../support/release-server.ts'

let server: ReleaseServer
let plain: ReleaseServer
/** A data directory and a config file that names small sources. */
let folder: string

beforeAll(async () => {
  server = await ReleaseServer.start({ tls: true })
  plain = await ReleaseServer.start()
})
afterAll(() => Promise.all([server.stop(), plain.stop()]))

beforeEach(() => {
  folder = temporaryFolder()
  publish(15169)
  server.requests.length = 0
  configure()
})

function publish(asn: number, date = '2026-11-20T06:00:00Z'): void {
  server.publish('asn.csv', `8.8.8.0,8.8.8.255,${asn},AS ${asn}\n9.9.9.0,9.9.9.255,19281,Quad9\n`, date)
  server.publish('country.csv', '8.8.8.0,8.8.8.255,US\n', date)
}

function configure(more = ''): void {
  const source = (what: string): string =>
    `  - { what: ${what}, format: ip-location-db, from: '${server.url}/latest/${what}.csv', checksum: '${server.url}/checksum/{file}.sha256' }\n`
  writeFileSync(
    join(folder, 'asnzone.yaml'),
    `feed: none\nsources:\n${source('asn')}${source('country')}${more}`,
  )
}

function run(command: string, ...args: string[]): Promise<Outcome> {
  const env = { ASNZONE_DATA_DIR: join(folder, 'data'), NODE_EXTRA_CA_CERTS: server.certificate ?? '' }
  return runCli([command, ...args], { cwd: folder, env })
}

/** What a server would answer. */
async function asnOfToday(): Promise<number | null> {
  const { stdout } = await run('lookup', '8.8.8.8', '--json')
  return stdout === '' ? null : (JSON.parse(stdout) as { asn: number | null }).asn
}

describe('asnzone update', () => {
  test('fetches, checks and compiles', async () => {
    const { code, stdout, stderr } = await run('update')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual([
      'asn.csv: fetched 0.00 MB, its checksum is right, data of 2026-11-20 06:00 UTC',
      'country.csv: fetched 0.00 MB, its checksum is right, data of 2026-11-20 06:00 UTC',
      '2 of 2 files are new',
      'accepted: 3 rows, 2 ASes, data of 2026-11-20 06:00 UTC',
      'no server runs with this data directory; the next one answers from the new data',
      '',
    ])
    expect(await asnOfToday()).toBe(15169)
  })

  test('what is no proxy is told once', async () => {
    const env = { ASNZONE_DATA_DIR: join(folder, 'data'), https_proxy: 'nonsense::' }
    const file = join(folder, 'asnzone.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(server.url, 'https://data.example'))
    const { code, stderr } = await runCli(['update'], { cwd: folder, env })
    expect(code).toBe(1)
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        /asn\.csv: https_proxy: .* is not an HTTP proxy; write http:\/\/proxy\.example:3128$/,
      ),
      expect.stringMatching(/country\.csv: not asked for, because data\.example was not reached$/),
      '',
    ])
  })

  test('asks through the proxy of the environment', async () => {
    const { port } = new URL(server.url)
    const proxy = await startHttpProxy(Number(port))
    const file = join(folder, 'asnzone.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(server.url, 'https://data.example'))
    const { code, stderr } = await runCli(['update'], {
      cwd: folder,
      env: {
        ASNZONE_DATA_DIR: join(folder, 'data'),
        NODE_EXTRA_CA_CERTS: server.certificate ?? '',
        https_proxy: `http://127.0.0.1:${proxy.port}`,
      },
    })
    await proxy.stop()
    expect([code, stderr]).toEqual([0, ''])
    expect(proxy.asked).toEqual(Array(4).fill('CONNECT data.example:443'))
    expect(await asnOfToday()).toBe(15169)
  })

  test('fetches nothing twice', async () => {
    await run('update')
    server.requests.length = 0
    const { code, stdout } = await run('update')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^asn\.csv: unchanged, data of .*\ncountry\.csv: unchanged.*\nnothing is new\n$/)
    expect(server.requests.map(({ status }) => status)).toEqual([304, 304])
  })

  test('tries again, and goes on where a body was cut off', async () => {
    server.fail(
      '/latest/asn.csv',
      { kind: 'status', status: 500, retryAfter: 0 },
      { kind: 'break', octets: 20 },
    )
    const { code, stderr } = await run('update')
    expect(code).toBe(0)
    expect(stderr).toMatch(/asn\.csv: the server answers 500.*attempt 2 of 5[\s\S]*attempt 3 of 5/)
    expect(await asnOfToday()).toBe(15169)
  })
})

describe('the old data stay', () => {
  beforeEach(async () => {
    await run('update')
    publish(64496, '2026-11-21T06:00:00Z')
  })

  test.each([
    [
      'when a checksum is stale',
      () => server.put('/checksum/asn.csv.sha256', `${'0'.repeat(64)}  asn.csv\n`),
      /asn\.csv: its SHA-256 sum is .*, but 000000000000… is published; the old file stays/,
    ],
    [
      'when a row can’t be right',
      () => server.publish('asn.csv', '8.8.8.0,8.8.8.255,ASX64496,x\n'),
      /asn\.csv:1: 'ASX64496' is not an AS number/,
    ],
    [
      'when there are too few rows',
      () => server.publish('asn.csv', '8.8.8.0,8.8.8.255,15169,x\n'),
      /its rows of asn for IPv4 are 50 % of those in service; at least 80 % is required/,
    ],
    ['when a sentinel is of another AS', () => {}, /8\.8\.8\.8 is of AS64496 in it, not of AS15169/],
    [
      'when the data are older',
      () =>
        server.publish('asn.csv', '8.8.8.0,8.8.8.255,15169,x\n1.0.0.0,1.0.0.1,1,y\n', '2026-11-19T06:00:00Z'),
      /its asn data is of 2026-11-19 06:00 UTC, that in service of 2026-11-20 06:00 UTC/,
    ],
    [
      'when the file is gone',
      () => server.fail('/latest/asn.csv', { kind: 'status', status: 404 }),
      /answers 404/,
    ],
    [
      'when the server sends it elsewhere without encryption',
      () => {
        plain.publish('asn.csv', '8.8.8.0,8.8.8.255,64496,x\n1.0.0.0,1.0.0.1,1,y\n')
        server.fail('/latest/asn.csv', { kind: 'redirect', location: `${plain.url}/latest/asn.csv` })
      },
      /it leads to http:\/\/127\.0\.0\.1:\d+\/latest\/asn\.csv, which is not encrypted/,
    ],
    [
      'when it goes over a server without encryption, and back (issue 13, item 13)',
      () => {
        server.put('/moved.csv', '8.8.8.0,8.8.8.255,64496,x\n1.0.0.0,1.0.0.1,1,y\n')
        plain.fail('/back', { kind: 'redirect', location: `${server.url}/moved.csv` })
        server.fail('/latest/asn.csv', { kind: 'redirect', location: `${plain.url}/back` })
      },
      /it leads to http:\/\/127\.0\.0\.1:\d+\/back, which is not encrypted/,
    ],
  ])('%s', async (_name, breakIt, message) => {
    breakIt()
    const { code, stderr } = await run('update')
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(await asnOfToday()).toBe(15169)
  })

  test('unless it is forced', async () => {
    const { code } = await run('update', '--force')
    expect(code).toBe(0)
    expect(await asnOfToday()).toBe(64496)
  })

  test('when a file is larger than allowed', async () => {
    server.publish('asn.csv', Buffer.alloc(100_000, '9.9.9.0,9.9.9.255,19281,Quad9\n'))
    const { code, stderr } = await run('update', '--max-size', '0.05')
    expect([code, stderr]).toEqual([1, expect.stringContaining('larger than 0.1 MB; raise max-size')])
    expect(await asnOfToday()).toBe(15169)
  })
})

describe('asnzone update says why when', () => {
  test('the certificate is not trusted', async () => {
    const env = { ASNZONE_DATA_DIR: join(folder, 'data'), NODE_EXTRA_CA_CERTS: '' }
    const { code, stderr } = await runCli(['update'], { cwd: folder, env })
    expect(code).toBe(1)
    expect(stderr).toMatch(/its certificate is not trusted \(\w+\); NODE_EXTRA_CA_CERTS names/)
  })

  test('nothing is to be fetched', async () => {
    const env = { ASNZONE_DATA_DIR: join(folder, 'data'), ASNZONE_FEED: 'embedded' }
    const { code, stderr } = await runCli(['update'], { env })
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is nothing to fetch')])
  })
})

describe('before anything was fetched', () => {
  test('there are no data', async () => {
    const { code, stderr } = await run('lookup', '8.8.8.8')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/asn\.csv was never fetched; run asnzone update\n$/),
    ])
  })

  test('what overrides say is not enough to do without a source', async () => {
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn\n10.0.0.0/8,64512\n')
    configure('  - { what: override, format: overrides, from: ours.csv }\n')
    const { code } = await run('check')
    expect(code).toBe(1)
  })
})

test('what was fetched and what is known better are one table', async () => {
  writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n')
  configure('  - { what: override, format: overrides, from: ours.csv }\n')
  await run('update')
  const { code, stdout } = await run('lookup', '10.1.2.3', 'AS64512', '8.8.8.8', '--json')
  expect(code).toBe(0)
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { asn: 64512, name: 'our LAN', prefix: '10.0.0.0/8', country: 'DE' },
    { asn: 64512, name: 'our LAN', country: 'DE' },
    { asn: 15169, name: 'AS 15169', country: 'US' },
  ])
})
