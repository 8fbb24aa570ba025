// The OPT record: what it holds for each option that a query has, how long it gets, and what is left out first.

import * as dnsPacket from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { Client } from '../../../src/dns/client.ts'
import { EXTENDED_ERROR } from '../../../src/dns/edns/extended-error.ts'
import { Opt } from '../../../src/dns/edns/opt.ts'
import { Now } from '../../../src/dns/now.ts'
import { OPEN_POLICY } from '../../../src/dns/treatment.ts'
import { OPTION, option } from '../../support/conformance/options.ts'
import { ASKING_FOR_ALL, TALKATIVE } from '../../support/conformance/talkative.ts'
import { opt } from '../../support/message.ts'

const COOKIE = option(OPTION.cookie, [1, 2, 3, 4, 5, 6, 7, 8])

/** A record that has read a query's, or null where that can't be right. */
function afterReading(
  options: readonly number[],
  { policy = TALKATIVE, isTcp = true, record = new Opt(policy, new Client(), new Now()) } = {},
): Opt | null {
  const octets = opt({ size: 1400, flags: 0x8000, options })
  record.clear()
  if (!record.read(octets, 0, 1, octets.length, octets.length)) return null
  record.begin(octets, isTcp)
  return record
}

/** What dns-packet reads from the reply's record: codes and data as hexadecimal digits. */
function written(record: Opt, rcode = 0): Record<number, string> {
  const octets = Buffer.alloc(12 + record.length)
  octets[11] = 1
  expect(record.write(octets, 12, rcode)).toBe(octets.length)
  const [additional] = dnsPacket.decode(octets).additionals ?? []
  const { options } = additional as unknown as { options: { code: number; data: Buffer }[] }
  return Object.fromEntries(options.map(({ code, data }) => [code, data.toString('hex')]))
}

test('nothing is told without being asked for', () => {
  const record = afterReading([])!
  expect(record).toMatchObject({ length: 11, udpSize: 1400, dnssecOk: true, hasCookie: false })
  expect(written(record)).toEqual({})
})

test('each option that was asked for is told', () => {
  const record = afterReading(ASKING_FOR_ALL)!
  const told = written(record)
  expect(Object.keys(told).map(Number)).toEqual([OPTION.nsid, OPTION.cookie, OPTION.keepalive])
  expect(told[OPTION.nsid]).toBe('6e'.repeat(128))
  expect(told[OPTION.cookie]).toMatch(/^010203040506070801000000[0-9a-f]{24}$/)
  expect(told[OPTION.keepalive]).toBe('012c')
})

test('none of them is told by a server that has nothing to tell', () => {
  expect(written(afterReading(ASKING_FOR_ALL, { policy: OPEN_POLICY })!)).toEqual({})
})

test('no record where the query has none', () => {
  const record = new Opt(TALKATIVE, new Client(), new Now())
  record.clear()
  record.begin(new Uint8Array(0), true)
  record.tellError(EXTENDED_ERROR.prohibited)
  expect(record.length).toBe(0)
  expect(record.write(new Uint8Array(0), 7, 0)).toBe(7)
})

test('keepalive is for TCP alone (RFC 7828 3.3)', () => {
  expect(written(afterReading(option(OPTION.keepalive), { isTcp: false })!)).toEqual({})
})

test('the upper bits of an extended RCODE stand in front of the version (RFC 6891 6.1.3)', () => {
  const record = afterReading([])!
  const octets = Buffer.alloc(11)
  record.write(octets, 0, 16)
  expect([octets[5], octets[6], octets[7]]).toEqual([1, 0, 0x80])
})

describe('an extended error', () => {
  test('is told, the last one alone', () => {
    const record = afterReading([])!
    record.tellError(EXTENDED_ERROR.prohibited)
    record.tellError(EXTENDED_ERROR.staleAnswer)
    expect(record.length).toBe(11 + 6)
    expect(written(record)).toEqual({ [OPTION.extendedError]: '0003' })
  })

  test('is not that of the query', () => {
    expect(written(afterReading(option(OPTION.extendedError, [0, 5]))!)).toEqual({})
  })
})

test('what is left out takes no room, and leaving it out twice takes no more away', () => {
  const record = afterReading(ASKING_FOR_ALL)!
  record.tellError(EXTENDED_ERROR.prohibited)
  expect(record.length).toBe(record.maxLength)
  for (let n = 0; n < 2; n++) {
    record.omitIdentity()
    record.omitError()
  }
  const everything = Object.keys(written(afterReading(ASKING_FOR_ALL)!)).map(Number)
  expect(Object.keys(written(record)).map(Number)).toEqual(everything.filter((code) => code !== OPTION.nsid))
  expect(record.length).toBe(record.maxLength - (4 + 128) - (4 + 2))
})

test('the record before leaves nothing', () => {
  const record = afterReading(ASKING_FOR_ALL)!
  record.tellError(EXTENDED_ERROR.prohibited)
  expect(written(afterReading([], { record })!)).toEqual({})
  expect(record).toMatchObject({ hasCookie: false, tellsCookie: false, isClientKnown: false })
})

test('another policy holds from the next query on', () => {
  const record = afterReading(ASKING_FOR_ALL)!
  record.replace(OPEN_POLICY)
  expect(written(afterReading(ASKING_FOR_ALL, { record })!)).toEqual({})
})

describe('cookies', () => {
  test('one of ours is known, and comes back as it is', () => {
    const record = afterReading(COOKIE)!
    expect(record).toMatchObject({ hasCookie: true, tellsCookie: true, isClientKnown: false })
    const cookie = Buffer.from(written(record)[OPTION.cookie], 'hex')
    const again = afterReading(option(OPTION.cookie, cookie), { record })!
    expect(again.isClientKnown).toBe(true)
    expect(written(again)[OPTION.cookie]).toBe(cookie.toString('hex'))
  })

  test('of several the first counts (RFC 7873 5.2)', () => {
    const second = option(OPTION.cookie, [9, 9, 9, 9, 9, 9, 9, 9])
    expect(written(afterReading([...COOKIE, ...second])!)[OPTION.cookie]).toMatch(/^0102030405060708/)
  })

  test('time comes from the batch', () => {
    const now = new Now()
    now.set(0x12345678 * 1000 + 999, 0)
    const record = new Opt(TALKATIVE, new Client(), now)
    expect(written(afterReading(COOKIE, { record })!)[OPTION.cookie].slice(24, 32)).toBe('12345678')
  })
})

describe('what can not be right', () => {
  test.each([
    ['a cookie of 7 octets', option(OPTION.cookie, new Uint8Array(7))],
    ['one of 9', option(OPTION.cookie, new Uint8Array(9))],
    ['one of 41', option(OPTION.cookie, new Uint8Array(41))],
    ['a second cookie that is wrong', [...COOKIE, ...option(OPTION.cookie, [1])]],
    ['a client subnet with a scope (RFC 7871 6)', option(OPTION.clientSubnet, [0, 1, 24, 1, 192, 0, 2])],
    ['one with bits after its prefix', option(OPTION.clientSubnet, [0, 1, 23, 0, 192, 0, 3])],
    ['one with an octet too many', option(OPTION.clientSubnet, [0, 1, 24, 0, 192, 0, 2, 0])],
    ['one of /33 in IPv4', option(OPTION.clientSubnet, [0, 1, 33, 0, 192, 0, 2, 0, 0])],
    ['half an option', [0, 10, 0]],
    ['an option that is longer than the record', [0, 3, 0, 1]],
  ])('%s', (_, options) => {
    expect(afterReading(options)).toBeNull()
  })

  test.each([
    ['a client subnet', option(OPTION.clientSubnet, [0, 1, 23, 0, 192, 0, 2])],
    ['one of a family that nobody knows', option(OPTION.clientSubnet, [0, 9, 99, 0, 1])],
    ['a cookie of 40 octets', option(OPTION.cookie, new Uint8Array(40))],
    ['padding', option(OPTION.padding, new Uint8Array(99))],
    ['a code beyond all that are known', option(0xfde9, [1])],
    ['code 0', option(0)],
  ])('what can be right: %s', (_, options) => {
    expect(afterReading(options)).not.toBeNull()
  })
})
