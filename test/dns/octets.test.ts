// Numbers in network byte order, up to the largest ones.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyOctets, read16, read32, read32Little, write16, write32 } from '../../src/dns/octets.ts'

test('they are those of Buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 7, maxLength: 7 }), fc.nat(3), (octets, at) => {
      const buffer = Buffer.from(octets)
      expect(read16(octets, at)).toBe(buffer.readUInt16BE(at))
      expect(read32(octets, at)).toBe(buffer.readUInt32BE(at))
      expect(read32Little(octets, at)).toBe(buffer.readInt32LE(at))
    }),
  )
})

test('what is written is read, and nothing around it changes', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffffffff), (short, long) => {
      const octets = new Uint8Array(8).fill(0xa5)
      write16(octets, 1, short)
      write32(octets, 3, long)
      expect([read16(octets, 1), read32(octets, 3)]).toEqual([short, long])
      expect([octets[0], octets[7]]).toEqual([0xa5, 0xa5])
    }),
  )
})

test('a copy ends where it is said to end', () => {
  const to = new Uint8Array(5)
  expect(copyOctets(Uint8Array.of(1, 2, 3, 4), 1, 3, to, 2)).toBe(4)
  expect([...to]).toEqual([0, 0, 2, 3, 0])
})
