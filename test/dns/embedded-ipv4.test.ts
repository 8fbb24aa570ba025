// IPv4 addresses inside IPv6 ones are answered as themselves: ::ffff:0:0/96 (RFC 4291) and 64:ff9b::/96 (RFC 6052).

import { describe, expect, test } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { addressAttributes } from '../../src/table/attributes.ts'
import { ownerOf } from '../../src/zones/example.ts'
import { readAddress, toWords } from '../support/bigint-address.ts'
import { ROWS, type Row, smallTable, smallZoneSet } from '../support/small-table.ts'

const example = { ask: '8.8.8.8', type: 'TXT', answer: '"15169"' }
const CATALOGUE = smallZoneSet({
  both: { apex: 'both.test', owner: 'ip', txt: '{asn} | {prefix} | {country}', a: '127.0.0.2', example },
  six: { apex: 'six.test', owner: 'ipv6', txt: '{asn} | {network} | {length}', example },
})

/** Who relays for 6to4 and Teredo. */
const RELAYS: readonly Row[] = [
  { cidr: '2002::/16', asn: 6939 },
  { cidr: '2001::/32', asn: 64499 },
]

const responder = new Responder(smallTable([...ROWS, ...RELAYS]), CATALOGUE)
const ask = (address: string, zone: string, type: 'A' | 'TXT' = 'TXT'): string =>
  askResponder(responder, `${ownerOf(address)}.${zone}`, type)

describe.each(['::ffff:808:808', '64:ff9b::808:808'])('8.8.8.8 as %s', (address) => {
  const start = address.replace('808:808', '808:800')

  test('is answered as 8.8.8.8 in a zone of both families, with the prefix in IPv6', () => {
    expect(ask('8.8.8.8', 'both.test')).toBe('"15169 | 8.8.8.0/24 | US"')
    expect(ask(address, 'both.test')).toBe(`"15169 | ${start}/120 | US"`)
    expect(ask(address, 'both.test', 'A')).toBe('127.0.0.2')
  })

  test('is answered in a zone of IPv6', () => {
    expect(ask(address, 'six.test')).toBe(`"15169 | ${start} | 120"`)
  })

  test('is told outside of DNS, too', () => {
    const attributes = addressAttributes(smallTable(), toWords(readAddress(address), 4))
    expect(attributes).toMatchObject({ asn: 15169, prefix: `${start}/120`, country: 'US' })
  })
})

test('an address without an AS has no prefix in IPv6 either', () => {
  expect(ask('198.51.100.1', 'both.test')).toBe('" |  | DE"')
  expect(ask('::ffff:c633:6401', 'both.test')).toBe('" |  | DE"')
})

test.each([
  ['2002:808:808::1', '"6939 | 2002::/16 |"'],
  ['2001::808:808', '"64499 | 2001::/32 |"'],
  ['::808:808', ''],
  ['::ffff:0:808:808', ''],
  ['64:ff9b:1::808:808', ''],
  ['64:ff9b::1:808:808', ''],
  ['0:0:1:ffff::808:808', ''],
  ['::ffff:a00:1', ''],
])('%s keeps what it is', (address, answer) => {
  expect(ask(address, 'both.test')).toBe(answer)
})

test('what is known of the IPv4 address goes before what a wider IPv6 row says, which answers where nothing is', () => {
  const own = new Responder(
    smallTable([...ROWS, { cidr: '64:ff9b::/96', asn: 64510, country: 'DE' }]),
    CATALOGUE,
  )
  const askOwn = (address: string): string => askResponder(own, `${ownerOf(address)}.both.test`, 'TXT')
  expect(askOwn('64:ff9b::808:808')).toBe('"15169 | 64:ff9b::808:800/120 | US"')
  expect(askOwn('64:ff9b::a00:1')).toBe('"64510 | 64:ff9b::/96 | DE"')
})
