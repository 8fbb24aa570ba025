// iptoasn.com's files: three columns a row, gaps written out.

import { describe, expect, test } from 'vitest'
import { readIptoasn } from '../../../src/data/formats/iptoasn.ts'
import { collect } from '../../support/collect.ts'

const COMBINED = [
  '1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET',
  '1.0.1.0\t1.0.3.255\t0\tNone\tNot routed',
  '1.0.4.0\t1.0.7.255\t38803\tAU\tGTELECOM-AUSTRALIA "Gtelecom" | x',
  '2001:200::\t2001:200:ffff:ffff:ffff:ffff:ffff:ffff\t2500\tJP\tWIDE-BB',
  '2002::\t2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff\t6939\tNone\tHURRICANE',
  '',
].join('\n')

test('reads ASes and their names', async () => {
  const { rows, names, counts, skipped } = await collect(readIptoasn, 'asn', COMBINED, 7)
  expect(rows).toEqual({
    asn: [
      '1.0.0.0-1.0.0.255 13335',
      '1.0.4.0-1.0.7.255 38803',
      '2001:200::-2001:200:ffff:ffff:ffff:ffff:ffff:ffff 2500',
      '2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 6939',
    ],
  })
  expect(names.AS38803).toBe("GTELECOM-AUSTRALIA 'Gtelecom' / x")
  expect(counts).toEqual({ 4: 2, 6: 2 })
  expect(skipped).toBe(1)
})

test('reads countries, and leaves None out', async () => {
  const { rows, names, skipped } = await collect(readIptoasn, 'country', COMBINED)
  expect(rows).toEqual({
    country: [
      '1.0.0.0-1.0.0.255 US',
      '1.0.4.0-1.0.7.255 AU',
      '2001:200::-2001:200:ffff:ffff:ffff:ffff:ffff:ffff JP',
    ],
  })
  expect(names).toEqual({})
  expect(skipped).toBe(2)
})

test('leaves codes of no country out, and counts them', async () => {
  const text = '1.0.0.0\t1.0.0.255\t1\tUK\tX\n1.0.1.0\t1.0.1.255\t1\tXK\tX\n1.0.2.0\t1.0.2.255\t1\tQQ\tX\n'
  const { rows, skipped } = await collect(readIptoasn, 'country', text)
  expect(rows).toEqual({ country: ['1.0.1.0-1.0.1.255 XK'] })
  expect(skipped).toBe(2)
})

test.each([1, 2, 4, 100])(
  'a byte order mark is no part of the first address, in chunks of %i',
  async (chunk) => {
    const { rows } = await collect(readIptoasn, 'country', `\ufeff${COMBINED}`, chunk)
    expect(rows.country?.[0]).toBe('1.0.0.0-1.0.0.255 US')
  },
)

test('reads names only', async () => {
  const { rows, names } = await collect(readIptoasn, 'names', COMBINED)
  expect(rows).toEqual({})
  expect(Object.keys(names)).toHaveLength(4)
})

test('reads addresses as numbers and lines that end in CR LF', async () => {
  const { rows, names } = await collect(
    readIptoasn,
    'asn',
    '16777216\t16777471\t13335\tUS\tCLOUDFLARENET\r\n',
  )
  expect(rows).toEqual({ asn: ['1.0.0.0-1.0.0.255 13335'] })
  expect(names).toEqual({ AS13335: 'CLOUDFLARENET' })
})

describe('refuses', () => {
  test.each([
    ['four columns', '1.0.0.0\t1.0.0.255\t13335\tUS\n', /^file:1: 4 columns/],
    ['no address', 'one\t1.0.0.255\t13335\tUS\tX\n', /'one' is not an IP address/],
    ['two families', '1.0.0.0\t::1\t13335\tUS\tX\n', /'::1' is not an IPv4 address/],
    ['a start above its end', '1.0.1.0\t1.0.0.255\t13335\tUS\tX\n', /above end/],
    ['no AS number', '1.0.0.0\t1.0.0.255\tAS-13335\tUS\tX\n', /'AS-13335' is not an AS number/],
    ['no UTF-8', Buffer.from('1.0.0.0\t1.0.0.255\t1\tUS\t\xff\n', 'latin1'), /not UTF-8/],
  ])('%s', async (_name, text, message) => {
    await expect(collect(readIptoasn, 'asn', text)).rejects.toThrow(message)
  })

  test('a country of another form, by its line', async () => {
    const text = `${COMBINED}3.0.0.0\t3.0.0.255\t1\tUSA\tX\n`
    await expect(collect(readIptoasn, 'country', text)).rejects.toThrow("file:6: 'USA' is not a two-letter")
  })
})
