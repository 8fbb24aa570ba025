// A running server and its data: reload, refresh, refusals, status, publishing.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type Outcome, type RunningServer, runCli, startServer } from '../support/programs.ts'
import { ReleaseServer } from '../support/release-server.ts'

const POLL = { timeout: 20_000, interval: 50 }

let release: ReleaseServer
let folder: string
let running: RunningServer[]

beforeAll(async () => {
  release = await ReleaseServer.start()
})
afterAll(() => release.stop())
beforeEach(() => {
  folder = temporaryFolder()
  running = []
  publish(15169)
  writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n')
})
afterEach(async () => {
  release.onRequest = () => {}
  release.release()
  await Promise.all(running.map((server) => server.stop()))
})

function publish(asn: number, date = '2026-11-20T06:00:00Z'): void {
  release.publish('asn.csv', `8.8.8.0,8.8.8.255,${asn},AS ${asn}\n9.9.9.0,9.9.9.255,19281,Quad9\n`, date)
}

function configure(options: { refresh?: string; settings?: string } = {}): void {
  const { refresh = '', settings = '' } = options
  const asn = `{ what: asn, format: ip-location-db, from: '${release.url}/latest/asn.csv'${refresh} }`
  const ours = `{ what: override, format: overrides, from: '${folder}/ours.csv' }`
  writeFileSync(join(folder, 'asnzone.yaml'), `feed: none\nsources:\n  - ${ours}\n  - ${asn}\n${settings}`)
}

const place = () => ({ cwd: folder, env: { ASNZONE_DATA_DIR: join(folder, 'data') } })
const run = (...args: string[]): Promise<Outcome> => runCli(args, place())

async function serve(...args: string[]): Promise<RunningServer> {
  const server = await startServer(['--listen', '127.0.0.1:0', ...args], place())
  running.push(server)
  return server
}

const ask = (server: RunningServer, name: string): Promise<string> =>
  dig(server.addresses[0], ['+short', 'TXT', `${name}.geo.asnzone.internal`])

const GOOGLE = '"15169 | AS 15169 | -- | -- | 0"'
const OTHER = '"64496 | AS 64496 | -- | -- | 0"'
const LAN = '"64512 | our LAN | DE | -- | 0"'

interface Status {
  readonly server: {
    readonly pid: number
    readonly queries: Record<string, number>
    readonly reload: unknown
  } | null
  readonly stale: unknown[]
}

async function status(): Promise<{ code: number | null; status: Status }> {
  const { code, stdout } = await run('status', '--json')
  return { code, status: JSON.parse(stdout) as Status }
}

describe('new data are answered from', () => {
  beforeEach(async () => {
    configure()
    await run('update')
  })

  test('after asnzone update', async () => {
    const server = await serve()
    expect(await ask(server, '8.8.8.8')).toBe(GOOGLE)
    release.publish(
      'asn.csv',
      '8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,64496,AS 64496\n',
      '2026-11-21T06:00:00Z',
    )
    const { code, stdout } = await run('update')
    expect([code, stdout]).toEqual([0, expect.stringContaining('the running server answers from them')])
    expect(await ask(server, '9.9.9.9')).toBe(OTHER)
  })

  test('not by a server with another config, and asnzone update says so', async () => {
    const cwd = temporaryFolder()
    const override = `{ what: override, format: overrides, from: '${folder}/ours.csv' }`
    writeFileSync(join(cwd, 'asnzone.yaml'), `feed: none\nsources:\n  - ${override}\n`)
    const server = await startServer(['--listen', '127.0.0.1:0'], { ...place(), cwd })
    running.push(server)
    release.publish(
      'asn.csv',
      '8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,64496,AS 64496\n',
      '2026-11-21T06:00:00Z',
    )
    const { code, stdout } = await run('update')
    expect([code, stdout]).toEqual([0, expect.stringContaining('the running server found nothing new')])
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
  })

  test('not of a feed-url that was told to asnzone update alone, which says so', async () => {
    for (const what of ['origin-asn', 'user-country'])
      for (const family of ['4', '6']) {
        const [first, last] = family === '4' ? ['8.8.8.0', '8.8.8.255'] : ['2001:db8::', '2001:db8::ff']
        release.publish(
          `${what}-ipv${family}.csv`,
          `${first},${last},${what === 'origin-asn' ? '15169,x' : 'US'}\n`,
        )
      }
    writeFileSync(join(folder, 'asnzone.yaml'), 'sentinels: []\n')
    await serve()
    const { stdout } = await run('update', '--force', '--feed-url', release.url)
    expect(stdout).toMatch(
      /^the running server found nothing new: its config has another feed-url; write it there, then asnzone reload$/m,
    )
  })

  test('after an override was written and asnzone reload', async () => {
    const server = await serve()
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,our new LAN,DE\n')
    const { code, stdout } = await run('reload')
    expect([code, stdout]).toEqual([0, 'the server answers from the new data\n'])
    expect(await ask(server, '3.2.1.10')).toBe('"64513 | our new LAN | DE | -- | 0"')
    expect((await run('reload')).stdout).toBe('nothing is new\n')
  })

  test('after SIGHUP', async () => {
    const server = await serve()
    const { status: before } = await status()
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,our new LAN,DE\n')
    process.kill(before.server?.pid ?? 0, 'SIGHUP')
    await expect.poll(() => ask(server, '3.2.1.10'), POLL).toBe('"64513 | our new LAN | DE | -- | 0"')
    // The line follows the swap.
    const logged = () => server.log.some(({ msg }) => msg.startsWith('new data in service (SIGHUP)'))
    await expect.poll(logged, POLL).toBe(true)
  })

  test('not when they can’t be read: the old ones stay, and status says why', async () => {
    const server = await serve()
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn\n10.0.0.0/8,none\n')
    const { code, stderr } = await run('reload')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the server keeps the old data: .*ours\.csv:2: 'none' is not an AS/),
    ])
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
    const { code: exit, status: now } = await status()
    expect(exit).toBe(2)
    expect(now.server?.reload).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('ours.csv:2'),
    })
    await expect
      .poll(() => server.log.filter(({ level }) => level >= 50).map(({ msg }) => msg), POLL)
      .toEqual([
        expect.stringMatching(
          /^nothing changed \(asnzone reload\), settings and data of .* stay: .*ours\.csv:2/,
        ),
      ])
  })

  test('not when they are worse, unless it is forced', async () => {
    const server = await serve('--sentinels', '10.1.2.3=AS64512')
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,our new LAN,DE\n')
    const { code, stderr } = await run('reload')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('10.1.2.3 is of AS64513 in it, not of AS64512'),
    ])
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
    expect((await run('reload', '--force')).code).toBe(0)
    expect(await ask(server, '3.2.1.10')).toBe('"64513 | our new LAN | DE | -- | 0"')
    expect((await status()).code).toBe(0)
  })
})

describe('dates and serials (issue 14, A)', () => {
  beforeEach(async () => {
    configure()
    await run('update')
  })

  const soa = async (server: RunningServer): Promise<number> =>
    Number((await dig(server.addresses[0], ['+short', 'SOA', 'geo.asnzone.internal'])).split(' ')[2])
  const apex = (server: RunningServer): Promise<string> =>
    dig(server.addresses[0], ['+short', 'TXT', 'geo.asnzone.internal'])
  const override = (asn: number): void =>
    writeFileSync(join(folder, 'ours.csv'), `cidr,asn,name,country\n10.0.0.0/8,${asn},our LAN,DE\n`)

  test('an override of today leaves the age of the data: TXT, check, start line, status line (item 2)', async () => {
    const server = await serve()
    const date = '2026-11-20T06:00:00.000Z'
    expect(await apex(server)).toContain('"data of 2026-11-20T06:00Z"')
    expect((await run('check')).stdout).toContain('data of 2026-11-20 06:00 UTC')
    const line = server.log.find(({ msg }) => msg.includes('answers on'))
    expect(line).toMatchObject({ data: date })
    expect(server.log.some(({ msg }) => msg.startsWith('data of 2026-11-20'))).toBe(true)
    expect((await run('status')).stdout).toMatch(/^override {2}IPv4 .* 0 d +own/m)
  })

  test('the serial rises with every change, backwards ones included (item 3)', async () => {
    const server = await serve()
    const serials = [await soa(server)]
    for (const asn of [64513, 64514, 64512]) {
      override(asn)
      expect((await run('reload')).code).toBe(0)
      serials.push(await soa(server))
    }
    // Older data, by force.
    publish(15169, '2026-11-19T06:00:00Z')
    release.publish(
      'asn.csv',
      '8.8.8.0,8.8.8.255,15169,x\n9.9.9.0,9.9.9.255,64496,y\n',
      '2026-11-19T06:00:00Z',
    )
    expect((await run('update', '--force')).code).toBe(0)
    serials.push(await soa(server))
    expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b))
    expect(serials).toHaveLength(5)
  })

  test('the serial stays where nothing is new, and over a restart (item 3)', async () => {
    let server = await serve()
    const serial = await soa(server)
    expect((await run('reload')).stdout).toBe('nothing is new\n')
    expect(await soa(server)).toBe(serial)
    await server.stop()
    server = await serve()
    expect(await soa(server)).toBe(serial)
    expect(server.log.find(({ msg }) => msg.includes('answers on'))).toMatchObject({ serial })
  })

  test('the serial rises with a change while no server ran (item 3)', async () => {
    let server = await serve()
    const serial = await soa(server)
    await server.stop()
    override(64515)
    server = await serve()
    expect(await soa(server)).toBeGreaterThan(serial)
  })

  test('a Last-Modified in the future does not freeze the data (item 1)', async () => {
    const next = (asn: number, date: string): void =>
      release.publish(
        'asn.csv',
        `8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,${asn},AS ${asn}\n`,
        date,
      )
    next(64497, '2099-01-01T00:00:00Z')
    const first = await run('update')
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringMatching(/asn\.csv says that it is of 2099-.*in the future: the time of fetching counts/),
    ])
    next(64496, new Date(Date.now() + 60_000).toISOString())
    expect((await run('update')).code).toBe(0)
    expect(await ask(await serve(), '9.9.9.9')).toBe(OTHER)
  })

  test('a sentinel of any field, and a wrong one is refused with the mend (item 4)', async () => {
    const server = await serve('--sentinels', '10.1.2.3=name:our LAN')
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64512,their LAN,DE\n')
    expect((await run('reload')).stderr).toContain('10.1.2.3 has the name their LAN in it, not our LAN')
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
    const { code, stderr } = await run('check', '--sentinels', '8.8.8.8=15169')
    expect([code, stderr]).toEqual([1, expect.stringContaining('its AS is written 8.8.8.8=AS15169')])
  })
})

describe('a source that is refreshed', () => {
  beforeEach(() => configure({ refresh: ', refresh: 1s' }))

  test('is fetched when it was never, and again when it is due', async () => {
    const server = await serve()
    expect(
      server.log.some(({ msg }) => msg.includes('was never fetched; it is left out until serve has')),
    ).toBe(true)
    await expect.poll(() => ask(server, '8.8.8.8'), POLL).toBe(GOOGLE)
    release.publish(
      'asn.csv',
      '8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,64496,AS 64496\n',
      '2026-11-21T06:00:00Z',
    )
    await expect.poll(() => ask(server, '9.9.9.9'), POLL).toBe(OTHER)
  })

  test('that becomes worse is refused, and the old one stays', async () => {
    const server = await serve()
    await expect.poll(() => ask(server, '8.8.8.8'), POLL).toBe(GOOGLE)
    publish(64496, '2026-11-21T06:00:00Z')
    await expect
      .poll(() => server.log.map(({ msg }) => msg).join('\n'), POLL)
      .toMatch(
        /new data refused \(refresh\), that of .* stays: 8\.8\.8\.8 is of AS64496 in it, not of AS15169/,
      )
    expect(await ask(server, '8.8.8.8')).toBe(GOOGLE)
    expect((await status()).code).toBe(2)
  })
})

test('a source that is gone is asked ever more seldom, and told of once when it goes and once when it is back', async () => {
  configure({ refresh: ', refresh: 1s' })
  release.fail(
    '/latest/asn.csv',
    ...Array.from({ length: 2 }, () => ({ kind: 'status', status: 404 }) as const),
  )
  release.requests.length = 0
  const server = await serve()
  await expect.poll(() => ask(server, '8.8.8.8'), POLL).toBe(GOOGLE)
  const told = () =>
    server.log.filter(({ msg }) => /asn\.csv/.test(msg) && !/never fetched/.test(msg)).map(({ msg }) => msg)
  await expect
    .poll(told, POLL)
    .toEqual([
      expect.stringMatching(/^not fetched: .*\/latest\/asn\.csv: .*404/),
      expect.stringMatching(
        /^fetched again, after 2 attempts without success since [\d-]+ [\d:]+ UTC: .*asn\.csv$/,
      ),
    ])
  expect(server.log.filter(({ msg }) => msg.startsWith('no new data (refresh)'))).toEqual([])
})

test('asnzone update tells each file that can’t be fetched once', async () => {
  configure()
  release.fail('/latest/asn.csv', { kind: 'status', status: 404 })
  const { code, stderr } = await run('update')
  expect(code).toBe(1)
  expect(stderr.match(/asn\.csv/g)).toHaveLength(1)
})

describe('a download that stalls (issue 13, item 14)', () => {
  beforeEach(async () => {
    configure()
    await run('update')
    configure({ refresh: ', refresh: 1s' })
  })

  test('holds up neither asnzone reload nor SIGHUP', async () => {
    const stalled = new Promise<void>((resolve) => {
      release.onRequest = resolve
    })
    release.fail('/latest/asn.csv', { kind: 'stall', octets: 5 })
    publish(64496, '2026-11-22T06:00:00Z')
    const server = await serve()
    await stalled
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,our new LAN,DE\n')
    expect(await run('reload')).toMatchObject({
      code: 0,
      stdout: 'the server answers from the new data\n',
    })
    expect(await ask(server, '3.2.1.10')).toBe('"64513 | our new LAN | DE | -- | 0"')
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64514,our newest LAN,DE\n')
    const { status: now } = await status()
    process.kill(now.server?.pid ?? 0, 'SIGHUP')
    await expect.poll(() => ask(server, '3.2.1.10'), POLL).toBe('"64514 | our newest LAN | DE | -- | 0"')
    // It was still going on.
    expect(server.log.filter(({ msg }) => msg.includes('(refresh)'))).toEqual([])
  })

  test('and is compiled with what was reloaded meanwhile', async () => {
    const server = await serve()
    const asked = new Promise<void>((resolve) => {
      release.onRequest = resolve
    })
    const changed = '8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,64496,AS 64496\n'
    release.publish('asn.csv', changed, '2026-11-21T06:00:00Z')
    release.fail('/latest/asn.csv', { kind: 'hold' })
    await asked
    writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,our new LAN,DE\n')
    expect((await run('reload')).code).toBe(0)
    release.release()
    await expect.poll(() => ask(server, '9.9.9.9'), POLL).toBe(OTHER)
    expect(await ask(server, '3.2.1.10')).toBe('"64513 | our new LAN | DE | -- | 0"')
  })
})

test('secrets in the URLs of sources are told nowhere (issue 13, item 12)', async () => {
  const { port } = new URL(release.url)
  const by = (path: string, user = ''): string =>
    `{ what: asn, format: ip-location-db, refresh: 1d, from: 'http://${user}127.0.0.1:${port}/latest/${path}' }`
  release.put('/latest/asn.csv?license_key=s3cret', '9.9.9.0,9.9.9.255,19281,Quad9\n')
  release.put('/latest/asn.csv?license_key=s3cret&edition=2', '1.1.1.0,1.1.1.255,13335,Cloudflare\n')
  const sources = [
    by('asn.csv?license_key=s3cret'),
    by('asn.csv?license_key=s3cret&edition=2'),
    by('asn.csv', 'me:s3cret@'),
    by('gone.csv?license_key=s3cret', 's3cret@'),
  ]
  writeFileSync(
    join(folder, 'asnzone.yaml'),
    `feed: none\nsources:\n${sources.map((one) => `  - ${one}\n`).join('')}`,
  )
  release.requests.length = 0
  const update = await run('update')
  const server = await serve('--http', '127.0.0.1:0', '--log-level', 'debug')
  const url = server.log.flatMap(({ msg }) => /(http:\/\/[\d.:]+)\/?$/.exec(msg)?.[1] ?? [])[0]
  const pages = await Promise.all(
    ['/metrics', '/api/status', '/health'].map(async (path) => (await fetch(`${url}${path}`)).text()),
  )
  const { status: told } = await status()
  const files = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
  expect(files.map((file) => file.slice(folder.length))).toContain('/data/table.snapshot')
  const everything = [
    JSON.stringify([update, server.log, told, await run('status')]),
    ...pages,
    ...files.map((file) => readFileSync(file, 'latin1')),
  ]
  expect(everything.join('\n')).toContain(`http://127.0.0.1:${port}/latest/asn.csv`)
  for (const text of everything) expect(text).not.toContain('s3cret')
  // Three files of one name are told apart.
  expect(pages[0]).toContain(`source="http://127.0.0.1:${port}/latest/asn.csv (3)"`)
  const authorizations = release.requests.flatMap(({ headers }) => headers.authorization ?? [])
  expect(authorizations).toContain(`Basic ${Buffer.from('me:s3cret').toString('base64')}`)
  for (const file of files.filter((name) => !/stats|files\//.test(name))) {
    expect([file, statSync(file).mode & 0o007]).toEqual([file, 0])
  }
})

test('without refresh, serve opens no connection', async () => {
  configure()
  await run('update')
  release.requests.length = 0
  const server = await serve()
  expect(await ask(server, '8.8.8.8')).toBe(GOOGLE)
  await server.stop()
  expect(release.requests).toEqual([])
})

describe('asnzone status', () => {
  test('tells of the server, its counters and its data by source', async () => {
    configure({ settings: 'max-age: 999w\n' })
    await run('update')
    const server = await serve()
    // It has asked itself before it said that it answers.
    const own = (await status()).status.server?.queries.answer ?? 0
    await ask(server, '8.8.8.8')
    await ask(server, '77.7.7.7')
    const { code, stdout } = await run('status')
    expect(code).toBe(0)
    const wide = stdout.split('\n').filter((line) => !line.startsWith('  ') && line.length > 80)
    expect(wide).toEqual([])
    // A pipe has no colours.
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(
      /^server {3}asnzone [\d.]+, process \d+, up \d+ s\nlistens {2}on 127\.0\.0\.1:\d+ \((mmsg|dgram)\)$/m,
    )
    expect(stdout).toContain(`\nqueries  ${own + 2}: ${own + 1} answer, 1 nxDomain\n`)
    expect(stdout).toMatch(/^update {3}[\d-]+ [\d:]+ UTC: updated$/m)
    expect(stdout).toMatch(/^override {2}IPv4 +1 +0\.39 % +\S+ \S+ +0 d +own\n {2}\S+ours\.csv$/m)
    expect(stdout).toMatch(/^asn {7}IPv4 +2 +0\.00 % +2026-11-20 06:00 +\d+ d +unknown licence\n {2}http/m)
  })

  test('fails when data are old, and the server has warned of it', async () => {
    publish(15169, '2020-01-01T00:00:00Z')
    configure()
    await run('update')
    const server = await serve()
    const { code, stdout } = await run('status')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^! older than max-age 45d: asnzone update fetches new data$/m)
    const warnings = server.log.filter(({ level }) => level === 40).map(({ msg }) => msg)
    expect(warnings).toEqual([
      expect.stringMatching(
        /^data of 2020-01-01 is \d+ days old, more than max-age 45d; asnzone update (--data-dir \S+ )?fetches new data$/,
      ),
    ])
  })

  test('fails when no server runs', async () => {
    configure()
    const { code, stdout } = await run('status')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^server {3}none runs with .*\ndata {5}none are compiled yet\n$/)
    await run('update')
    expect((await run('status')).stdout).toContain('asn       IPv4')
    expect((await run('reload')).code).toBe(1)
  })
})

describe('a data directory', () => {
  beforeEach(async () => {
    configure()
    await run('update')
  })

  test('has one control socket; a second server says so and answers', async () => {
    await serve()
    const second = await serve()
    expect(second.log.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^another server has .*control\.sock/),
    ])
    expect(await ask(second, '8.8.8.8')).toBe(GOOGLE)
  })

  test('that can have no socket is no reason not to answer', async () => {
    mkdirSync(join(folder, 'data', 'control.sock', 'x'), { recursive: true })
    const server = await serve()
    expect(server.log.some(({ msg }) => msg.startsWith('no control socket'))).toBe(true)
    expect(await ask(server, '8.8.8.8')).toBe(GOOGLE)
  })

  test('with a damaged manifest is as good as an empty one', async () => {
    writeFileSync(join(folder, 'data', 'manifest.json'), '{')
    writeFileSync(
      join(folder, 'asnzone.yaml'),
      `feed: none\nsources:\n  - { what: override, format: overrides, from: '${folder}/ours.csv' }\n`,
    )
    const server = await serve()
    expect(
      server.log.some(({ level, msg }) => level === 50 && msg.includes('manifest.json is damaged')),
    ).toBe(true)
    expect(await ask(server, '3.2.1.10')).toBe(LAN)
  })
})

test('--publish-csv publishes what is in service', async () => {
  configure()
  await run('update')
  const server = await serve('--publish-csv', '127.0.0.1:0')
  const url = server.log.flatMap(({ msg }) => /^publishes .* (http:\/\/[\d.:]+\/)$/.exec(msg)?.[1] ?? [])[0]
  const response = await fetch(`${url}asn-ipv4.csv`)
  expect(await response.text()).toBe(
    '8.8.8.0,8.8.8.255,15169,AS 15169\n9.9.9.0,9.9.9.255,19281,Quad9\n10.0.0.0,10.255.255.255,64512,our LAN\n',
  )
})
