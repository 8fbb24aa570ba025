// Owner names: which are addresses or AS numbers, which are only ancestors of them, and which cannot exist.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownerOf } from '../../src/zones/example.ts'
import { type OwnerKind, readOwner } from '../../src/zones/owner.ts'
import { OWNER, QueriedName } from '../../src/zones/queried-name.ts'
import { name } from '../support/message.ts'

type Owner = keyof typeof OWNER

/** Reads labels as a responder does: where they lie in a packet, behind a header. */
function read(labels: string | readonly (string | Uint8Array)[], kind: OwnerKind, partial = false) {
  const packet = Buffer.concat([Buffer.alloc(12, 0xff), name(labels)])
  const positions: number[] = []
  for (let at = 12; packet[at] !== 0; at += packet[at] + 1) positions.push(at)
  const queried = new QueriedName()
  const number = readOwner(packet, Uint32Array.from(positions), positions.length, kind, partial, queried)
  const owner = Object.entries(OWNER).find(([, value]) => value === number)?.[0] as Owner
  return { owner, queried }
}

const nibbles = (count: number, nibble = '0'): string => Array.from({ length: count }, () => nibble).join('.')

describe('IPv4', () => {
  test.each([
    ['8.8.4.4', 0x04040808],
    ['1.0.0.10', 0x0a000001],
    ['0.0.0.0', 0],
    ['255.255.255.255', 0xffffffff],
    ['1.0.0.128', 0x80000001],
  ])('%s is an address', (text, address) => {
    const { owner, queried } = read(text, 'ipv4')
    expect(owner).toBe('ipv4')
    expect(queried).toMatchObject({ family: 4, word0: address, alsoAncestor: false })
  })

  test.each(['8', '8.8', '255.0.8', '10.9'])('%s is an ancestor of addresses', (text) => {
    expect(read(text, 'ipv4').owner).toBe('ancestor')
  })

  test.each([
    ['a leading zero', '8.8.8.08'],
    ['two zeros', '8.8.8.00'],
    ['three zeros', '000.8.8.8'],
    ['256', '256.8.8.8'],
    ['999', '8.8.999.8'],
    ['a fourth digit', '8.8.8.1000'],
    ['a fifth label', '8.8.8.8.8'],
    ['a letter', '8.8.8.a'],
    ['a letter behind a digit', '8.8.8.8a'],
    ['a sign', '8.8.8.-1'],
    ['an underscore, as QNAME minimisation may ask', '_.8'],
    ['a character below 0', '8.8.8./'],
    ['a character above 9', '8.8.8.:'],
  ])('%s cannot exist', (_, text) => {
    expect(read(text, 'ipv4').owner).toBe('none')
  })

  test.each([
    ['a dot in a label', ['8.8', '8', '8']],
    ['a NUL in a label', ['8\0', '8', '8', '8']],
    ['octets above 127', [Uint8Array.of(0xb8), '8', '8', '8']],
    ['a digit of another script in UTF-8', [Buffer.from('٨'), '8', '8', '8']],
  ])('%s cannot exist', (_, labels) => {
    expect(read(labels, 'ipv4').owner).toBe('none')
  })

  test('every address, there and back', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const { owner, queried } = read(ownerOf(address), 'ipv4')
        expect(owner).toBe('ipv4')
        const octets = [24, 16, 8, 0].map((shift) => (queried.word0 >>> shift) & 255)
        expect(octets.join('.')).toBe(address)
      }),
    )
  })
})

describe('IPv6', () => {
  test('32 nibbles are an address, upper and lower case', () => {
    const text = '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.f.E.d.C.b.A.2'
    const { owner, queried } = read(text, 'ipv6')
    expect(owner).toBe('ipv6')
    expect(queried).toMatchObject({
      family: 6,
      word0: 0x2abcdef0,
      word1: 0x48600000,
      word2: 0,
      word3: 0x8888,
      alsoAncestor: false,
    })
  })

  test('the highest address', () => {
    const { queried } = read(nibbles(32, 'f'), 'ipv6')
    expect(queried).toMatchObject({
      word0: 0xffffffff,
      word1: 0xffffffff,
      word2: 0xffffffff,
      word3: 0xffffffff,
    })
  })

  test('16 nibbles are an address whose other nibbles are zero, and an ancestor', () => {
    const { owner, queried } = read('0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2', 'ipv6')
    expect(owner).toBe('ipv6')
    expect(queried).toMatchObject({
      word0: 0x20014860,
      word1: 0x48600000,
      word2: 0,
      word3: 0,
      alsoAncestor: true,
    })
  })

  test('what was read before does not show through', () => {
    const packet = Buffer.concat([name(nibbles(32, 'f')), name(nibbles(16, '1'))])
    const queried = new QueriedName()
    const long = Uint32Array.from({ length: 32 }, (_, i) => i * 2)
    const short = Uint32Array.from({ length: 16 }, (_, i) => 65 + i * 2)
    readOwner(packet, long, 32, 'ipv6', false, queried)
    readOwner(packet, short, 16, 'ipv6', false, queried)
    expect(queried).toMatchObject({ word0: 0x11111111, word1: 0x11111111, word2: 0, word3: 0 })
  })

  test.each([1, 2, 4, 15, 17, 31])('%i nibbles are an ancestor', (count) => {
    expect(read(nibbles(count, 'a'), 'ipv6').owner).toBe('ancestor')
  })

  test.each([1, 2, 15, 16, 17, 31])('%i nibbles are an address where a zone says partial', (count) => {
    const { owner, queried } = read(nibbles(count, 'f'), 'ipv6', true)
    expect(owner).toBe('ipv6')
    expect(queried.alsoAncestor).toBe(true)
    const bits = [queried.word0, queried.word1, queried.word2, queried.word3]
      .map((word) => word.toString(2).padStart(32, '0'))
      .join('')
    expect(bits).toBe('1'.repeat(count * 4).padEnd(128, '0'))
  })

  test.each([
    ['a 33rd nibble', nibbles(33)],
    ['g', `g.${nibbles(31)}`],
    ['two digits', `00.${nibbles(31)}`],
    ['a character below 0', `/.${nibbles(31)}`],
    ['a character above 9', `:.${nibbles(31)}`],
    ['a character below A', `@.${nibbles(31)}`],
    ['a character below a', `\`.${nibbles(31)}`],
    ['an underscore above nibbles', `_.${nibbles(3)}`],
  ])('%s cannot exist', (_, text) => {
    expect(read(text, 'ipv6').owner).toBe('none')
    expect(read(text, 'ipv6', true).owner).toBe('none')
  })

  test('an octet above 127 whose lower bits are a digit cannot exist', () => {
    expect(read([Uint8Array.of(0xb0), '2'], 'ipv6').owner).toBe('none')
    expect(read([Uint8Array.of(0xe1), '2'], 'ipv6').owner).toBe('none')
  })

  test('an octet that is no digit, wherever it is', () => {
    for (let octet = 0; octet < 256; octet++) {
      const isDigit = /[0-9a-fA-F]/.test(String.fromCharCode(octet))
      for (let at = 0; at < 32; at++) {
        const labels = Array.from({ length: 32 }, (_, i) => Uint8Array.of(i === at ? octet : 0x30))
        expect(read(labels, 'ipv6').owner, `${octet} at ${at}`).toBe(isDigit ? 'ipv6' : 'none')
      }
    }
  })

  test('every address, there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
        const digits = Buffer.from(octets).toString('hex')
        const { owner, queried } = read([...digits].reverse().join('.'), 'ipv6')
        expect(owner).toBe('ipv6')
        const words = [queried.word0, queried.word1, queried.word2, queried.word3]
        expect(words.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe(digits)
      }),
    )
  })
})

describe('both families in one zone', () => {
  test.each([
    ['four octets', '8.8.8.88', 'ipv4', false],
    ['four octets of one digit, which are also an IPv6 ancestor', '8.8.8.8', 'ipv4', true],
    ['four zeros', '0.0.0.0', 'ipv4', true],
    ['32 nibbles', nibbles(32), 'ipv6', false],
    ['16 nibbles', nibbles(16, 'f'), 'ipv6', true],
  ] as const)('%s', (_, text, owner, alsoAncestor) => {
    const found = read(text, 'ip')
    expect(found.owner).toBe(owner)
    expect(found.queried.alsoAncestor).toBe(alsoAncestor)
  })

  test.each([
    ['one octet', '88'],
    ['three octets', '8.88.8'],
    ['one nibble that is not a digit', 'f'],
    ['four nibbles that are not digits', 'f.0.0.2'],
    ['five digits', '8.8.8.8.8'],
    ['31 nibbles', nibbles(31)],
  ])('%s: an ancestor', (_, text) => {
    expect(read(text, 'ip').owner).toBe('ancestor')
  })

  test.each([
    ['five octets', '8.8.8.8.88'],
    ['an octet among nibbles', 'f.88'],
    ['a leading zero', '8.8.8.08'],
    ['what a resolver that minimises may ask', '_.8'],
    ['33 nibbles', nibbles(33)],
  ])('%s: cannot exist', (_, text) => {
    expect(read(text, 'ip').owner).toBe('none')
  })
})

describe('AS numbers', () => {
  test.each([
    ['AS15169', 15169],
    ['as15169', 15169],
    ['aS1', 1],
    ['As4294967295', 4294967295],
  ])('%s', (text, number) => {
    const { owner, queried } = read(text, 'asn')
    expect(owner).toBe('asn')
    expect(queried).toMatchObject({ family: 0, word0: number, alsoAncestor: false })
  })

  test.each([
    'AS0',
    'AS01',
    'AS00',
    'AS4294967296',
    'AS9999999999',
    'AS42949672950',
    'AS',
    'A1',
    '15169',
    'ASN15169',
    'AS-1',
    'AS1.5',
    'AS15169.AS15169',
    'www.AS15169',
    'AS1a',
    'AS1 ',
  ])('%s cannot exist', (text) => {
    expect(read(text, 'asn').owner).toBe('none')
  })

  test('octets above 127 are not letters', () => {
    expect(read([Uint8Array.of(0xc1, 0xd3, 0x31)], 'asn').owner).toBe('none')
  })
})

test('any labels: read without an exception, and the same twice', () => {
  const kinds = fc.constantFrom<OwnerKind>('ipv4', 'ipv6', 'ip', 'asn')
  const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 13 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(labels, kinds, fc.boolean(), (list, kind, partial) => {
      expect(read(list, kind, partial)).toEqual(read(list, kind, partial))
    }),
  )
})
