// What lies in a network: ranges of the same attributes, clipped to it, neighbours together, and not too many.

import { expect, test } from 'vitest'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { rangesWithin } from '../../src/table/within.ts'
import { type Row, smallTable } from '../support/small-table.ts'

const ROWS: readonly Row[] = [
  { cidr: '10.0.0.0/24', asn: 1, name: 'One' },
  { cidr: '10.0.1.0/25', asn: 1, name: 'One' },
  { cidr: '10.0.1.128/25', asn: 2, country: 'DE' },
  { cidr: '10.0.3.0/24', country: 'AT' },
  { cidr: '2001:db8::/48', asn: 3 },
  { cidr: '2001:db8:2::/48', asn: 3 },
]

function within(cidr: string, rows = ROWS): string[] {
  const { family, start, end } = parseCidr(cidr)
  const { ranges, more } = rangesWithin(smallTable(rows), family, start, end)
  const lines = ranges.map(
    ({ first, last, asn, country }) => `${first}-${last} ${asn ?? '-'} ${country ?? '-'}`,
  )
  return more === 0 ? lines : [...lines, `${more} more`]
}

test.each<[string, string[]]>([
  ['10.0.0.0/8', ['10.0.0.0-10.0.1.127 1 -', '10.0.1.128-10.0.1.255 2 DE', '10.0.3.0-10.0.3.255 - AT']],
  ['10.0.0.64/26', ['10.0.0.64-10.0.0.127 1 -']],
  ['10.0.1.0/24', ['10.0.1.0-10.0.1.127 1 -', '10.0.1.128-10.0.1.255 2 DE']],
  ['10.0.2.0/24', []],
  ['10.0.2.0/23', ['10.0.3.0-10.0.3.255 - AT']],
  ['0.0.0.0/0', ['10.0.0.0-10.0.1.127 1 -', '10.0.1.128-10.0.1.255 2 DE', '10.0.3.0-10.0.3.255 - AT']],
  ['11.0.0.0/8', []],
  [
    '2001:db8::/32',
    [
      '2001:db8::-2001:db8:0:ffff:ffff:ffff:ffff:ffff 3 -',
      '2001:db8:2::-2001:db8:2:ffff:ffff:ffff:ffff:ffff 3 -',
    ],
  ],
])('%s', (cidr, expected) => {
  expect(within(cidr)).toEqual(expected)
})

test('256 ranges are told, and how many more there are', () => {
  const rows = Array.from({ length: 300 }, (_, n) => ({
    cidr: `10.${n >> 7}.${(n & 127) * 2}.0/24`,
    asn: n + 1,
  }))
  const lines = within('10.0.0.0/8', rows)
  expect(lines).toHaveLength(257)
  expect(lines[256]).toBe('44 more')
})
