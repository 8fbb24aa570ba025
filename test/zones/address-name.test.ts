// Owner names that are addresses as they are written: against Node.js's own reading of addresses.

import { isIP } from 'node:net'
import fc from 'fast-check'
import { Address6 } from 'ip-address'
import { describe, expect, test } from 'vitest'
import { readOwner } from '../../src/zones/owner.ts'
import { OWNER, QueriedName } from '../../src/zones/queried-name.ts'
import { name } from '../support/message.ts'

type Owner = keyof typeof OWNER

function read(text: string) {
  const packet = Buffer.concat([Buffer.alloc(12, 0xff), name(text.split('.')), Buffer.alloc(4, 0x38)])
  const positions: number[] = []
  for (let at = 12; packet[at] !== 0; at += packet[at] + 1) positions.push(at)
  const queried = new QueriedName()
  const number = readOwner(packet, Uint32Array.from(positions), positions.length, 'address', false, queried)
  const owner = Object.entries(OWNER).find(([, value]) => value === number)?.[0] as Owner
  return { owner, queried }
}

/** What was read as one number. */
function numberOf({ family, word0, word1, word2, word3 }: QueriedName): bigint {
  const words = family === 4 ? [word0] : [word0, word1, word2, word3]
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
}

const value4 = (text: string): bigint => text.split('.').reduce((sum, it) => (sum << 8n) | BigInt(it), 0n)
const value6 = (text: string): bigint => new Address6(text).bigInt()
const isEncodable = (text: string): boolean => text.split('.').every((it) => it.length > 0 && it.length < 64)

test.each([
  ['8.8.8.8', 'ipv4'],
  ['0.0.0.0', 'ipv4'],
  ['8.8.8.8/32', 'ipv4'],
  ['2001:4860:4860::8888', 'ipv6'],
  ['2001:DB8:0:0:0:0:0:A', 'ipv6'],
  ['::', 'ipv6'],
  ['::1', 'ipv6'],
  ['1::', 'ipv6'],
  ['1:2:3:4:5:6:7::', 'ipv6'],
  ['::ffff:8.8.8.8', 'ipv6'],
  ['::8.8.8.8', 'ipv6'],
  ['1:2:3:4:5:6:8.8.8.8', 'ipv6'],
  ['2001:db8::1/128', 'ipv6'],
  ['8.8.8.0/24', 'ipv4Network'],
  ['0.0.0.0/0', 'ipv4Network'],
  ['::/0', 'ipv6Network'],
  ['2001:db8::/33', 'ipv6Network'],
  ['::ffff:8.8.8.0/120', 'ipv6Network'],
  ['8', 'ancestor'],
  ['8.8', 'ancestor'],
  ['255.0.8', 'ancestor'],
  ['0/24', 'ancestor'],
  ['8.0/120', 'ancestor'],
] as const)('%s: %s', (text, owner) => {
  expect(read(text).owner).toBe(owner)
})

test.each([
  ['a leading zero', '08.8.8.8'],
  ['256', '8.8.256.8'],
  ['a fifth octet', '8.8.8.8.8'],
  ['a sixth group', '1:2:3:4:5:6'],
  ['a ninth group', '1:2:3:4:5:6:7:8:9'],
  ['a gap that stands for nothing', '1:2:3:4:5:6:7:8::'],
  ['two gaps', '1::2::3'],
  ['three colons', ':::'],
  ['one colon', ':'],
  ['a colon before', ':1:2:3:4:5:6:7:8'],
  ['a colon behind', '1:2:3:4:5:6:7:'],
  ['five digits', '12345::'],
  ['a letter', '::g'],
  ['a zone', 'fe80::1%eth0'],
  ['an IPv4 address after too many groups', '1:2:3:4:5:6:7:8.8.8.8'],
  ['one after too few', '1:2:3:4:5:8.8.8.8'],
  ['half of one', '::ffff:8.8'],
  ['an IPv4 address before a group', '8.8.8.8::'],
  ['bits after the length', '8.8.8.1/24'],
  ['bits after the length, IPv6', '2001:db8::1/64'],
  ['bits after the length in the same group', '2001:db8:1::/47'],
  ['a length over 32', '8.8.8.8/33'],
  ['a length over 128', '::1/129'],
  ['a length with a leading zero', '8.8.8.0/024'],
  ['no length', '8.8.8.8/'],
  ['two lengths', '8.8.8.0/24/24'],
  ['a length alone', '/24'],
  ['a length in the middle', '8.8/16.8.8'],
  ['something else', '_'],
  ['a name', 'www'],
])('%s cannot exist', (_, text) => {
  expect(read(text).owner).toBe('none')
})

describe('as Node.js reads it', () => {
  test('every IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const { owner, queried } = read(text)
        expect([owner, queried.family, numberOf(queried)]).toEqual(['ipv4', 4, value4(text)])
      }),
    )
  })

  test('every IPv6 address, in any form and case', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.boolean(), (text, upper) => {
        const { owner, queried } = read(upper ? text.toUpperCase() : text)
        expect([owner, queried.family, numberOf(queried)]).toEqual(['ipv6', 6, value6(text)])
      }),
      { numRuns: 1000 },
    )
  })

  test('networks of any length: where a bit is set after it, there is none', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (text, length) => {
        const bits = BigInt(128 - length)
        const start = (value6(text) >> bits) << bits
        const isNetwork = start === value6(text)
        const { owner, queried } = read(`${text}/${length}`)
        const expected = length === 128 ? 'ipv6' : isNetwork ? 'ipv6Network' : 'none'
        expect(owner).toBe(expected)
        if (expected === 'ipv6Network')
          expect([numberOf(queried), queried.networkLength]).toEqual([start, length])
        const written = Address6.fromBigInt(start).correctForm()
        expect(read(`${written}/${length}`).owner).toBe(length === 128 ? 'ipv6' : 'ipv6Network')
      }),
      { numRuns: 500 },
    )
  })

  test('whatever else is written', () => {
    const character = fc.constantFrom(...'0123456789abcdefABCDEF::::....gx-%')
    const near = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(40), fc.constantFrom('', ...'0f:.x'), fc.nat(2))
      .map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut))
    const text = fc.oneof(
      near,
      fc.array(character, { maxLength: 20 }).map((it) => it.join('')),
    )
    fc.assert(
      fc.property(text.filter(isEncodable), (written) => {
        const { owner, queried } = read(written)
        // A zone ID, which Node.js takes, belongs to one host.
        const family = written.includes('%') ? 0 : isIP(written)
        const missing = Math.max(0, 4 - written.split('.').length)
        const isAncestor = isIP(`${'1.'.repeat(missing)}${written}`) === 4
        const expected = family === 4 ? 'ipv4' : family === 6 ? 'ipv6' : isAncestor ? 'ancestor' : 'none'
        expect(owner).toBe(expected)
        if (family !== 0) expect(numberOf(queried)).toBe(family === 4 ? value4(written) : value6(written))
      }),
      { numRuns: 5000 },
    )
  })
})
