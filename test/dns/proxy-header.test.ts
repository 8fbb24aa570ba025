// The header of the PROXY protocol: as dnsdist 1.7.3 sends it, malformed, in pieces, and any octets at all.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Client } from '../../src/dns/client.ts'
import { HEADER, LOCAL_HEADER, readProxyHeader } from '../../src/dns/proxy-header.ts'
import { comesFrom } from '../support/conformance/policies.ts'
import { query } from '../support/message.ts'
import { local, proxied, rawHeader } from '../support/proxy.ts'

const PROXY = '192.0.2.53'

/** What is read of octets, wherever they lie: the length, and who asks. */
function read(octets: Uint8Array, at = 3): { readonly length: number; readonly client: Client } {
  const client = new Client()
  comesFrom(client, PROXY)
  const packet = new Uint8Array(at + octets.length + 700).fill(0x0d)
  packet.set(octets, at)
  return { length: readProxyHeader(packet, at, at + octets.length, client), client }
}

function clientOf(host: string, isProxied: boolean): Client {
  const client = new Client()
  comesFrom(client, host)
  client.isProxied = isProxied
  return client
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('what dnsdist sends', () => {
  test.each([
    ['IPv4, UDP', '0d0a0d0a000d0a515549540a 21 12 000c 7f000001 7f000001 b889 19a4', '127.0.0.1'],
    ['IPv4, TCP', '0d0a0d0a000d0a515549540a 21 11 000c 7f000001 7f000001 9c27 19a4', '127.0.0.1'],
    [
      'IPv6, UDP',
      `0d0a0d0a000d0a515549540a 21 22 0024 ${'20010db8'.padEnd(31, '0')}7 ${'0'.repeat(32)} a8c9 19a4`,
      '2001:db8::7',
    ],
  ])('%s', (_, octets, client) => {
    const header = hex(octets)
    const found = read(Buffer.concat([header, query('example.com')]))
    expect(found).toEqual({ length: header.length, client: clientOf(client, true) })
  })

  test('its own queries: whoever asks is the proxy', () => {
    const header = hex('0d0a0d0a000d0a515549540a 20 00 0000')
    expect(LOCAL_HEADER).toEqual(new Uint8Array(header))
    expect(read(header)).toEqual({ length: 16, client: clientOf(PROXY, false) })
  })
})

test('own queries may have addresses and anything else, which say nothing', () => {
  for (const rest of [Buffer.alloc(12, 7), Buffer.alloc(3), Buffer.alloc(536)]) {
    for (const family of [0, 0x11, 0x22, 0xff]) {
      expect(read(local(rest, family))).toEqual({ length: 16 + rest.length, client: clientOf(PROXY, false) })
    }
  }
})

test('what follows the addresses is skipped, whatever it is', () => {
  const tlvs = Buffer.from([3, 0, 4, 1, 2, 3, 4, 0xff])
  expect(read(proxied('198.51.100.7', { tlvs }))).toEqual({
    length: 36,
    client: clientOf('198.51.100.7', true),
  })
  expect(read(proxied('2001:db8::1', { tlvs: Buffer.alloc(500, 0xff) })).length).toBe(16 + 536)
})

test('an IPv4 address that is written as an IPv6 one is the IPv4 client', () => {
  expect(read(proxied('::ffff:198.51.100.7')).client).toMatchObject({ family: 4, word0: 0xc6336407 })
})

describe('wrong', () => {
  const addresses = Buffer.alloc(36, 1)
  test.each([
    ['another version', rawHeader(0x11, 0x11, 12, addresses)],
    ['another command', rawHeader(0x22, 0x11, 12, addresses)],
    ['a client that is not told', rawHeader(0x21, 0x00, 0, Buffer.alloc(0))],
    ['a Unix socket', rawHeader(0x21, 0x31, 216, Buffer.alloc(216))],
    ['an unknown family', rawHeader(0x21, 0x42, 12, addresses)],
    ['neither TCP nor UDP', rawHeader(0x21, 0x10, 12, addresses)],
    ['an unknown protocol', rawHeader(0x21, 0x23, 36, addresses)],
    ['less than IPv4 addresses', rawHeader(0x21, 0x12, 11, addresses)],
    ['less than IPv6 addresses', rawHeader(0x21, 0x22, 35, addresses)],
    ['longer than the cap', rawHeader(0x21, 0x12, 537, Buffer.alloc(537))],
    ['longer than the cap, of its own', rawHeader(0x20, 0x00, 65535, Buffer.alloc(600))],
    ['no header but a query', query('8.8.8.8.geo.asnzone.internal', { id: 0x0d0a })],
    ['version 1, as text', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 53\r\n')],
  ])('%s', (_, octets) => {
    expect(read(octets)).toEqual({ length: HEADER.wrong, client: clientOf(PROXY, false) })
  })
})

test('each beginning of a header is incomplete, and the whole is taken at once', () => {
  for (const header of [
    proxied('192.0.2.1'),
    proxied('2001:db8::1', { tlvs: Buffer.alloc(20) }),
    local(Buffer.alloc(5)),
  ]) {
    for (let length = 0; length < header.length; length++) {
      expect(read(header.subarray(0, length)), `${length}`).toEqual({
        length: HEADER.incomplete,
        client: clientOf(PROXY, false),
      })
    }
    expect(read(header).length).toBe(header.length)
  }
})

/** Octets near a header: its parts, each right or not. */
const nearly = fc
  .record({
    damage: fc.option(fc.tuple(fc.nat(60), fc.nat(255))),
    command: fc.constantFrom(0x20, 0x21, 0x21, 0x21, 0x1f, 0x31),
    family: fc.constantFrom(0x00, 0x11, 0x12, 0x21, 0x22, 0x31, 0x10, 0xf1),
    length: fc.oneof(fc.nat(40), fc.nat(560), fc.nat(65535)),
    rest: fc.uint8Array({ maxLength: 600 }),
  })
  .map(({ damage, command, family, length, rest }) => {
    const header = rawHeader(command, family, length, rest)
    if (damage !== null && damage[0] < header.length) header[damage[0]] = damage[1]
    return header
  })

test('any octets: never more than there are, and nobody becomes a client but by a whole header', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 700 }), nearly), fc.nat(5), (octets, at) => {
      const { length, client } = read(octets, at)
      expect(length).toBeGreaterThanOrEqual(-1)
      expect(length).toBeLessThanOrEqual(Math.min(octets.length, 552))
      if (length <= 0) {
        expect(client).toEqual(clientOf(PROXY, false))
        return
      }
      expect(length).toBe(16 + ((octets[14] << 8) | octets[15]))
      expect(Buffer.from(octets.subarray(0, 12)).toString('hex')).toBe('0d0a0d0a000d0a515549540a')
      expect(client.isProxied).toBe(octets[12] === 0x21)
      // The same with other octets after it.
      expect(read(Buffer.concat([octets.subarray(0, length), Buffer.alloc(9, 0xee)]), at)).toEqual({
        length,
        client,
      })
    }),
    { numRuns: 3000 },
  )
})
