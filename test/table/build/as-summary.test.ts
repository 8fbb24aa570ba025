// An AS as a whole: the country that most of its addresses are in.

import { expect, test } from 'vitest'
import { summariseAses } from '../../../src/table/build/as-summary.ts'
import { ATTRIBUTE, ATTRIBUTE_COUNT } from '../../../src/table/build/record-attributes.ts'

interface Met {
  readonly asn: number
  readonly country?: number
  readonly v4?: number
  readonly v6?: number
}

/** The summaries of records that were met in this order, as `[AS, country]`. */
function summaries(met: readonly Met[], named: readonly number[] = []): number[][] {
  const count = met.length + 1
  const attributes = new Uint32Array(count * ATTRIBUTE_COUNT)
  const addresses4 = new Float64Array(count)
  const addresses6 = new Float64Array(count)
  for (const [i, { asn, country = 0, v4 = 0, v6 = 0 }] of met.entries()) {
    const record = i + 1
    attributes[record * ATTRIBUTE_COUNT + ATTRIBUTE.asn] = asn
    attributes[record * ATTRIBUTE_COUNT + ATTRIBUTE.country] = country
    addresses4[record] = v4
    addresses6[record] = v6
  }
  const { numbers, countries } = summariseAses({ count, attributes, addresses4, addresses6 }, named)
  return [...numbers].map((asn, i) => [asn, countries[i]])
}

test.each<{ title: string; met: Met[]; named?: number[]; expected: number[][] }>([
  { title: 'nothing was met', met: [], expected: [] },
  { title: 'addresses without an AS', met: [{ asn: 0, country: 7, v4: 256 }], expected: [] },
  {
    title: 'ASes are ascending, however they were met',
    met: [{ asn: 4294967295 }, { asn: 1 }, { asn: 65536 }, { asn: 2147483648 }],
    expected: [
      [1, 0],
      [65536, 0],
      [2147483648, 0],
      [4294967295, 0],
    ],
  },
  {
    title: 'private 32-bit numbers that differ by one stay apart',
    met: [
      { asn: 4200000001, country: 2, v4: 1 },
      { asn: 4200000000, country: 1, v4: 1 },
      { asn: 4200000002, country: 3, v4: 1 },
    ],
    expected: [
      [4200000000, 1],
      [4200000001, 2],
      [4200000002, 3],
    ],
  },
  {
    title: 'the country with the most IPv4 addresses, whatever IPv6 says',
    met: [
      { asn: 5, country: 1, v4: 256 },
      { asn: 5, country: 2, v4: 200 },
      { asn: 5, country: 2, v4: 200, v6: 1 },
      { asn: 5, country: 1, v6: 2 ** 80 },
    ],
    expected: [[5, 2]],
  },
  {
    title: 'IPv6 decides between equals',
    met: [
      { asn: 5, country: 1, v4: 256, v6: 1 },
      { asn: 5, country: 2, v4: 256, v6: 2 },
    ],
    expected: [[5, 2]],
  },
  {
    title: 'of equals the lower number',
    met: [
      { asn: 5, country: 9, v4: 256 },
      { asn: 5, country: 3, v4: 256 },
    ],
    expected: [[5, 3]],
  },
  {
    title: 'addresses without a country do not count',
    met: [
      { asn: 5, v4: 65536 },
      { asn: 5, country: 4, v4: 1 },
    ],
    expected: [[5, 4]],
  },
  {
    title: 'an AS that is named only, and one that is named as well',
    met: [{ asn: 5, country: 4, v4: 1 }],
    named: [7, 5],
    expected: [
      [5, 4],
      [7, 0],
    ],
  },
])('$title', ({ met, named, expected }) => {
  expect(summaries(met, named)).toEqual(expected)
})
