// Places, distances and scores of the bundled data, as lookup, zones and the running server show them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { ownerOf } from '../../src/zones/example.ts'
import { temporaryFolder } from '../support/folders.ts'
import { writeMmdb } from '../support/mmdb-writer.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const folder = temporaryFolder()

function configFile(name: string, settings: object): string {
  const path = join(folder, name)
  writeFileSync(path, stringify(settings))
  return path
}

/** What the manual of Geo Weight begins with. */
const GEO_WEIGHT = {
  countries: [
    { codes: ['DE', 'US', 'AU'], weight: 10 },
    { codes: ['SE', 'DK'], weight: 5 },
  ],
  default: -5,
}

const geoWeight = configFile('geo-weight.yaml', { here: '66.128.51.163', score: GEO_WEIGHT })

const servers: RunningServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

describe('the sample weights of Geo Weight, from 66.128.51.163', () => {
  const data = temporaryFolder()
  let server: RunningServer
  beforeAll(async () => {
    // Its snapshot is another one than the other tests start from.
    server = await startServer(['--config', geoWeight, '--data-dir', data])
    servers.push(server)
  })

  const short = (owner: string, zone: string, type: string): Promise<string> =>
    dig(server.addresses[0], ['+short', `${owner}.${zone}.asnzone.internal`, type])

  test.each([
    { name: 'Google', address: '8.8.8.8', geo: '"15169 | Google LLC | US | -- | 10"', a: '127.0.2.10' },
    { name: 'DENIC', address: '194.0.0.1', geo: '"31529 | DENIC eG | DE | 7304 | 10"', a: '127.0.2.10' },
    {
      name: 'RIPE NCC',
      address: '193.0.6.139',
      geo: '"3333 | Reseaux IP Europeens Network Coordination Centre (RIPE NCC) | NL | 6934 | -5"',
      a: '127.0.1.5',
    },
  ])('$name', async ({ address, geo, a }) => {
    expect(await short(ownerOf(address), 'geo', 'TXT')).toBe(geo)
    expect(await short(ownerOf(address), 'score', 'A')).toBe(a)
  })

  test('lookup shows the parts', async () => {
    const { stdout } = await runCli(['lookup', '--config', geoWeight, '--data-dir', data, '193.0.6.139'])
    expect(stdout).toContain('  Place      NL, Europe\n  Location   52.19, 5.09, the point of NL\n')
    expect(stdout).toContain(
      '  Distance   about 6934 km, by the point of a country\n  Score      -5 | country NL -5\n',
    )
  })
})

test('a city source makes distances exact', async () => {
  const city = join(folder, 'city.mmdb')
  const place = {
    country_code: 'US',
    city: 'Mountain View',
    state1: 'California',
    latitude: 37.4223,
    longitude: -122.085,
  }
  const home = { country_code: 'US', city: 'Dallas', state1: 'Texas', latitude: 32.7767, longitude: -96.797 }
  writeFileSync(
    city,
    writeMmdb(
      [
        ['8.8.8.0/24', place],
        ['66.128.51.0/24', home],
      ],
      { ipVersion: 4 },
    ),
  )
  const sources = [{ what: 'city', format: 'mmdb', from: city }]
  const config = configFile('city.yaml', { here: '66.128.51.163', score: GEO_WEIGHT, sources })
  const data = temporaryFolder()
  const { code, stdout } = await runCli([
    'lookup',
    '--config',
    config,
    '--data-dir',
    data,
    '8.8.8.8',
    '8.8.4.4',
  ])
  expect(code).toBe(0)
  const [google, other] = stdout.split('\n\n')
  expect(google).toContain(
    '  Place      Mountain View, California, US, North America\n  Location   37.4223, -122.085\n',
  )
  // haraka-plugin-geoip 1.1.2 prints this for the two places.
  expect(google).toContain('  Distance   2350 km\n')
  expect(other).toContain('  Place      US, North America\n')
})

test('an address of unknown place for here is a warning, and no distances', async () => {
  // The data is compiled for this config once.
  const nowhere = [
    '--config',
    configFile('nowhere.yaml', { here: '10.0.0.1' }),
    '--data-dir',
    temporaryFolder(),
  ]
  const warning =
    'here: no source knows where 10.0.0.1 is, so all distances are --; give latitude and longitude'
  expect(await runCli(['check', ...nowhere])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(warning),
  })
  const found = await runCli(['lookup', ...nowhere, '8.8.8.8'])
  expect(found.stderr).toContain(`asnzone: ${warning}`)
  expect(found.stdout).toContain('  Distance   --\n')
  const server = await startServer(nowhere)
  servers.push(server)
  expect(server.log).toContainEqual(
    expect.objectContaining({ level: 40, msg: expect.stringContaining(warning) }),
  )
  expect(await dig(server.addresses[0], ['+short', '8.8.8.8.geo.asnzone.internal', 'TXT'])).toBe(
    '"15169 | Google LLC | US | -- | 0"',
  )
})

test('what is wrong with a weight is one line', async () => {
  const wrong = configFile('wrong.yaml', { score: { countries: [{ codes: ['UK'], weight: 1 }] } })
  expect(await runCli(['check', '--config', wrong])).toMatchObject({
    code: 1,
    stderr: `asnzone: ${wrong}:4: score.countries[0].codes[0]: 'UK' is not an ISO 3166-1 country code; did you mean GB?\n`,
  })
  const missing = configFile('missing.yaml', { score: { files: ['/nowhere/weights.csv'] } })
  expect((await runCli(['check', '--config', missing])).stderr).toContain(
    ':2: score: /nowhere/weights.csv: there is no such file',
  )
})

test('a file of weights that was changed counts from a reload on, and a wrong one does not', async () => {
  const data = temporaryFolder()
  const ours = join(folder, 'ours.csv')
  const weights = join(folder, 'reloaded.csv')
  writeFileSync(ours, 'cidr,asn,name,country\n192.0.2.0/24,64512,ours,DE\n')
  writeFileSync(weights, 'subject,weight\nDE,-3\n')
  const config = configFile('reloaded.yaml', {
    feed: 'none',
    sources: [{ what: 'override', format: 'overrides', from: ours }],
    score: { files: [weights] },
  })
  const server = await startServer(['--config', config, '--data-dir', data])
  servers.push(server)
  const score = () => dig(server.addresses[0], ['+short', '1.2.0.192.score.asnzone.internal', 'TXT'])
  expect(await score()).toBe('"-3 | country DE -3"')
  writeFileSync(weights, 'subject,weight\nDE,-3\n192.0.2.0/24,7\n')
  expect(await runCli(['reload', '--data-dir', data])).toMatchObject({ code: 0 })
  expect(await score()).toBe('"4 | country DE -3 | prefix 192.0.2.0/24 7"')
  writeFileSync(weights, 'subject,weight\nDE,many\n')
  const failed = await runCli(['reload', '--data-dir', data])
  expect(failed.code).not.toBe(0)
  expect(failed.stderr).toContain(`${weights}:2: 'many' is not a whole number`)
  expect(await score()).toBe('"4 | country DE -3 | prefix 192.0.2.0/24 7"')
})

describe('examples of presets that take settings', () => {
  const all = readZoneDefinitions(undefined, []).filter(({ example }) => example?.with !== undefined)
  // What was learned is no setting: see test/server/learned.test.ts.
  const zones = all.filter(({ id }) => id !== 'reputation')

  test('are those of the score, RPKI, the distance and what is too far', () => {
    expect(zones.map(({ id }) => id)).toEqual(['rpki-of', 'score', 'rpki', 'distance', 'far'])
  })

  /** The files of sources, as those who have the settings of an example have them. */
  const contents: Readonly<Record<string, string>> = {
    'vrp-json': '{"roas":[{"asn":15169,"prefix":"8.8.8.0/24","maxLength":24,"ta":"arin"}]}',
    pfx2as: '8.8.8.0\t24\t15169\n',
  }
  const withFiles = ({ sources = [], ...settings }: Record<string, unknown>): object => {
    const there = (sources as { format: string; from: string }[]).map((source) => {
      const from = join(folder, source.format)
      writeFileSync(from, contents[source.format])
      return { ...source, from }
    })
    return { ...settings, ...(there.length > 0 && { sources: there }) }
  }

  test.each(zones.map((zone) => [zone.id, zone] as const))(
    '%s answers with them',
    async (id, { example }) => {
      const { stdout } = await runCli([
        'zones',
        '--config',
        configFile(`${id}.yaml`, withFiles(example?.with ?? {})),
      ])
      const block = stdout.split('\n\n').find((text) => text.includes(`(${id})`))
      expect(block?.split('\n').at(-1)?.trim()).toBe(example?.answer)
    },
  )

  test('are shown as the sample where they have no answer', async () => {
    const { stdout } = await runCli(['zones'])
    expect(stdout).toContain('needs the setting score, as the sample has it: 127.0.2.10')
    expect(stdout).toContain('needs the setting here, as the sample has it: "7391"')
  })
})
