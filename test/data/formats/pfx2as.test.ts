// CAIDA's prefix-to-AS files: real prefixes, several origins, AS sets.

import { describe, expect, test } from 'vitest'
import { readPfx2as } from '../../../src/data/formats/pfx2as.ts'
import { collect } from '../../support/collect.ts'

test('reads prefixes with their lengths', async () => {
  const { rows, counts } = await collect(readPfx2as, 'asn', '1.0.0.0\t24\t13335\n2001:db8::\t32\t64496\n', 5)
  expect(rows).toEqual({
    asn: ['1.0.0.0-1.0.0.255 13335 /24', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 64496 /32'],
  })
  expect(counts).toEqual({ 4: 1, 6: 1 })
})

describe('origins', () => {
  test.each([
    ['several origins, the most frequent first', '149511_138421', '149511 /24 [149511 138421]'],
    ['an AS set', '64496,64497', '64496 /24 [{64496 64497}]'],
    ['both', '4847_58851,4808', '4847 /24 [4847 58851 4808]'],
    ['one that repeats', '64496_64496', '64496 /24'],
    ['one that is not routed', '4294967295_64496', '64496 /24'],
    ['more than ten', '1_2_3_4_5_6_7_8_9_10_11', '1 /24 [1 2 3 4 5 6 7 8 9 10]'],
    [
      'ten of ten digits',
      `${Array.from({ length: 10 }, (_, n) => 4200000000 + n).join('_')}`,
      expect.stringContaining('4200000009]'),
    ],
  ])('%s', async (_name, origins, row) => {
    const { rows } = await collect(readPfx2as, 'asn', `1.1.8.0\t24\t${origins}\n`)
    expect(rows.asn?.map((line) => line.replace('1.1.8.0-1.1.8.255 ', ''))).toEqual([row])
  })
})

test('leaves out what is not routed and prefixes that are too short to be meant', async () => {
  const text = [
    '0.0.0.0\t0\t64496',
    '10.0.0.0\t7\t64496',
    '2000::\t6\t64496',
    '1.0.0.0\t24\t0',
    '1.0.1.0\t24\t4294967295',
  ]
  const { rows, skipped } = await collect(readPfx2as, 'asn', text.join('\n'))
  expect(rows).toEqual({})
  expect(skipped).toBe(5)
})

describe('refuses', () => {
  test.each([
    ['two columns', '1.0.0.0\t24\n', /2 columns/],
    ['a CIDR in one column', '1.0.0.0/24\t24\t1\n', /not an IP address/],
    ['a length of 33', '1.0.0.0\t33\t1\n', /'33' is not a prefix length of IPv4/],
    ['bits behind the length', '1.0.0.1\t24\t1\n', /bits beyond a length of 24/],
    ['an origin that is not a number', '1.0.0.0\t24\tA1\n', /'A1' is not one AS number or more/],
    ['an origin of 33 bits', '1.0.0.0\t24\t4294967296\n', /not one AS number/],
    ['an empty origin', '1.0.0.0\t24\t1__2\n', /not one AS number/],
  ])('%s', async (_name, text, message) => {
    await expect(collect(readPfx2as, 'asn', text)).rejects.toThrow(message)
  })
})
