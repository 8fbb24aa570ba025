// Range files of ip-location-db in all their forms, and the faults that they have had.

import { describe, expect, test } from 'vitest'
import { readIpLocationDb } from '../../../src/data/formats/ip-location-db.ts'
import { collect } from '../../support/collect.ts'

const READ = [
  {
    name: 'ASes by range',
    dataset: 'asn',
    text: '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n1.0.4.0,1.0.7.255,38803,Gtelecom Pty Ltd\n',
    rows: { asn: ['1.0.0.0-1.0.0.255 13335', '1.0.4.0-1.0.7.255 38803'] },
  },
  {
    name: 'IPv6 with :: for one group',
    dataset: 'asn',
    text: '2001::,2001::ffff:ffff:ffff:ffff:ffff:ffff,6939,Hurricane Electric LLC\n',
    rows: { asn: ['2001::-2001:0:ffff:ffff:ffff:ffff:ffff:ffff 6939'] },
  },
  {
    name: 'both families in one file',
    dataset: 'asn',
    text: '1.0.0.0,1.0.0.255,13335,Cloudflare\n2001:200::,2001:200:5ff:ffff:ffff:ffff:ffff:ffff,2500,WIDE Project\n',
    rows: { asn: ['1.0.0.0-1.0.0.255 13335', '2001:200::-2001:200:5ff:ffff:ffff:ffff:ffff:ffff 2500'] },
  },
  {
    name: 'IPv4 as numbers',
    dataset: 'country',
    text: '16777216,16777471,AU\n',
    rows: { country: ['1.0.0.0-1.0.0.255 AU'] },
  },
  {
    name: 'IPv6 as numbers',
    dataset: 'asn',
    text: '42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,Hurricane\n',
    rows: { asn: ['2001::-2001:0:ffff:ffff:ffff:ffff:ffff:ffff 6939'] },
  },
  {
    name: 'ASes by CIDR',
    dataset: 'asn',
    text: '1.0.0.0/24,13335,"Cloudflare, Inc."\n2001:db8::/32,64496,Docs\n9.9.9.9/32,19281,Quad9\n',
    rows: {
      asn: [
        '1.0.0.0-1.0.0.255 13335',
        '9.9.9.9-9.9.9.9 19281',
        '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 64496',
      ],
    },
  },
  {
    name: 'countries by CIDR',
    dataset: 'country',
    text: '1.0.0.0/24,au\n1.0.1.0/24,XK\n',
    rows: { country: ['1.0.0.0-1.0.0.255 AU', '1.0.1.0-1.0.1.255 XK'] },
  },
  {
    name: 'a country of ZZ, which says nothing',
    dataset: 'country',
    text: '0.0.0.0,0.255.255.255,ZZ\n1.0.0.0,1.0.0.255,AU\n',
    rows: { country: ['1.0.0.0-1.0.0.255 AU'] },
  },
  {
    name: 'a last line without its end',
    dataset: 'country',
    text: '1.0.0.0,1.0.0.255,AU',
    rows: { country: ['1.0.0.0-1.0.0.255 AU'] },
  },
] as const

describe('reads', () => {
  test.each(READ)('$name', async ({ dataset, text, rows }) => {
    expect((await collect(readIpLocationDb, dataset, text)).rows).toEqual(rows)
  })

  test.each(READ)('$name, octet by octet', async ({ dataset, text, rows }) => {
    expect((await collect(readIpLocationDb, dataset, text, 1)).rows).toEqual(rows)
  })
})

test('reads names only, the first of each AS', async () => {
  const text =
    '1.0.0.0,1.0.0.255,1,One\n1.0.1.0,1.0.1.255,2,\n1.0.2.0,1.0.2.255,1,Uno\n1.0.3.0,1.0.3.255,3,"A | B"\n'
  const { rows, names, counts } = await collect(readIpLocationDb, 'names', text)
  expect(rows).toEqual({})
  expect(names).toEqual({ AS1: 'One', AS3: 'A / B' })
  expect(counts).toEqual({ 4: 0, 6: 0 })
})

test('counts rows by family, and those that say nothing', async () => {
  const text = '1.0.0.0,1.0.0.255,AU\n2.0.0.0,2.0.0.255,ZZ\n2001:db8::,2001:db8::ff,DE\n'
  const { counts, skipped } = await collect(readIpLocationDb, 'country', text)
  expect(counts).toEqual({ 4: 1, 6: 1 })
  expect(skipped).toBe(1)
})

describe('refuses', () => {
  test.each([
    ['a start above its end', 'asn', '1.0.0.255,1.0.0.0,1,a\n', /^file:1: start 1\.0\.0\.255 is above end/],
    ['a range over two families', 'asn', '1.0.0.0,::ff,1,a\n', /different families/],
    ['an octet above 255', 'asn', '1.0.0.0,1.0.0.256,1,a\n', /'1\.0\.0\.256' is not an IPv4 address/],
    ['a leading zero', 'asn', '1.0.0.01,1.0.0.255,1,a\n', /'1\.0\.0\.01' is not an IPv4 address/],
    ['text after numbers', 'country', '1,2,AU\n1.0.0.0,1.0.0.1,AU\n', /first row has IPv4 as numbers/],
    ['an AS number of 33 bits', 'asn', '1.0.0.0,1.0.0.255,4294967296,a\n', /is not an AS number/],
    ['a country of three letters', 'country', '1.0.0.0,1.0.0.255,AUS\n', /'AUS' is not a two-letter/],
    ['a column too few', 'asn', '1.0.0.0,1.0.0.255,1\n', /3 columns, not the 4 of start,end,asn,name/],
    ['a column too many', 'country', '1.0.0.0,1.0.0.255,AU,x\n', /4 columns, not the 3 of start,end,country/],
    ['a later row of another form', 'asn', '1.0.0.0/24,1,a\n1.0.1.0,1.0.1.255,1,a\n', /^file:2: 4 columns/],
    [
      'bits behind a CIDR',
      'asn',
      '1.0.0.1/24,1,a\n',
      /'1\.0\.0\.1\/24' has bits after its length; did you mean 1\.0\.0\.0\/24\?/,
    ],
    ['a CIDR longer than addresses are', 'asn', '1.0.0.0/33,1,a\n', /is not an IP address or a CIDR/],
    ['a name that is not UTF-8', 'asn', Buffer.from('1.0.0.0,1.0.0.255,1,\xff\n', 'latin1'), /not UTF-8/],
    ['an empty file', 'asn', '', /the file is empty/],
    ['a page of HTML', 'asn', '<!DOCTYPE html>\n<html></html>\n', /1 column, not the 4/],
  ] as const)('%s', async (_name, dataset, text, message) => {
    await expect(collect(readIpLocationDb, dataset, text)).rejects.toThrow(message)
  })
})
