// Addresses out of the bytes of a file, against node:net, ip-address and bigint.

import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  readIpv4,
  readIpv4Number,
  readIpv6,
  readIpv6Number,
  readNumber,
} from '../../../../src/data/formats/reading/address-bytes.ts'
import type { Width } from '../../../../src/table/address-arithmetic.ts'
import { addressText, lastAddress, readAddress, toBigint } from '../../../support/bigint-address.ts'
import { mutatedAddresses } from '../../../support/mutated-addresses.ts'

type Read = (bytes: Uint8Array, start: number, end: number, out: Uint32Array) => boolean

/** Reads a text that stands between others, as fields do; null when it is not an address. */
function reading(read: Read, width: Width): (text: string) => bigint | null {
  return (text) => {
    const before = Buffer.from('7.7,7:7')
    const field = Buffer.from(text, 'latin1')
    const bytes = Buffer.concat([before, field, Buffer.from('7.7:7,7')])
    const out = new Uint32Array(4).fill(0xeeeeeeee)
    const isOne = read(bytes, before.length, before.length + field.length, out)
    return isOne ? toBigint(out, 0, width) : null
  }
}

const ipv4 = reading(readIpv4, 1)
const ipv6 = reading(readIpv6, 4)
const ipv4Number = reading(readIpv4Number, 1)
const ipv6Number = reading(readIpv6Number, 4)

describe('readIpv4', () => {
  test.each([
    ['0.0.0.0', 0n],
    ['8.8.8.8', 0x08080808n],
    ['255.255.255.255', 0xffffffffn],
    ['128.0.0.1', 0x80000001n],
  ])('reads %s', (text, address) => {
    expect(ipv4(text)).toBe(address)
  })

  test.each([
    '',
    '.',
    '...',
    '1',
    '1.2.3',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '256.0.0.0',
    '0.0.0.256',
    '1.2.3.1000',
    '01.2.3.4',
    '1.2.3.00',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '+1.2.3.4',
    '1.2.3.-4',
    '1.2.3.a',
    '1,2,3,4',
    '1.2.3.4/32',
    '0x1.2.3.4',
    '1.2.3.99999999999999999999',
  ])("refuses '%s'", (text) => {
    expect(ipv4(text)).toBeNull()
  })

  test('takes what node:net takes', () => {
    fc.assert(
      fc.property(mutatedAddresses, (text) => {
        expect(ipv4(text)).toBe(isIPv4(text) ? readAddress(text) : null)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('readIpv6', () => {
  test.each([
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['2001:4860:4860::8888', 0x20014860486000000000000000008888n],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', lastAddress(4)],
    ['FFFF:FfFf:fFfF:ffff:ffff:ffff:ffff:FFFF', lastAddress(4)],
    ['0001:0002:0003:0004:0005:0006:0007:0008', 0x00010002000300040005000600070008n],
    ['::192.0.2.1', 0xc0000201n],
    ['::ffff:192.0.2.1', 0xffffc0000201n],
    ['1:2:3:4:5:6:192.0.2.1', 0x000100020003000400050006c0000201n],
    ['1:2:3:4:5::192.0.2.1', 0x000100020003000400050000c0000201n],
  ])('reads %s', (text, address) => {
    expect(ipv6(text)).toBe(address)
  })

  test('«::» may stand for a single group, as in the real files', () => {
    expect(ipv6('2001::ffff:ffff:ffff:ffff:ffff:ffff')).toBe(0x20010000ffffffffffffffffffffffffn)
    expect(ipv6('1:2:3:4:5:6:7::')).toBe(0x00010002000300040005000600070000n)
    expect(ipv6('::2:3:4:5:6:7:8')).toBe(0x00000002000300040005000600070008n)
  })

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8:',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    '1:::2',
    '::1:',
    ':1::',
    '12345::',
    '00001::',
    'g::',
    '::1%eth0',
    '[::1]',
    '::1/128',
    ' ::1',
    '::1 ',
    '192.0.2.1',
    '::192.0.2',
    '::192.0.2.256',
    '::192.0.02.1',
    '192.0.2.1::',
    '::192.0.2.1:1',
    '1:2:3:4:5:6:7:192.0.2.1',
    '1:2:3:4:5:192.0.2.1',
    '1:2:3:4:5:6::192.0.2.1',
    '::a.0.2.1',
  ])("refuses '%s'", (text) => {
    expect(ipv6(text)).toBeNull()
  })

  test('takes what node:net takes', () => {
    fc.assert(
      fc.property(mutatedAddresses, (text) => {
        expect(ipv6(text)).toBe(isIPv6(text) ? readAddress(text) : null)
      }),
      { numRuns: 5000 },
    )
  })
})

describe.each([
  { name: 'readIpv4Number', read: ipv4Number, width: 1 as const },
  { name: 'readIpv6Number', read: ipv6Number, width: 4 as const },
])('$name', ({ read, width }) => {
  const last = lastAddress(width)

  test('reads every number of the space', () => {
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: last }),
      // So many digits, or so many zeros at the end.
      fc.nat({ max: String(last).length - 1 }).map((digits) => 10n ** BigInt(digits)),
      fc.bigInt({ min: last - 10n, max: last }),
    )
    fc.assert(
      fc.property(number, (address) => {
        expect(read(String(address))).toBe(address)
      }),
    )
  })

  test('reads both ends, and no further', () => {
    expect([read('0'), read(String(last))]).toEqual([0n, last])
    expect([read(String(last + 1n)), read(String(last * 10n)), read('9'.repeat(50))]).toEqual([
      null,
      null,
      null,
    ])
    fc.assert(
      fc.property(fc.bigInt({ min: last + 1n, max: last * 20n }), (number) => {
        expect(read(String(number))).toBeNull()
      }),
    )
  })

  test.each(['', '-1', '+1', ' 1', '1 ', '1.0', '1e3', '0x10', '1_000', '::1', '1.2.3.4'])(
    "refuses '%s'",
    (text) => {
      expect(read(text)).toBeNull()
    },
  )

  test('is the same address as its text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: last }), (address) => {
        const readText = width === 1 ? ipv4 : ipv6
        expect(read(String(address))).toBe(readText(addressText(address, width)))
      }),
    )
  })
})

describe('readNumber', () => {
  const number = (text: string, max: number): number =>
    readNumber(Buffer.from(`1${text}1`), 1, 1 + Buffer.byteLength(text), max)

  test.each([
    { text: '0', max: 10, is: 0 },
    { text: '10', max: 10, is: 10 },
    { text: '007', max: 10, is: 7 },
    { text: '4294967295', max: 4294967295, is: 4294967295 },
    { text: '4294967296', max: 4294967295, is: -1 },
    { text: '11', max: 10, is: -1 },
    { text: '', max: 10, is: -1 },
    { text: '-1', max: 10, is: -1 },
    { text: '1 ', max: 10, is: -1 },
    { text: '1a', max: 10, is: -1 },
    { text: '0000000000000001', max: 10, is: -1 },
  ])("of '$text' up to $max is $is", ({ text, max, is }) => {
    expect(number(text, max)).toBe(is)
  })
})
