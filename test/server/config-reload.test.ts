// A config that is read again while the server runs: what is in force at once, what is told to need a restart, and
// that a wrong one changes nothing.

import { createSocket } from 'node:dgram'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { SETTINGS, settingNames } from '../../src/config/settings.ts'
import { writeProduct } from '../../src/learn/product.ts'
import { askControl, CONTROL_SOCKET, type ControlReply } from '../../src/server/control.ts'
import { Asker, answersOf } from '../support/asker.ts'
import { temporaryFolder } from '../support/folders.ts'
import { CLASS, type QueryOptions, query, RCODE, TYPE } from '../support/message.ts'
import { PolicyClient } from '../support/policy-client.ts'
import { type Outcome, type RunningServer, runCli, startServer } from '../support/programs.ts'
import { ReleaseServer } from '../support/release-server.ts'
import { overTcp, overUdp } from '../support/transports.ts'

const NAME = '3.2.1.10.geo.asnzone.internal'
const TOKEN = '0123456789abcdef'
const OTHER_TOKEN = 'fedcba9876543210'
const EDNS_COOKIE = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]

let folder: string
let server: RunningServer
let release: ReleaseServer

/** The policy service, on a socket that stays. */
const policyText = (more: string): string => `{ listen: 'unix:${join(folder, 'policy.sock')}', ${more} }`

/** What every config of these tests has, unless it says otherwise. */
const base = (): Record<string, string> => ({
  feed: 'none',
  sources: `[{ what: override, format: overrides, from: '${folder}/ours.csv' }, { what: asn, format: ip-location-db, from: '${folder}/asn.csv' }]`,
  http: '127.0.0.1:0',
  'publish-csv': '127.0.0.1:0',
  'http-token': TOKEN,
  'least-share': '0',
  sentinels: '[]',
  'rate-limit': '0',
  'rate-limit-exempt': '[]',
  'rate-limit-window': '3600',
  policy: policyText("reject: 'REJECT as it said before'"),
  identity: 'first',
  'log-level': 'info',
})

function configure(changes: Readonly<Record<string, string>> = {}): void {
  const lines = Object.entries({ ...base(), ...changes }).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(folder, 'asnzone.yaml'), lines.join(''))
}

const control = async (command: string, force = false): Promise<ControlReply> =>
  (await askControl(join(folder, 'data', CONTROL_SOCKET), { command, force }))!

const reload = (): Promise<ControlReply> => control('reload')

/** The data of the first config; of one time, so that a reload compiles it only where a test has left another one. */
function writeData(): void {
  const contents = {
    'ours.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n',
    'asn.csv': '8.8.8.0,8.8.8.255,15169,GOOGLE\n',
  }
  const time = new Date('2026-01-01')
  for (const [name, text] of Object.entries(contents)) {
    writeFileSync(join(folder, name), text)
    utimesSync(join(folder, name), time, time)
  }
}

/** Goes back to the first config, whatever became of a test, and though it be to older data. */
async function reset(): Promise<void> {
  writeData()
  rmSync(join(folder, 'zones', 'own.yaml'), { force: true })
  configure()
  expect(await control('reload', true)).toMatchObject({ ok: true, restart: [] })
  expect(await ask(NAME)).toEqual(['"64512 | our LAN | DE | -- | 0"'])
}

const udp = new Asker(() => overUdp(server.addresses[0]))
const tcp = new Asker(() => overTcp(server.addresses[0]))

const ask = async (name: string, options?: QueryOptions): Promise<string[]> =>
  answersOf(await udp.ask(name, options))

/** The door of `http` or of `publish-csv`. */
function door(offer: 'pages' | 'publishes'): string {
  const line = server.log.find(({ msg }) => msg.startsWith(offer))
  return /http:\/\/[\d.:]+/.exec(line?.msg ?? '')![0]
}

const get = (url: string, token?: string): Promise<Response> =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

const json = async (path: string): Promise<Record<string, unknown>> =>
  (await (await get(`${door('pages')}${path}`, TOKEN)).json()) as Record<string, unknown>

const countOf = async (outcome: string): Promise<number> =>
  ((await control('status')).queries as Record<string, number>)[outcome]

/** How many of twenty queries over UDP were held back. */
async function heldBack(): Promise<number> {
  const before = await countOf('rateLimited')
  await udp.exchange(Array.from({ length: 20 }, () => query(NAME)))
  return (await countOf('rateLimited')) - before
}

beforeAll(async () => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'zones'))
  release = await ReleaseServer.start()
  writeData()
  writeFileSync(join(folder, 'other.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64513,other LAN,DE\n')
  configure()
  server = await startServer(['--config', join(folder, 'asnzone.yaml'), '--data-dir', join(folder, 'data')])
})
beforeEach(reset)
afterAll(async () => {
  await server.stop()
  await release.stop()
})

const OWN_ZONE = `zones:
  own:
    apex: own.test
    owner: ip
    txt: "{asn}"
    example: { ask: 10.1.2.3, type: TXT, answer: '"64512"' }
`

/** What a config says, and what is then to be seen. */
interface Row {
  readonly name: string
  readonly changes: () => Readonly<Record<string, string>>
  readonly see: () => Promise<void>
}

const REFUSE_ME = '[192.0.2.0/24]'

const ROWS: readonly Row[] = [
  {
    name: 'allow',
    changes: () => ({ allow: REFUSE_ME }),
    see: async () => {
      expect((await udp.ask(NAME)).rcode).toBe(RCODE.REFUSED)
      expect((await tcp.ask(NAME)).rcode).toBe(RCODE.REFUSED)
    },
  },
  {
    name: 'domain',
    changes: () => ({ domain: 'other.test' }),
    see: async () => {
      expect(await ask('3.2.1.10.geo.other.test')).toHaveLength(1)
      expect((await tcp.ask(NAME)).rcode).toBe(RCODE.REFUSED)
      expect((await json('/api/lookup/10.1.2.3')).questions).toContainEqual(
        expect.objectContaining({ zone: 'geo', command: expect.stringContaining('geo.other.test') }),
      )
    },
  },
  {
    name: 'zones',
    changes: () => {
      writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE)
      return { zones: join(folder, 'zones') }
    },
    see: async () => {
      expect(await ask('3.2.1.10.own.test')).toEqual(['"64512"'])
      const { zones } = (await json('/api/status')) as {
        zones: { id: string; queries: { answer: number } }[]
      }
      expect(zones.find(({ id }) => id === 'own')).toMatchObject({
        apexes: ['own.test'],
        queries: { answer: 1 },
      })
    },
  },
  {
    name: 'disable',
    changes: () => ({ disable: '[nerd-dk]' }),
    see: async () =>
      expect((await udp.ask('3.2.1.10.zz.countries.nerd.dk', { type: TYPE.A })).rcode).toBe(RCODE.REFUSED),
  },
  {
    name: 'sources',
    changes: () => ({ sources: `[{ what: override, format: overrides, from: '${folder}/other.csv' }]` }),
    see: async () => expect((await ask(NAME))[0]).toContain('64513'),
  },
  {
    name: 'feed',
    changes: () => ({ feed: 'embedded' }),
    see: async () => expect(await ask('1.1.1.1.origin.asnzone.internal')).toHaveLength(1),
  },
  {
    name: 'feed-url, refresh',
    changes: () => ({ feed: 'ip-location-db', 'feed-url': release.url, refresh: '1d' }),
    see: () => vi.waitFor(() => expect(release.requests).not.toHaveLength(0), { timeout: 20_000 }),
  },
  {
    name: 'max-age',
    changes: () => ({ 'max-age': '3d' }),
    see: async () => expect((await json('/api/status')).maxAge).toBe('3d'),
  },
  {
    name: 'stale-answer',
    changes: () => ({ 'stale-answer': 'tell', 'max-age': '1d' }),
    // Code 3 of an extended error (RFC 8914 4.4).
    see: async () =>
      expect((await udp.ask(NAME, { edns: {} })).octets.includes(Buffer.from([0, 15, 0, 2, 0, 3]))).toBe(
        true,
      ),
  },
  {
    name: 'here',
    changes: () => ({ here: '52.52,13.40' }),
    see: async () =>
      expect((await json('/api/lookup/10.1.2.3')).here).toEqual({ latitude: 52.52, longitude: 13.4 }),
  },
  {
    name: 'too-far',
    changes: () => ({ here: '52.52,13.40', 'too-far': '7' }),
    see: async () =>
      expect((await udp.ask('3.2.1.10.far.asnzone.internal', { type: TYPE.A })).rcode).toBe(RCODE.NOERROR),
  },
  {
    name: 'score',
    changes: () => ({ score: '{ countries: [{ codes: [DE], weight: -5 }] }' }),
    see: async () => expect((await ask(NAME))[0]).toMatch(/\| -5"$/),
  },
  {
    name: 'learn, learn-interval',
    changes: () => {
      writeProduct(join(folder, 'data'), [
        { kind: 'network', cidr: '10.1.2.0/24', decibels: 9, text: '10.1.2.0/24' },
      ])
      return { learn: '{ weight: 2 }', 'learn-interval': '1w' }
    },
    see: async () => expect((await ask(NAME))[0]).toMatch(/\| -15"$/),
  },
  {
    name: 'publish-allow',
    changes: () => ({ 'publish-allow': '[127.0.0.0/8]' }),
    see: async () => expect((await get(`${door('publishes')}/asn-ipv4.csv`)).status).toBe(200),
  },
  {
    name: 'http-token',
    changes: () => ({ 'http-token': OTHER_TOKEN }),
    see: async () => {
      expect((await get(`${door('pages')}/api/status`, TOKEN)).status).toBe(401)
      expect((await get(`${door('pages')}/api/status`, OTHER_TOKEN)).status).toBe(200)
    },
  },
  {
    name: 'nameservers, contact',
    changes: () => ({ nameservers: '[ns.other.test]', contact: 'dns.other.test' }),
    see: async () =>
      expect((await ask('geo.asnzone.internal', { type: TYPE.SOA }))[0]).toMatch(
        /^ns\.other\.test\.? dns\.other\.test/,
      ),
  },
  {
    name: 'rate-limit',
    changes: () => ({ 'rate-limit': '3' }),
    see: async () => expect(await heldBack()).toBeGreaterThan(0),
  },
  {
    name: 'rate-limit-all',
    changes: () => ({ 'rate-limit-all': '3' }),
    see: async () => {
      const before = await countOf('rateLimited')
      // What would tell that the last reply has come is held back as well.
      const socket = createSocket('udp4')
      for (let i = 0; i < 20; i++)
        socket.send(query(NAME), server.addresses[0].port, server.addresses[0].host)
      await vi.waitFor(async () => expect(await countOf('rateLimited')).toBeGreaterThan(before), 20_000)
      socket.close()
    },
  },
  {
    name: 'rate-limit-slip',
    changes: () => ({ 'rate-limit': '3', 'rate-limit-slip': '1' }),
    see: async () => {
      const replies = await udp.exchange(Array.from({ length: 20 }, () => query(NAME)))
      expect(replies).toHaveLength(20)
      expect(replies.some((reply) => (reply[2] & 2) !== 0)).toBe(true)
    },
  },
  {
    name: 'rate-limit, rate-limit-slip, rate-limit-window',
    changes: () => ({ 'rate-limit': '3', 'rate-limit-slip': '1', 'rate-limit-window': '1' }),
    see: async () => {
      // A debt of a minute and more by the window of before; of a second, and that twice, by this one.
      await udp.exchange(Array.from({ length: 200 }, () => query(NAME)))
      await vi.waitFor(async () => expect((await udp.ask(NAME)).tc).toBe(false), {
        timeout: 30_000,
        interval: 1000,
      })
    },
  },
  {
    name: 'policy',
    changes: () => ({
      policy: policyText(
        "reject: 'REJECT as it says now', limits: { ips: 1 }, users: [{ sender: boss, ips: 2 }]",
      ),
    }),
    see: async () => {
      const client = await PolicyClient.connect({ path: join(folder, 'policy.sock') })
      const actions: string[] = []
      for (const name of ['clerk', 'boss']) {
        for (const address of ['10.1.2.3', '10.1.2.4', '10.1.2.5']) {
          actions.push(await client.ask({ sasl_username: name, client_address: address }))
        }
      }
      client.destroy()
      const refused = 'REJECT as it says now'
      expect(actions).toEqual(['DUNNO', refused, refused, 'DUNNO', 'DUNNO', refused])
    },
  },
  {
    name: 'rate-limit-exempt',
    changes: () => ({ 'rate-limit': '3', 'rate-limit-exempt': '[127.0.0.0/8]' }),
    see: async () => expect(await heldBack()).toBe(0),
  },
  {
    name: 'cookie-secret',
    changes: () => ({ 'cookie-secret': '[none]' }),
    see: async () =>
      expect(
        (await udp.ask(NAME, { edns: { options: EDNS_COOKIE } })).octets.includes(
          Buffer.from(EDNS_COOKIE.slice(4)),
        ),
      ).toBe(false),
  },
  {
    name: 'identity',
    changes: () => ({ identity: 'second' }),
    see: async () => expect(await ask('id.server', { class: CLASS.CH })).toEqual(['"second"']),
  },
  {
    name: 'version-text',
    changes: () => ({ 'version-text': 'no matter' }),
    see: async () => expect(await ask('version.bind', { class: CLASS.CH })).toEqual(['"no matter"']),
  },
  {
    name: 'log-level',
    changes: () => ({ 'log-level': 'error' }),
    see: async () => {
      const before = server.log.length
      await reload()
      expect(server.log.slice(before)).toEqual([])
    },
  },
  {
    name: 'deny',
    changes: () => ({ allow: REFUSE_ME, deny: 'drop' }),
    see: async () => {
      const before = await countOf('dropped')
      expect(await tcp.exchange([query(NAME)]).catch(() => [])).toEqual([])
      expect(await countOf('dropped')).toBeGreaterThan(before)
    },
  },
]

describe('in force after a reload', () => {
  test.each(ROWS)('$name', async ({ changes, see }) => {
    const said = changes()
    configure(said)
    const reply = await reload()
    expect(reply).toMatchObject({ ok: true, restart: [] })
    expect([...(reply.changed as string[])].sort()).toEqual(Object.keys(said).sort())
    await see()
  })

  // What bounds new data is seen when the data is beyond it.
  test.each([
    ['max-size', '0.000001', /max-size/],
    ['max-rows', '1', /max-rows/],
    ['max-names', '1', /max-names/],
    ['least-share', '100', /its .*addresses/],
    ['sentinels', '[8.8.8.8=AS15169]', /8\.8\.8\.8/],
  ])('%s, which refuses data', async (name, value, reason) => {
    writeFileSync(join(folder, 'asn.csv'), '9.9.9.0,9.9.9.1,19281,QUAD9\n9.9.9.9,9.9.9.9,64500,OTHER\n')
    configure({ [name]: value })
    const reply = await reload()
    expect(reply).toMatchObject({ ok: false, changed: [] })
    expect(reply.reason).toMatch(reason)
    expect(await ask('8.8.8.8.origin.asnzone.internal')).toHaveLength(1)
  })

  test('all is tried here, but for what compile-process.test.ts tries', () => {
    const tried = new Set([
      ...ROWS.flatMap(({ name }) => name.split(', ')),
      ...['max-size', 'max-rows', 'max-names', 'least-share', 'sentinels'],
    ])
    const live = settingNames.filter((name) => SETTINGS[name].change === 'live')
    expect(live.filter((name) => !tried.has(name))).toEqual(['max-time'])
  })
})

test('a zone file that has changed is served without a change of a setting', async () => {
  writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE)
  configure({ zones: join(folder, 'zones') })
  await reload()
  writeFileSync(
    join(folder, 'zones', 'own.yaml'),
    OWN_ZONE.replace('"{asn}"', '"AS{asn}"').replace('"64512"', '"AS64512"'),
  )
  expect(await reload()).toMatchObject({ ok: true, kind: 'unchanged', changed: ['zones'] })
  expect(await ask('3.2.1.10.own.test')).toEqual(['"AS64512"'])
})

test('what needs a restart is named in one line, and stays', async () => {
  configure({ workers: '1', listen: '[127.0.0.1:1]', 'tcp-idle': '2', identity: 'third' })
  const { code, stdout, stderr } = await runCli(['reload', '--data-dir', join(folder, 'data')])
  expect([code, stdout, stderr]).toEqual([
    0,
    'in force: identity\n',
    // listen stands on the command line, which wins.
    'asnzone: needs a restart: workers, tcp-idle\n',
  ])
  expect(server.log.map(({ msg }) => msg)).toContain(
    'changed in the config, and needs a restart (asnzone reload): workers, tcp-idle',
  )
  expect(await ask('id.server', { class: CLASS.CH })).toEqual(['"third"'])
})

describe('nothing is changed', () => {
  const WRONG: readonly [name: string, damage: () => void, reason: RegExp][] = [
    [
      'a mistyped setting',
      () => configure({ alow: '[::1]', identity: 'wrong' }),
      /asnzone\.yaml:\d+: .*'alow'.*allow/,
    ],
    [
      'a value that can’t be',
      () => configure({ 'rate-limit': '-1', identity: 'wrong' }),
      /asnzone\.yaml:\d+: rate-limit/,
    ],
    [
      'a network that is none',
      () => configure({ allow: '[nowhere]', identity: 'wrong' }),
      /allow: .*nowhere/,
    ],
    ['no YAML', () => configure({ listen: '[', identity: 'wrong' }), /asnzone\.yaml:\d+: /],
    [
      'what needs a restart and is wrong',
      () => configure({ listen: '[nowhere:x]', 'http-token': OTHER_TOKEN, http: '192.0.2.1:y' }),
      /192\.0\.2\.1:y/,
    ],
    ['a config that is gone', () => rmSync(join(folder, 'asnzone.yaml')), /asnzone\.yaml: /],
    [
      'a wrong zone file',
      () => {
        configure({ zones: join(folder, 'zones'), identity: 'wrong' })
        writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE.replace('owner: ip', 'owner: it'))
      },
      /own\.yaml:4: zone own, owner/,
    ],
    [
      'a wrong template in a zone file',
      () => {
        configure({ zones: join(folder, 'zones'), identity: 'wrong' })
        writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE.replace('{asn}', '{ans}'))
      },
      /own\.yaml:5: zone own, txt/,
    ],
    [
      'a zone at the name of another one',
      () => {
        configure({ zones: join(folder, 'zones'), identity: 'wrong' })
        writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE.replace('own.test', 'Geo.{domain}'))
      },
      /own\.yaml:3: zone own, apex: geo\.asnzone\.internal is served by zone geo/,
    ],
    [
      'a zone of the name of another one',
      () => {
        configure({ zones: join(folder, 'zones'), identity: 'wrong' })
        writeFileSync(join(folder, 'zones', 'own.yaml'), OWN_ZONE.replace('own:', 'geo:'))
      },
      /own\.yaml:3: zone geo is in .*asnzone\.yaml too/,
    ],
    [
      'data that is wrong for a source that is new',
      () =>
        configure({
          sources: "[{ what: asn, format: ip-location-db, from: '/nonexistent.csv' }]",
          identity: 'wrong',
        }),
      /nonexistent\.csv/,
    ],
  ]

  test.each(WRONG)('by %s', async (_name, damage, reason) => {
    const before = server.log.length
    damage()
    const reply = await reload()
    expect(reply).toMatchObject({ ok: false, changed: [], restart: [] })
    expect(reply.reason).toMatch(reason)
    expect(await ask('id.server', { class: CLASS.CH })).toEqual(['"first"'])
    expect(await ask(NAME)).toEqual(['"64512 | our LAN | DE | -- | 0"'])
    const { code, stderr } = await runCli(['reload', '--data-dir', join(folder, 'data')])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^asnzone: nothing changed, .*\n$/)])
    const told = server.log.slice(before).filter(({ msg }) => msg.startsWith('nothing changed'))
    expect(told.map(({ msg }) => msg)[0]).toMatch(reason)
  })
})

describe('ExecReload of the unit', () => {
  const execReload = (): Promise<Outcome> =>
    runCli(['reload', '--config', join(folder, 'asnzone.yaml')], {
      env: { ASNZONE_DATA_DIR: '', STATE_DIRECTORY: join(folder, 'data') },
    })

  test('succeeds when the config is in force', async () => {
    configure({ identity: 'fourth' })
    expect(await execReload()).toMatchObject({ code: 0, stdout: 'in force: identity\n' })
    expect(await ask('id.server', { class: CLASS.CH })).toEqual(['"fourth"'])
  })

  test.each([
    ['the config', () => configure({ alow: '[::1]' }), /^asnzone: .*asnzone\.yaml:\d+: .*'alow'.*\n$/],
    [
      'what only a server looks at',
      () => configure({ allow: '[nowhere]' }),
      /^asnzone: .*allow: .*nowhere.*\n$/,
    ],
    [
      'a data directory that no server has',
      () => configure({ 'data-dir': join(folder, 'other') }),
      /^asnzone: no server listens on .*other.control\.sock\n$/,
    ],
  ])('fails by %s, in one line', async (_, damage, line) => {
    damage()
    const { code, stdout, stderr } = await execReload()
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(line)])
    expect(await ask(NAME)).toHaveLength(1)
  })
})

test('settings are in force at once where data can’t be compiled', async () => {
  writeFileSync(join(folder, 'ours.csv'), 'cidr,asn\n10.0.0.0/8,none\n')
  configure({ allow: REFUSE_ME })
  expect(await reload()).toMatchObject({ ok: false, kind: 'failed', changed: ['allow'] })
  expect((await udp.ask(NAME)).rcode).toBe(RCODE.REFUSED)
  writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n')
  configure()
  expect(await reload()).toMatchObject({ ok: true, changed: ['allow'] })
})
