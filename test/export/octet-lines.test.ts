// Lines as octets, held to the same lines as text.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OctetLines } from '../../src/export/octet-lines.ts'

/** Texts of ASCII, many of them of lengths around four, by which octets are written. */
const ascii = (most: number) =>
  fc.oneof(
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 9 }),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: most }),
  )

const names = fc.record({
  /** Which of the lists of records they have, and what comes after them. */
  list: fc.nat({ max: 2 }),
  last: fc.option(ascii(4000)),
  owners: fc.array(
    fc.oneof(ascii(128), fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 4 }))),
    { maxLength: 5 },
  ),
})

const ipv4Owner = (address: number, labels: number): string => {
  const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255)
  return `${labels < 4 ? '*.' : ''}${octets.slice(0, labels).reverse().join('.')}`
}

test('are the lines that they would be as text', () => {
  const lists = fc.array(fc.array(ascii(40), { maxLength: 3 }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(lists, fc.array(names, { maxLength: 20 }), (records, several) => {
      const lines = new OctetLines()
      let expected = ''
      for (const { list, last, owners } of several) {
        lines.setRecords(records[list], last)
        for (const owner of owners) {
          const text = typeof owner === 'string' ? owner : ipv4Owner(...owner)
          if (typeof owner === 'string') lines.add(owner)
          else lines.addIpv4(...owner)
          for (const record of last === null ? records[list] : [...records[list], last]) {
            expected += `${text} ${record}\n`
          }
        }
      }
      expect(Buffer.from(lines.take()).toString('latin1')).toBe(expected)
      expect(lines.take()).toHaveLength(0)
    }),
  )
})

test('grow until they are taken', () => {
  const lines = new OctetLines()
  lines.setRecords(['A 127.0.0.2'], 'x'.repeat(100_000))
  while (!lines.isFull) lines.addIpv4(0x7f000001, 3)
  for (let i = 0; i < 20; i++) lines.add('a.b')
  const taken = Buffer.from(lines.take()).toString('latin1').split('\n')
  expect(taken.slice(0, 2)).toEqual(['*.0.0.127 A 127.0.0.2', `*.0.0.127 ${'x'.repeat(100_000)}`])
  expect(taken.slice(-3)).toEqual(['a.b A 127.0.0.2', `a.b ${'x'.repeat(100_000)}`, ''])
  expect(lines.isFull).toBe(false)
})
