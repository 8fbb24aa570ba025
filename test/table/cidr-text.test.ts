// Addresses and CIDRs that people write.

import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { addressText, cidrAround, readAddress, toBigint } from '../support/bigint-address.ts'
import { mutatedAddresses } from '../support/mutated-addresses.ts'

describe('parseCidr', () => {
  test.each([
    { text: '192.0.2.0/24', family: 4, length: 24, start: [0xc0000200], end: [0xc00002ff] },
    { text: '192.0.2.1', family: 4, length: 32, start: [0xc0000201], end: [0xc0000201] },
    { text: '0.0.0.0/0', family: 4, length: 0, start: [0], end: [0xffffffff] },
    { text: '255.255.255.255/32', family: 4, length: 32, start: [0xffffffff], end: [0xffffffff] },
    {
      text: '2001:db8::/32',
      family: 6,
      length: 32,
      start: [0x20010db8, 0, 0, 0],
      end: [0x20010db8, 0xffffffff, 0xffffffff, 0xffffffff],
    },
    { text: '::1', family: 6, length: 128, start: [0, 0, 0, 1], end: [0, 0, 0, 1] },
    {
      text: '::/0',
      family: 6,
      length: 0,
      start: [0, 0, 0, 0],
      end: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    },
    {
      text: '::FFFF:0.0.0.0/96',
      family: 6,
      length: 96,
      start: [0, 0, 0xffff, 0],
      end: [0, 0, 0xffff, 0xffffffff],
    },
  ])('$text', ({ text, family, length, start, end }) => {
    expect(parseCidr(text)).toEqual({
      family,
      length,
      start: Uint32Array.from(start),
      end: Uint32Array.from(end),
    })
  })

  test.each([
    { text: '10.0.0.5/8', meant: '10.0.0.0/8' },
    { text: '192.0.2.77/24', meant: '192.0.2.0/24' },
    { text: '255.255.255.255/0', meant: '0.0.0.0/0' },
    { text: '2001:db8::1/32', meant: '2001:db8::/32' },
    { text: '::ffff:192.0.2.1/96', meant: '::ffff:0:0/96' },
  ])('$text is refused with the network meant, $meant', ({ text, meant }) => {
    expect(() => parseCidr(text)).toThrow(`'${text}' has bits after its length; did you mean ${meant}?`)
    expect(parseCidr(meant)).toBeDefined()
  })

  test.each([
    '',
    '/',
    '/8',
    'localhost',
    '192.0.2',
    '192.0.2.',
    '192.0.2.256',
    '192.0.2.0.0',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/-1',
    '192.0.2.0/x',
    '192.0.2.0/24/24',
    '192.0.02.0',
    '010.0.0.0/8',
    '0x7f.0.0.1',
    ' 192.0.2.0',
    '192.0.2.0 /24',
    '192.0.2.0:53',
    '2001:db8::/129',
    '2001:db8::/',
    '2001:db8:::',
    '::1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%eth0',
    '[::1]',
    '::ffff:1.2.3',
    'http://[::1]/',
  ])("refuses '%s'", (text) => {
    expect(() => parseCidr(text)).toThrow(
      new Error(`'${text}' is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32`),
    )
  })

  test('takes what node:net takes, at every length', () => {
    fc.assert(
      fc.property(mutatedAddresses, fc.integer({ min: 0, max: 140 }), (text, length) => {
        const bits = isIPv4(text) ? 32 : isIPv6(text) ? 128 : -1
        if (length > bits) {
          expect(() => parseCidr(`${text}/${length}`)).toThrow('is not an IP address or a CIDR')
          return
        }
        const width = bits === 32 ? 1 : 4
        const network = cidrAround(readAddress(text), length, width)
        const first = addressText(network[0], width)
        if (network[0] !== readAddress(text)) {
          expect(() => parseCidr(`${text}/${length}`)).toThrow(`did you mean ${first}/${length}?`)
        }
        const { start, end, ...others } = parseCidr(`${first}/${length}`)
        expect(others).toEqual({ family: bits === 32 ? 4 : 6, length })
        expect([toBigint(start, 0, width), toBigint(end, 0, width)]).toEqual(network)
      }),
      { numRuns: 1000 },
    )
  })
})
