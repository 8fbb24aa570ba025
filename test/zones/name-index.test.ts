// Finding names where they lie in a packet.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NameIndex, NO_NAME } from '../../src/zones/name-index.ts'
import { packetOver } from '../../src/zones/packet.ts'
import { wireName } from '../../src/zones/wire-name.ts'

/** The number that a name has in an index, wherever in a packet it lies; other octets are around it. */
function find(index: NameIndex, wire: Uint8Array, before = 3): number {
  const packet = Buffer.concat([Buffer.alloc(before, 1), wire, Buffer.alloc(8, 0x61)])
  return index.find(packetOver(packet), before, wire.length)
}

const upper = (wire: Uint8Array): Uint8Array =>
  wire.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet))

/** Names of few letters, so that many are alike. */
const name = fc
  .array(fc.stringMatching(/^[ab-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.'))

test('each name is found in any case, and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 40 }), name, fc.nat(9), (names, asked, before) => {
      const index = new NameIndex(names.map(wireName))
      for (const [number, one] of names.entries()) {
        expect(find(index, wireName(one), before)).toBe(number)
        expect(find(index, upper(wireName(one)), before)).toBe(number)
      }
      expect(find(index, wireName(asked), before)).toBe(names.indexOf(asked))
    }),
  )
})

test('names that have one hash are told apart by their octets', () => {
  const alike = ['abcdefghij.example', 'abxdefghij.example', 'abcdefgxij.example']
  const index = new NameIndex(alike.map(wireName))
  expect(alike.map((it) => find(index, wireName(it)))).toEqual([0, 1, 2])
  expect(find(index, wireName('abcxefghij.example'))).toBe(NO_NAME)
  expect(find(index, wireName('abcdefghij.exampla'))).toBe(NO_NAME)
})

test('an index without names finds none', () => {
  expect(find(new NameIndex([]), wireName('example'))).toBe(NO_NAME)
})
