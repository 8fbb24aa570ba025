// The faults of geoip-policyd, by their numbers in its reference: none of them is ours. Those of REST, LDAP, Redis and
// mail are tested where those are; F17 is in test/server/policy/connections.test.ts, F22 in test/config/policy.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { POLICY_FILE } from '../../../src/policy-server/policy-file.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { REJECT, type TestOptions, TestPolicy } from '../../support/policy-service.ts'
import { runCli, startServer } from '../../support/programs.ts'
import { sqlite3 } from '../../support/sqlite3.ts'

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'
const FR = '212.27.48.10'

const EVERYBODY = { blocked: false, text: '', after: '', limit: 1000 }

let policy: TestPolicy | undefined
afterEach(async () => {
  await policy?.stop()
  policy = undefined
})

async function start(lines: readonly string[] = [], options: TestOptions = {}): Promise<TestPolicy> {
  policy = await TestPolicy.start(lines, options)
  return policy
}

test('F1: parallel requests of one account are all remembered', async () => {
  const it = await start(['limits: { countries: off, ips: off }'])
  const clients = await Promise.all(Array.from({ length: 40 }, () => it.connect()))
  await Promise.all(
    clients.map((client, i) => client.ask({ sasl_username: 'f1', client_address: `193.99.144.${i + 1}` })),
  )
  const details = await it.ask.call('show', 'f1')
  expect(details?.report.state.entries[0].size).toBe(40)
})

test('F2: countries of long ago refuse nobody who goes on at home', async () => {
  const it = await start(['home: { codes: [DE] }', 'block: { for: 0 }'])
  expect(await it.answers('f2', [US, FR, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  for (let minutes = 0; minutes < 120; minutes += 20) {
    expect(await it.answer('f2', DE)).toBe('DUNNO')
    it.pass(20)
  }
  expect(await it.answer('f2', US)).toBe('DUNNO')
})

test('F3: a phone that changes its IPv6 address all day is one address', async () => {
  const it = await start()
  const addresses = Array.from({ length: 100 }, (_, i) => `2a02:2e0:3fe:1001:${(i + 1).toString(16)}::1`)
  expect(new Set(await it.answers('f3', addresses))).toEqual(new Set(['DUNNO']))
})

test('F5: nothing stays for ever, whenever the service is killed', async () => {
  const it = await start()
  const asking = Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const client = await it.connect()
      for (const address of [DE, US, RU, FR]) {
        await client.ask({ sasl_username: `f5-${i}`, client_address: address })
      }
    }),
  )
  await it.decisions(30)
  await it.stop()
  await asking.catch(() => {})
  const other = await TestPolicy.start([], { directory: it.directory })
  other.pass(121)
  await other.ask.call('expire')
  expect(await other.ask.call('list', EVERYBODY)).toEqual([])
  await other.stop()
  expect(sqlite3(join(it.directory, POLICY_FILE), 'SELECT count(*) FROM seen')).toBe('0')
})

describe('F7: nobody is locked out from outside', () => {
  test('bounces and mail of strangers are neither deferred nor counted', async () => {
    const it = await start()
    for (const address of [DE, US, RU, FR]) {
      expect(await it.answer('', address, { sender: 'victim@example.org' })).toBe('DUNNO')
      expect(await it.answer('', address, { sender: '' })).toBe('DUNNO')
    }
    expect(await it.answer('victim@example.org', DE)).toBe('DUNNO')
    expect((await it.ask.call('list', EVERYBODY)).map(({ user }) => user)).toEqual(['victim@example.org'])
  })

  test('and nobody evades by writing the name otherwise', async () => {
    const it = await start(['separator: "+"'])
    expect(await it.answer('U1+a@Example.org', DE)).toBe('DUNNO')
    expect(await it.answer('u1+b@example.org', US)).toBe('DUNNO')
    expect(await it.answer('u1@EXAMPLE.org', RU)).toBe(REJECT)
  })
})

/** Where a running server answers policy requests. */
async function policyClient(log: readonly { readonly msg: string }[]): Promise<PolicyClient> {
  const where = log.flatMap(
    ({ msg }) => /^the policy service answers on 127\.0\.0\.1:(\d+)$/.exec(msg)?.[1] ?? [],
  )
  return PolicyClient.connect({ host: '127.0.0.1', port: Number(where[0]) })
}

test('F9 and F10: a reload of broken data and of broken records keeps the old ones', async () => {
  // Data of a few rows: it is compiled in no time.
  const directory = temporaryFolder()
  const users = join(directory, 'users.json')
  const overrides = join(directory, 'overrides.csv')
  const config = join(directory, 'asnzone.yaml')
  writeFileSync(users, '{"data":[{"sender":"f10@x","countries":1}]}')
  writeFileSync(overrides, 'cidr,country\n193.99.144.0/24,DE\n8.8.8.0/24,US\n')
  writeFileSync(
    config,
    `feed: none\nsentinels: []\nsources: [{ what: override, format: overrides, from: ${overrides} }]\n` +
      `policy: { listen: 127.0.0.1:0, limits: { countries: 2, ips: 3 }, users: ${users} }\n`,
  )
  const place = ['--data-dir', directory, '--config', config]
  const server = await startServer(place)
  try {
    const client = await policyClient(server.log)
    const ask = (user: string, address: string) =>
      client.ask({ sasl_username: user, client_address: address })
    expect(await ask('f10@x', DE)).toBe('DUNNO')
    writeFileSync(users, '{"data":[{"sender":"f10@x","countres":9}]}')
    writeFileSync(overrides, 'this is nothing\n')
    const { code, stderr } = await runCli(['reload', ...place])
    expect(code).toBe(1)
    // Records are part of the config: where they are wrong, the data isn't looked at.
    expect(stderr).not.toMatch(/overrides\.csv/)
    const complaint = server.log.find(({ msg }) => msg.startsWith('nothing changed'))
    expect(complaint?.msg).toMatch(
      /users\.json:1: record 1: no such key as 'countres'; did you mean 'countries'\?$/,
    )
    expect(await ask('f10@x', US)).toBe(REJECT)
    expect(await ask('other@x', US)).toBe('DUNNO')
    // Records that are wrong are told when all the rest is right, too.
    writeFileSync(overrides, 'cidr,country\n193.99.144.0/24,DE\n8.8.8.0/24,US\n')
    const again = await runCli(['reload', ...place])
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/users\.json:1: record 1: no such key as 'countres'/)
    writeFileSync(users, '{"data":[{"sender":"other@x","countries":1}]}')
    expect((await runCli(['reload', ...place])).code).toBe(0)
    expect(await ask('other@x', DE)).toBe(REJECT)
    client.destroy()
  } finally {
    await server.stop()
  }
})

test('F11: a restart lifts no block, whether a record is about the account or not', async () => {
  const first = await start()
  expect(await first.answers('f11', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  await first.stop()
  const it = await start(['users: [{ sender: f11, ips: 5 }]'], { directory: first.directory })
  expect(await it.answer('f11', DE)).toBe(REJECT)
  await it.reload(['users: [{ sender: f11, ips: 6 }]'])
  expect(await it.answer('f11', DE)).toBe(REJECT)
})

test('F13: it is asked over IPv6', async () => {
  const it = await start(["listen: '[::1]:0'"])
  expect(await it.answer('f13', DE)).toBe('DUNNO')
})

test('F15: networks are compared as networks', async () => {
  const it = await start(['users: [{ sender: f15, trusted_ips: ["2001:DB8:1::1", "193.99.144.0/24"] }]'])
  expect(await it.answers('f15', ['2001:db8:1:0::1', DE, US])).toEqual(['DUNNO', 'DUNNO', REJECT])
})

test('F16: records that are set while requests are judged keep their order, and each request has one set', async () => {
  const it = await start(['limits: { countries: off, ips: off }', 'block: { for: 0 }'])
  const set = (ips: number) => [
    { sender: 'f16@x', ips },
    { sender: '@x', ips: 60 },
  ]
  await it.ask.call('setRecords', set(1))
  const client = await it.connect()
  const settings = (async () => {
    for (let i = 0; i < 20; i++) await it.ask.call('setRecords', set(i % 2 === 0 ? 2 : 1))
  })()
  for (let i = 0; i < 60; i++) {
    const answer = await client.ask({ sasl_username: `${i}@x`, client_address: DE })
    expect(answer).toBe('DUNNO')
  }
  await settings
  expect(await it.ask.call('records')).toEqual({ source: 'set', records: set(1) })
  expect(await it.answers('f16@x', [DE, US])).toEqual(['DUNNO', REJECT])
})

test('F19: unknown is not an address', async () => {
  const it = await start()
  for (const address of ['unknown', '', '1.2.3', 'unix:/x', DE]) {
    expect(await it.answer('f19', address)).toBe('DUNNO')
  }
  expect((await it.decisions(5))[4]).toMatchObject({ ips: '1/3' })
})

test('F20: a phone that tries again each minute gets free', async () => {
  const it = await start()
  expect(await it.answers('f20', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  for (let minute = 1; minute < 60; minute++) {
    it.pass(1)
    expect(await it.answer('f20', RU)).toBe(REJECT)
  }
  it.pass(1 + 1 / 60)
  expect(await it.answer('f20', RU)).toBe('DUNNO')
})

test('F21: the recipients of a message are one decision', async () => {
  const it = await start()
  const client = await it.connect()
  for (let i = 0; i < 50; i++) {
    const attributes = { sasl_username: 'f21', client_address: DE, instance: '1.2.3', recipient: `${i}@y` }
    expect(await client.ask(attributes)).toBe('DUNNO')
  }
  expect(await it.decisions(1)).toHaveLength(1)
  expect((await it.ask.call('figures')).requests).toEqual({ postfix: { none: 50 } })
  expect((await it.ask.call('show', 'f21'))?.report.requests).toBe(1)
})

test('F21: an instance that no Postfix would send is not kept, and its requests are decided one by one', async () => {
  const it = await start()
  const client = await it.connect()
  const asked = { sasl_username: 'f21-long', instance: 'x'.repeat(1000) }
  for (let i = 0; i < 3; i++) expect(await client.ask({ ...asked, client_address: DE })).toBe('DUNNO')
  expect(await it.decisions(3)).toHaveLength(3)
})
