// The acceptance cases of the policy service, by their numbers, over real sockets, on the bundled data.

import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { POLICY_FILE } from '../../../src/policy-server/policy-file.ts'
import { request } from '../../support/policy-client.ts'
import { REJECT, type TestOptions, TestPolicy } from '../../support/policy-service.ts'

const DE = '193.99.144.80'
const DE2 = '194.25.0.60'
const US = '8.8.8.8'
const RU = '77.88.8.8'
const CN = '114.114.114.114'
const CH = '130.59.31.80'
const FR = '212.27.48.10'

let policy: TestPolicy | undefined
afterEach(async () => {
  await policy?.stop()
  policy = undefined
})

async function start(lines: readonly string[] = [], options: TestOptions = {}): Promise<TestPolicy> {
  policy = await TestPolicy.start(lines, options)
  return policy
}

test('1: an answer is action=DUNNO and an empty line, exactly', async () => {
  const client = await (await start()).connect()
  await client.write(request({ sasl_username: 'u1', client_address: DE }))
  expect(await client.receive()).toBe('action=DUNNO\n\n')
})

test('2: the third country is one too many', async () => {
  expect(await (await start()).answers('u2', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
})

test('3: the fourth address is one too many', async () => {
  const it = await start()
  const addresses = [80, 81, 82, 83].map((last) => `193.99.144.${last}`)
  expect(await it.answers('u3', addresses)).toEqual(['DUNNO', 'DUNNO', 'DUNNO', REJECT])
  const [line] = (await it.decisions(4)).slice(-1)
  expect(line).toMatchObject({ rule: 'ips', ips: '4/3', action: 'REJECT' })
})

test('4: addresses of one /64 are one address', async () => {
  const it = await start()
  const addresses = Array.from({ length: 20 }, (_, i) => `2a02:2e0:3fe:1001::${(i + 1).toString(16)}`)
  expect(new Set(await it.answers('u4', addresses))).toEqual(new Set(['DUNNO']))
  expect((await it.decisions(20))[19]).toMatchObject({ ips: '1/3', country: 'DE' })
})

test('5: four /64 are four addresses', async () => {
  const addresses = [1, 2, 3, 4].map((n) => `2a02:2e0:3fe:100${n}::1`)
  expect(await (await start()).answers('u5', addresses)).toEqual(['DUNNO', 'DUNNO', 'DUNNO', REJECT])
})

test('6: of 40 parallel connections exactly three pass', async () => {
  const it = await start()
  const clients = await Promise.all(Array.from({ length: 40 }, () => it.connect()))
  const answers = await Promise.all(
    clients.map((client, i) => client.ask({ sasl_username: 'u6', client_address: `193.99.144.${i + 1}` })),
  )
  expect(answers.filter((answer) => answer === 'DUNNO')).toHaveLength(3)
  expect(answers.filter((answer) => answer === REJECT)).toHaveLength(37)
})

test('7: nobody is refused at home for what happened abroad before', async () => {
  const it = await start(['home: { codes: [DE] }'])
  expect(await it.answers('u7', [US, FR, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  it.pass(60 + 1 / 60)
  for (let i = 0; i < 12; i++) {
    expect(await it.answer('u7', DE)).toBe('DUNNO')
    it.pass(10)
  }
})

test('8: home counts apart', async () => {
  const it = await start(['home: { codes: [DE] }'])
  expect(await it.answers('u8', [US, FR, DE])).toEqual(['DUNNO', 'DUNNO', 'DUNNO'])
  expect((await it.decisions(3))[2]).toMatchObject({ countries: '2/2', homeCountries: '1/3', home: true })
})

test('9: home has limits of its own', async () => {
  const it = await start(['home: { codes: [DE, CH], countries: 1 }'])
  expect(await it.answers('u9', [DE, CH])).toEqual(['DUNNO', REJECT])
})

test('10: retries during a block move nothing', async () => {
  const it = await start()
  expect(await it.answers('u10', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  for (let i = 0; i < 50; i++) {
    it.pass(59 / 50)
    expect(await it.answer('u10', RU)).toBe(REJECT)
  }
  it.pass(1 + 1 / 60)
  expect(await it.answer('u10', DE)).toBe('DUNNO')
})

test('11: with the scope new, who was known passes during a block', async () => {
  const it = await start(['block: { scope: new }'])
  const answers = await it.answers('u11', [DE, US, RU, DE, CN])
  expect(answers).toEqual(['DUNNO', 'DUNNO', REJECT, 'DUNNO', REJECT])
})

test('12: a permanent block outlives a restart with a record for the account, until it is lifted', async () => {
  const lines = ['block: { for: permanent }']
  const first = await start(lines)
  expect(await first.answers('u12', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
  await first.stop()
  const it = await start([...lines, 'users: [{ sender: u12, comment: restarted }]'], {
    directory: first.directory,
  })
  it.pass(1_000_000)
  expect(await it.answer('u12', DE)).toBe(REJECT)
  expect(await it.ask.call('unblock', 'u12')).toBe(1)
  expect(await it.answer('u12', DE)).toBe('DUNNO')
})

test('13: without a user nothing is counted', async () => {
  const it = await start()
  for (const address of [DE, US, RU, CN]) {
    expect(await it.answer('', address, { sender: '' })).toBe('DUNNO')
  }
  expect(await it.ask.call('list', { blocked: false, text: '', after: '', limit: 10 })).toEqual([])
})

test('14: an account is one however its name is written', async () => {
  const it = await start()
  expect(await it.answer('User@Example.COM', DE)).toBe('DUNNO')
  expect(await it.answer('user@example.com', US)).toBe('DUNNO')
  expect(await it.answer('USER@example.com', RU)).toBe(REJECT)
})

test('15: what is not an address is not counted, and an unknown country neither', async () => {
  const it = await start()
  expect(await it.answer('u15', 'unknown')).toBe('DUNNO')
  expect(await it.ask.call('show', 'u15')).toBeNull()
  expect(await it.answers('u15', ['10.0.0.1', '102.201.16.13'])).toEqual(['DUNNO', 'DUNNO'])
  const [unknown, one, two] = await it.decisions(3)
  expect(unknown).toMatchObject({ rule: 'unusable address', address: 'unknown' })
  expect(one).toMatchObject({ ips: '1/3', countries: '0/2', country: null })
  expect(two).toMatchObject({ ips: '2/3', countries: '0/2' })
})

test('16: who is exempt is not counted', async () => {
  const it = await start(['exempt: { networks: 127.0.0.0/8 }'])
  expect(await it.answer('u16', '127.0.0.1')).toBe('DUNNO')
  expect(await it.ask.call('show', 'u16')).toBeNull()
  expect(await it.ask.call('check', { user: 'u16', address: '127.0.0.1' })).toMatchObject({ rule: 'exempt' })
})

test('17: trusted countries are the only ones, and no reason for a block', async () => {
  const it = await start(['users: [{ sender: u17@x, trusted_countries: [de] }]'])
  expect(await it.answers('u17@x', [DE, US, DE])).toEqual(['DUNNO', REJECT, 'DUNNO'])
  expect((await it.decisions(3))[1]).toMatchObject({ rule: 'allow-only', block: null })
})

test('18: trusted addresses are compared as addresses', async () => {
  const it = await start(['users: [{ sender: u18@x, trusted_ips: ["2A02:02E0:03FE:1001:0:0:0:1"] }]'])
  const answers = await it.answers('u18@x', ['2a02:2e0:3fe:1001::1', '2a02:2e0:3fe:1001::2'])
  expect(answers).toEqual(['DUNNO', REJECT])
})

test('19: the first record that matches counts', async () => {
  const records = [
    { sender: 'u19@x', countries: 5, ips: 10 },
    { sender: '@x', countries: 1 },
    { sender: '*', ips: 1 },
  ]
  const it = await start(['users: "{folder}/users.json"'], {
    files: { 'users.json': JSON.stringify({ data: records }) },
  })
  expect(new Set(await it.answers('u19@x', [DE, US, RU, CN, FR]))).toEqual(new Set(['DUNNO']))
  expect(await it.answers('v@x', [DE, US])).toEqual(['DUNNO', REJECT])
  expect(await it.answers('w@y', [DE, '193.99.144.81'])).toEqual(['DUNNO', REJECT])
})

test('20: the recipients of one message get one answer, and are counted once', async () => {
  const it = await start()
  expect(await it.answers('u20', [DE, US])).toEqual(['DUNNO', 'DUNNO'])
  const client = await it.connect()
  const recipients = ['a', 'b', 'c'].map((recipient) =>
    request({ sasl_username: 'u20', client_address: RU, instance: '516b.6b093aba.2602a.0', recipient }),
  )
  await client.write(recipients.join(''))
  const answers = [await client.receive(), await client.receive(), await client.receive()]
  expect(answers).toEqual([`action=${REJECT}\n\n`, `action=${REJECT}\n\n`, `action=${REJECT}\n\n`])
  const details = await it.ask.call('show', 'u20')
  expect(details?.events).toHaveLength(1)
  expect(details?.report).toMatchObject({ requests: 3, refused: 1 })
  expect(await it.decisions(3)).toHaveLength(3)
})

describe('21', () => {
  test('three requests in one write get three answers in order', async () => {
    const client = await (await start(['limits: { countries: 1, ips: 10 }'])).connect()
    await client.write(
      [DE, US, DE2].map((client_address) => request({ sasl_username: 'u21', client_address })).join(''),
    )
    const answers = [await client.receive(), await client.receive(), await client.receive()]
    expect(answers).toEqual(['action=DUNNO\n\n', `action=${REJECT}\n\n`, `action=${REJECT}\n\n`])
  })

  test('a request in single octets gets one', async () => {
    const client = await (await start()).connect()
    for (const octet of request({ sasl_username: 'u21', client_address: DE })) await client.write(octet)
    expect(await client.receive()).toBe('action=DUNNO\n\n')
  })
})

describe('22: a store that is not available', () => {
  test.each([
    ['dunno', 'DUNNO'],
    ['defer', 'DEFER Service temporarily not available'],
    ['close', 'closed'],
  ])('on-error: %s answers %s, and is told once', async (onError, answer) => {
    const it = await start([`on-error: ${onError}`])
    expect(await it.answer('u22', DE)).toBe('DUNNO')
    takeFileAway(it.directory)
    await it.said('policy.sqlite was removed')
    expect(await it.answer('u22', US)).toBe(answer)
    expect(await it.answer('u22', RU)).toBe(answer)
    await it.said('until it is back')
    expect(it.log.filter(({ msg }) => msg.includes('until it is back'))).toHaveLength(1)
    expect((await it.ask.call('figures')).storeTrouble).toMatch(/is not a file/)
  })
})

/** Puts something in the place of the store's file that can't be one. */
function takeFileAway(directory: string): void {
  const file = join(directory, POLICY_FILE)
  renameSync(file, `${file}.away`)
  mkdirSync(file)
}

test('23: monitor says what it would do, and does nothing', async () => {
  const it = await start(['mode: monitor'])
  expect(await it.answers('u23', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', 'DUNNO'])
  expect((await it.decisions(3))[2]).toMatchObject({ would: 'REJECT', action: 'DUNNO', block: null })
  expect(await it.ask.call('list', { blocked: true, text: '', after: '', limit: 10 })).toEqual([])
})

test('24: nobody travels faster than a plane', async () => {
  const it = await start(['travel: { speed: 1000, distance: 500 }', 'actions: { travel: reject }'])
  expect(await it.answer('u24', DE)).toBe('DUNNO')
  expect(await it.answer('v24', DE)).toBe('DUNNO')
  expect(await it.answer('w24', DE)).toBe('DUNNO')
  it.pass(10)
  expect(await it.answer('v24', CH)).toBe('DUNNO')
  it.pass(20)
  expect(await it.answer('u24', US)).toBe(REJECT)
  it.pass(630)
  expect(await it.answer('w24', US)).toBe('DUNNO')
})
