// Addresses written into a packet, against node:net and ip-address.

import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { Address6 } from 'ip-address'
import { describe, expect, test } from 'vitest'
import {
  textOfAddress,
  writeIpv4Network,
  writeIpv6Network,
  writeOctet,
} from '../../src/table/address-text.ts'
import { addressText, cidrAround, toBigint, toWords } from '../support/bigint-address.ts'

/**
 * What `write` writes into the middle of a packet, once it is clear that it touches nothing else.
 *
 * @param behind octets behind the end that may change
 */
function written(write: (out: Uint8Array, at: number) => number, behind = 0): string {
  const at = 5
  const out = new Uint8Array(64).fill(0xee)
  const end = write(out, at)
  const beside = [...out.subarray(0, at), ...out.subarray(end + behind)]
  expect(beside.every((octet) => octet === 0xee)).toBe(true)
  return Buffer.from(out.subarray(at, end)).toString('latin1')
}

const ipv4 = (address: number, length: number): string =>
  written((out, at) => writeIpv4Network(new DataView(out.buffer), at, address, length), 3)

const ipv6 = ([a, b, c, d]: ArrayLike<number> & Iterable<number>, length: number): string =>
  written((out, at) => writeIpv6Network(new DataView(out.buffer), at, a, b, c, d, length), 3)

test('writeOctet writes all octets in decimal', () => {
  for (let octet = 0; octet < 256; octet++) {
    expect(written((out, at) => writeOctet(out, at, octet))).toBe(String(octet))
  }
})

describe('writeIpv4Network', () => {
  test.each([
    { address: 0x08080808, length: 24, text: '8.8.8.0' },
    { address: 0xffffffff, length: 32, text: '255.255.255.255' },
    { address: 0xffffffff, length: 1, text: '128.0.0.0' },
    { address: 0xffffffff, length: 0, text: '0.0.0.0' },
    { address: 0, length: 32, text: '0.0.0.0' },
    { address: 0xd85a6c1f, length: 15, text: '216.90.0.0' },
  ])('$text/$length', ({ address, length, text }) => {
    expect(ipv4(address, length)).toBe(text)
  })

  test('is what ip-address writes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 0, max: 32 }),
        (address, length) => {
          const [network] = cidrAround(BigInt(address), length, 1)
          const text = ipv4(address, length)
          expect(text).toBe(addressText(network, 1))
          expect(isIPv4(text)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('writeIpv6Network', () => {
  test.each([
    { from: '2001:4860:4860::8888', length: 42, text: '2001:4860:4840::' },
    { from: '2001:db8:0:0:1:0:0:1', length: 128, text: '2001:db8::1:0:0:1', why: 'the first of two runs' },
    { from: '2001:0:0:1:0:0:0:1', length: 128, text: '2001:0:0:1::1', why: 'the longer of two runs' },
    {
      from: '2001:db8:0:1:1:1:1:1',
      length: 128,
      text: '2001:db8:0:1:1:1:1:1',
      why: 'a lone zero is not a run',
    },
    { from: '::', length: 128, text: '::' },
    { from: '::1', length: 128, text: '::1' },
    { from: '1::', length: 128, text: '1::' },
    { from: '0:1:1:1:1:1:1:0', length: 128, text: '0:1:1:1:1:1:1:0' },
    { from: '0:0:1:1:1:1:0:0', length: 128, text: '::1:1:1:1:0:0' },
    { from: '0:1:1:1:1:1:0:0', length: 128, text: '0:1:1:1:1:1::' },
    { from: '::ffff:c000:201', length: 128, text: '::ffff:c000:201' },
    { from: 'ABCD:0FFF:00F0:000A:1::', length: 128, text: 'abcd:fff:f0:a:1::' },
    { from: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', length: 0, text: '::' },
    { from: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', length: 1, text: '8000::' },
    { from: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', length: 33, text: 'ffff:ffff:8000::' },
    {
      from: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      length: 127,
      text: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe',
    },
  ])('$from/$length is $text', ({ from, length, text }) => {
    expect(ipv6(toWords(new Address6(from).bigInt(), 4), length)).toBe(text)
  })

  test('is what ip-address writes, wherever the zeros are', () => {
    const group = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      fc.integer({ min: 1, max: 0xffff }),
      fc.integer({ min: 1, max: 0xf }),
    )
    const address = fc
      .array(group, { minLength: 8, maxLength: 8 })
      .map((groups) => Uint32Array.from({ length: 4 }, (_, n) => groups[2 * n] * 65536 + groups[2 * n + 1]))
    const length = fc.oneof(fc.constant(128), fc.integer({ min: 0, max: 128 }))
    fc.assert(
      fc.property(address, length, (words, bits) => {
        const [network] = cidrAround(toBigint(words, 0, 4), bits, 4)
        expect(ipv6(words, bits)).toBe(addressText(network, 4))
      }),
      { numRuns: 1500 },
    )
  })
})

test.each([
  ['7f000002', '127.0.0.2'],
  ['00000000000000000000ffff7f000002', '::ffff:127.0.0.2'],
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['00000000000000000000000000000001', '::1'],
])('octets %s are %s', (digits, text) => {
  expect(textOfAddress(Buffer.from(digits, 'hex'))).toBe(text)
})
