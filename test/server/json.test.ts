// The zone json: what it says of any address is JSON, as a client that knows nothing of asnzone decodes it, and it says
// the same as another zone.

import { randomInt } from 'node:crypto'
import dns2 from 'dns2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { query } from '../support/message.ts'
import { type RunningServer, startServer } from '../support/programs.ts'
import { overTcp } from '../support/transports.ts'

const MEMBERS = Object.keys(readZoneDefinitions(undefined, []).find(({ id }) => id === 'json')!.json!)

/** Queries on one connection. */
const BATCH = 500

let server: RunningServer

beforeAll(async () => {
  server = await startServer(['--here', '52.52,13.40'])
})

afterAll(() => server.stop())

const hexGroup = (): string => randomInt(0x10000).toString(16)

const KINDS: readonly [string, () => string, (address: string) => string][] = [
  [
    'IPv4',
    () => [0, 0, 0, 0].map(() => randomInt(256)).join('.'),
    (address) => address.split('.').reverse().join('.'),
  ],
  [
    'IPv6',
    // Where most is given out; eight groups, the last of which isn't zero, need no `::` to be as RFC 5952 has them.
    () =>
      [
        ['2001', '2600', '2a02', '2400'][randomInt(4)],
        ...Array.from({ length: 6 }, () => hexGroup()),
        'f',
      ].join(':'),
    (address) =>
      [
        ...address
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
      ]
        .reverse()
        .join('.'),
  ],
]

/** The text of each reply's TXT record, null where there is none. */
async function texts(names: readonly string[]): Promise<(string | null)[]> {
  const replies = await overTcp(server.addresses[0]).exchange(names.map((name, id) => query(name, { id })))
  const found = new Map(
    replies.map((octets) => {
      const { header, answers } = dns2.Packet.parse(octets)
      const [{ data } = { data: null }] = answers as { data: string[] | null }[]
      return [header.id, data === null ? null : data.join('')]
    }),
  )
  expect(found.size).toBe(names.length)
  return names.map((_, id) => found.get(id)!)
}

describe.each(KINDS)('%s', (_, random, reversed) => {
  test('5,000 random addresses', { timeout: 120_000 }, async () => {
    let known = 0
    for (let asked = 0; asked < 5000; asked += BATCH) {
      const addresses = Array.from({ length: BATCH }, random)
      const objects = await texts(addresses.map((address) => `${address}.json.asnzone.internal`))
      const others = await texts(addresses.map((address) => `${reversed(address)}.geo.asnzone.internal`))
      for (const [i, address] of addresses.entries()) {
        const [object, other] = [objects[i], others[i]]
        expect(object === null, address).toBe(other === null)
        if (object === null || other === null) continue
        known++
        const { ip, asn, name, country, distance, score, ...rest } = JSON.parse(object)
        expect(Object.keys(JSON.parse(object))).toEqual(MEMBERS)
        expect(ip).toBe(address)
        const fields = [asn, name, country, distance, score].map((field) => field ?? '--')
        expect(fields.join(' | '), address).toBe(other)
        expect([rest.allocated, rest.city]).toEqual([null, null])
        expect([typeof asn, typeof score]).toEqual([asn === null ? 'object' : 'number', 'number'])
      }
    }
    expect(known).toBeGreaterThan(100)
  })
})
