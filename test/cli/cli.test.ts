// The built command line: what each command prints and exits with.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatListenAddress } from '../../src/system/listen-address.ts'
import { temporaryFolder } from '../support/folders.ts'
import { OWN_ZONES, ownZonesFolder } from '../support/own-zones.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'

let server: RunningServer

/** Its start writes the snapshot, so that every command below is quick. */
beforeAll(async () => {
  server = await startServer(['--zones', ownZonesFolder()])
})

afterAll(() => server.stop())

describe.concurrent('lookup', () => {
  test('a block each, exit 0', async () => {
    const outcome = await runCli(['lookup', '8.8.8.8', '2001:4860:4860::8888', 'as3333'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toBe(`8.8.8.8
  AS         15169
  Name       Google LLC
  Prefix     8.8.8.0/24
  Range      8.8.8.0-8.8.8.255
  Country    US
  Registry   arin
  RPKI       --
  Allocated  --
  Place      US, North America
  Location   39.59, -89.72, the point of US
  Distance   --
  Score      0

2001:4860:4860::8888
  AS         15169
  Name       Google LLC
  Prefix     2001:4860:4840::/42
  Range      2001:4860:480d::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff
  Country    US
  Registry   arin
  RPKI       --
  Allocated  --
  Place      US, North America
  Location   39.59, -89.72, the point of US
  Distance   --
  Score      0

as3333
  AS         3333
  Name       Reseaux IP Europeens Network Coordination Centre (RIPE NCC)
  Prefix     --
  Range      --
  Country    NL
  Registry   ripencc
  RPKI       --
  Allocated  --
  Place      NL, Europe
  Location   52.19, 5.09, the point of NL
  Distance   --
  Score      0

`)
  })

  test('something unknown: it says so, exit 1', async () => {
    const outcome = await runCli(['lookup', '10.0.0.1', '8.8.8.8', 'AS4294967200'])
    expect(outcome).toMatchObject({ code: 1, stderr: '' })
    expect(outcome.stdout).toMatch(
      /^10\.0\.0\.1\n {2}nothing known\n\n8\.8\.8\.8\n {2}AS {9}15169\n.*\nAS4294967200\n {2}nothing known\n\n$/s,
    )
  })

  test('--json: an object a line', async () => {
    const outcome = await runCli(['lookup', '--json', '8.8.8.8', '10.0.0.1', 'AS3333'])
    expect(outcome).toMatchObject({ code: 1, stderr: '' })
    const lines = outcome.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        query: '8.8.8.8',
        found: true,
        asn: 15169,
        name: 'Google LLC',
        prefix: '8.8.8.0/24',
        range: '8.8.8.0-8.8.8.255',
        country: 'US',
        registry: 'arin',
        rpki: null,
        roas: [],
        allocated: null,
        city: null,
        region: null,
        cityCountry: 'US',
        continent: 'NA',
        latitude: 39.59,
        longitude: -89.72,
        distance: null,
        distanceIsRough: false,
        score: 0,
        scoreParts: [],
        reputation: null,
        reputationEvidence: null,
      },
      { query: '10.0.0.1', found: false },
      expect.objectContaining({ query: 'AS3333', found: true, asn: 3333, prefix: null, country: 'NL' }),
    ])
  })

  test.each([
    ['AS0', "'AS0' is not an IP address or an AS number such as AS15169, nor a network such as 8.8.8.0/24"],
    ['8.8.8.8/24', "'8.8.8.8/24' has bits after its length; did you mean 8.8.8.0/24?"],
  ])('%s is not an address, a network or an AS: one line, exit 1', async (argument, message) => {
    expect(await runCli(['lookup', '8.8.8.8', argument])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `asnzone: ${message}\n`,
    })
  })

  test('a network shows what lies in it', async () => {
    const { code, stdout } = await runCli(['lookup', '8.8.8.0/25', '::ffff:8.8.8.128/121'])
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        '8.8.8.0/25',
        '  8.8.8.0 - 8.8.8.127  AS15169  US  arin  Google LLC',
        '',
        '::ffff:8.8.8.128/121',
        '  8.8.8.128 - 8.8.8.255  AS15169  US  arin  Google LLC',
        '',
        '',
      ].join('\n'),
    )
    const empty = await runCli(['lookup', '--json', '10.0.0.0/8'])
    expect([empty.code, JSON.parse(empty.stdout)]).toEqual([
      1,
      { query: '10.0.0.0/8', found: false, ranges: [], more: 0 },
    ])
  })

  test('nothing to look up: exit 1', async () => {
    const outcome = await runCli(['lookup'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/^error: missing required argument 'ADDR\|NETWORK\|ASN'\n/)
  })
})

test.each([
  [`${'a'.repeat(300)}.test`, 'has a label of 300 octets; 63 is the most'],
  [`${'a.'.repeat(150)}test`, 'has 306 octets; a name has at most 255'],
])('a name that fits no packet is not asked for', async (name, reason) => {
  const { code, stderr } = await runCli(['query', name])
  expect([code, stderr]).toEqual([1, expect.stringContaining(reason)])
})

describe.concurrent('query', () => {
  const ask = (...args: string[]) =>
    runCli(['query', ...args, '--server', formatListenAddress(server.addresses[0])])

  test.each([
    [['8.8.8.8.geo.asnzone.internal.', 'txt'], '"15169 | Google LLC | US | -- | 0"'],
    [['8.8.8.8.asn.routeviews.org', 'TXT'], '"15169" "8.8.8.0" "24"'],
    [['geo.asnzone.internal', 'SOA'], 'localhost. nobody.invalid. 2026061719 86400 7200 604800 300'],
    [['geo.asnzone.internal', 'NS'], 'localhost.'],
    [['8.8.8.8.long.asnzone.internal'], OWN_ZONES.long.example.answer],
  ])('%j: the answer, exit 0', async (args, answer) => {
    expect(await ask(...args)).toMatchObject({ code: 0, stdout: `${answer}\n`, stderr: '' })
  })

  test('over IPv6', async () => {
    const to = formatListenAddress(server.addresses[1])
    const outcome = await runCli(['query', '8.8.8.8.zz.countries.nerd.dk', 'A', '-s', to])
    expect(outcome).toMatchObject({ code: 0, stdout: '127.0.3.72\n', stderr: '' })
  })

  test.each([
    [['1.0.0.10.geo.asnzone.internal'], 1, '1.0.0.10.geo.asnzone.internal: NXDOMAIN'],
    [['8.8.8.8.geo.asnzone.internal', 'A'], 0, '8.8.8.8.geo.asnzone.internal: NOERROR, no A record'],
    [
      ['8.8.8.8'],
      1,
      '8.8.8.8: REFUSED\nasnzone lookup 8.8.8.8 looks an address up; a server is asked for 8.8.8.8.geo.asnzone.internal',
    ],
    [['example.com', 'MX'], 1, "asnzone: 'MX' is not a type to ask for: TXT, A, AAAA, SOA, NS, ANY"],
  ])('%j: exit %i, and a line that tells why', async (args, code, line) => {
    expect(await ask(...args)).toMatchObject({ code, stdout: '', stderr: `${line}\n` })
  })

  test.each([
    [['8.8.8.8'], { ip: '8.8.8.8', asn: 15169, prefix: '8.8.8.0/24', distance: null }],
    [['2001:4860:4860::8888', 'TXT'], { ip: '2001:4860:4860::8888', name: 'Google LLC' }],
    [['8.8.8.0/24'], { ip: '8.8.8.0/24', country: 'US' }],
    [['8.8.8.8.objects.asnzone.internal.'], { e: 'é'.repeat(130), asn: 15169 }],
  ])('--json %j: the object, parsed and indented', async (args, object) => {
    const { code, stdout, stderr } = await ask('--json', ...args)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject(object)
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout), null, 2)}\n`)
  })

  test.each([
    [['240.0.0.1'], 1, '240.0.0.1.json.asnzone.internal: NXDOMAIN'],
    [['8.8.0.0/16'], 0, '8.8.0.0/16.json.asnzone.internal: NOERROR, no TXT record'],
    [['8.8.8.8', '--domain', 'example.net'], 1, '8.8.8.8.json.example.net: REFUSED'],
    [['8.8.8.1/24'], 1, "asnzone: '8.8.8.1/24' has bits after its length; did you mean 8.8.8.0/24?"],
    [['8.8.8.8', 'A'], 1, 'asnzone: --json is of TXT records; leave A out'],
    [
      ['8.8.8.8.geo.asnzone.internal'],
      1,
      '8.8.8.8.geo.asnzone.internal: its TXT record is no JSON: 15169 | Google LLC | US | -- | 0',
    ],
  ])('--json %j: exit %i, and a line that tells why', async (args, code, line) => {
    expect(await ask('--json', ...args)).toMatchObject({ code, stdout: '', stderr: `${line}\n` })
  })

  test('no reply: exit 9', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const to = `127.0.0.1:${silent.address().port}`
    const outcome = await runCli(['query', 'geo.asnzone.internal', 'SOA', '--server', to])
    const ofAddress = await runCli(['query', '8.8.8.8', '--server', to])
    silent.close()
    expect(ofAddress.stderr).toContain('\nasnzone lookup 8.8.8.8 looks an address up; ')
    expect(outcome).toMatchObject({ code: 9, stdout: '' })
    expect(outcome.stderr).toMatch(
      new RegExp(`^asnzone: no reply from ${to}: .*; 'asnzone status' tells where yours listens\\n$`),
    )
  })
})

describe.concurrent('zones', () => {
  test('every zone with a question and its answer', async () => {
    const outcome = await runCli([
      'zones',
      '--zones',
      ownZonesFolder(),
      '--disable',
      'cymru',
      '--domain',
      'a.test',
    ])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    const blocks = outcome.stdout.trimEnd().split('\n\n')
    expect(blocks).toContain('a.test  (top)')
    expect(blocks).toContain(
      'geo.a.test  (geo)\n  TXT 8.8.8.8.geo.a.test\n  "15169 | Google LLC | US | -- | 0"',
    )
    expect(blocks).toContain(
      'asn.routeviews.org  (routeviews)\n  TXT 8.8.8.8.asn.routeviews.org\n  "15169" "8.8.8.0" "24"',
    )
    expect(blocks).toContain(
      'us.countries.nerd.dk  (nerd-dk-list)\n  A 8.8.8.8.us.countries.nerd.dk\n  127.0.0.2',
    )
    expect(blocks.filter((block) => block.includes('(nerd-dk-list)'))).toHaveLength(1)
    expect(outcome.stdout).toContain('long.a.test  (long)')
    expect(outcome.stdout).not.toContain('cymru')
    expect(outcome.stdout).not.toContain('no answer from this data')
  })
})

describe.concurrent('check', () => {
  test('all is right: one line, exit 0', async () => {
    const outcome = await runCli(['check', '--log-level', 'error'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toMatch(/^ok: \d{3} zones, \d\d,\d{3} ASes, data of 2026-06-17 19:00 UTC\n$/)
  })

  test('something is wrong: one line, exit 1', async () => {
    const zones = temporaryFolder({ 'z.yaml': '{ zones: { mine: { apex: a.test, owner: none, tll: 1 } } }' })
    expect(await runCli(['check', '--zones', zones])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `asnzone: ${zones}/z.yaml:1: zone mine: no such key as 'tll'\n`,
    })
  })
})

describe.concurrent('help', () => {
  test.each([
    [],
    ['serve'],
    ['lookup'],
    ['query'],
    ['probe'],
    ['zones'],
    ['check'],
    ['init'],
    ['completion'],
  ])('asnzone %s --help has examples', async (...command) => {
    const outcome = await runCli([...command, '--help'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    const [, examples] = outcome.stdout.split('\nExamples:\n')
    expect(examples).toMatch(new RegExp(`^ {2}asnzone ${command[0] ?? 'serve'}( |$)`, 'm'))
  })

  test('every setting is an option of serve, with its variable and its default', async () => {
    const { stdout } = await runCli(['serve', '--help'])
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain(
      '--listen <ADDR:PORT> addresses to answer on, UDP and TCP, port 5300 unless given; *:5300 for all of the host; none for no DNS (default: 127.0.0.1:5300,[::1]:5300) [$ASNZONE_LISTEN]',
    )
    expect(text).toContain(
      '--tcp-idle <SECONDS> seconds after which a TCP connection without a complete query is closed (default: 10) [$ASNZONE_TCP_IDLE]',
    )
  })

  test('--version', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('an unknown command: exit 1 and a hint', async () => {
    const outcome = await runCli(['serv'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/^error: unknown command 'serv'\n\(Did you mean serve\?\)/)
  })
})
