// The RouteViews zone file: three strings a record, wildcards that repeat, «not routed».

import { describe, expect, test } from 'vitest'
import { readRouteviews } from '../../../src/data/formats/routeviews.ts'
import { collect } from '../../support/collect.ts'

const ZONE = `
$TTL 86400
; origins
@ IN NS archive.example.
*.8.8.8 IN TXT "15169" "8.8.8.0" "24"
*.0.1	IN	TXT	"2519" "1.0.0.0" "15"
*.1.1	IN	TXT	"2519" "1.0.0.0" "15"
*.2.0.10.in 600 IN TXT "64496" "10.2.0.0" "16"
*.3.0.10.in 600 IN TXT "64497" "10.2.0.0" "16"
*.3.0.10.in 600 IN TXT "64496" "10.2.0.0" "16"
* IN TXT "4294967295" "0.0.0.0" "0"
`

test('reads each prefix once, with all its origins', async () => {
  const { rows, counts, skipped } = await collect(readRouteviews, 'asn', ZONE, 9)
  expect(rows).toEqual({
    asn: [
      '8.8.8.0-8.8.8.255 15169 /24',
      '1.0.0.0-1.1.255.255 2519 /15',
      '10.2.0.0-10.2.255.255 64496 /16 [64496 64497]',
    ],
  })
  expect(counts).toEqual({ 4: 3, 6: 0 })
  expect(skipped).toBe(1)
})

test('leaves records of other than three strings out', async () => {
  const { rows, skipped } = await collect(
    readRouteviews,
    'asn',
    `${ZONE}@ IN TXT "see archive.routeviews.org"\n`,
  )
  expect(rows.asn).toHaveLength(3)
  expect(skipped).toBe(2)
})

test('a comment is not a record, and may follow one', async () => {
  const { rows, skipped } = await collect(
    readRouteviews,
    'asn',
    [
      '; *.8.8.8 IN TXT "15169" "8.8.8.0" "24"',
      ' ; "quoted"',
      '*.1.1.1 IN TXT "13335" "1.1.1.0" "24" ; a note',
      '*.2.1.1 IN TXT "13335" "1.1.2.0" "24" ; with "quotes"',
      '',
    ].join('\n'),
  )
  expect(rows.asn).toEqual(['1.1.1.0-1.1.1.255 13335 /24', '1.1.2.0-1.1.2.255 13335 /24'])
  expect(skipped).toBe(0)
})

test('a set of origins may stand in braces', async () => {
  const { rows } = await collect(readRouteviews, 'asn', '*.1.1.1 IN TXT "{64496,64497}" "1.1.1.0" "24"\n')
  expect(rows.asn).toEqual(['1.1.1.0-1.1.1.255 64496 /24 [{64496 64497}]'])
})

describe('refuses', () => {
  test.each([
    ['a file without records', '@ IN NS a.example.\n', /no record such as/],
    ['a bad AS number', '* IN TXT "x" "8.8.8.0" "24"\n', /'x' is not one AS number/],
    ['an open brace', '* IN TXT "{1" "8.8.8.0" "24"\n', /'\{1' is not one AS number/],
    ['a bad address', '* IN TXT "1" "8.8.8" "24"\n', /'8\.8\.8' is not an IPv4 address/],
    ['a bad length', '* IN TXT "1" "8.8.8.0" "-1"\n', /'-1' is not a prefix length/],
    ['bits behind the length', '* IN TXT "1" "8.8.8.8" "24"\n', /bits beyond/],
  ])('%s', async (_name, text, message) => {
    await expect(collect(readRouteviews, 'asn', text)).rejects.toThrow(message)
  })
})
