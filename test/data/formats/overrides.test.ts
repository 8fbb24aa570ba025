// What an administrator wrote by hand: any columns, any order, helpful refusals.

import { describe, expect, test } from 'vitest'
import { readOverrides } from '../../../src/data/formats/overrides.ts'
import { collect } from '../../support/collect.ts'

test('reads private networks and private ASes', async () => {
  const { rows, names, counts } = await collect(
    readOverrides,
    'override',
    'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\nfd00::/8,AS4200000000,"the other, LAN",de\n',
  )
  expect(rows).toEqual({
    asn: ['10.0.0.0-10.255.255.255 64512 /8', 'fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 4200000000 /8'],
    country: ['10.0.0.0-10.255.255.255 DE /8', 'fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff DE /8'],
    label: [
      "10.0.0.0-10.255.255.255 'our LAN' /8",
      "fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 'the other, LAN' /8",
    ],
  })
  expect(names).toEqual({ AS64512: 'our LAN', AS4200000000: 'the other, LAN' })
  expect(counts).toEqual({ 4: 1, 6: 1 })
})

describe('any subset of columns', () => {
  test.each([
    ['a country alone', 'cidr,country\n192.0.2.7,AT\n', { country: ['192.0.2.7-192.0.2.7 AT /32'] }],
    ['a name alone', 'Name,CIDR\noffice,192.0.2.0/24\n', { label: ["192.0.2.0-192.0.2.255 'office' /24"] }],
    [
      'an AS without a name, which hides the name around it',
      'cidr,asn\n192.0.2.0/24,64512\n',
      { asn: ['192.0.2.0-192.0.2.255 64512 /24'], label: ["192.0.2.0-192.0.2.255 '' /24"] },
    ],
    [
      'a place with a country, and one without',
      'cidr,country,lat,lon\n192.0.2.0/24,DE,52.52,13.405\n2001:db8::/32,,-33.9,151.2\n',
      {
        country: ['192.0.2.0-192.0.2.255 DE /24'],
        location: [
          '192.0.2.0-192.0.2.255 DE 52.52 13.405 /24',
          '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff -33.9 151.2 /32',
        ],
      },
    ],
    [
      'a place in the sea where sources mean «unknown»',
      'cidr,lat,lon\n192.0.2.0/24,0,0\n',
      { location: ['192.0.2.0-192.0.2.255 0 0 /24'] },
    ],
    [
      'a network that is said nothing of but its country',
      'cidr,asn,name,country\n10.0.0.0/8,,,DE\n',
      { country: ['10.0.0.0-10.255.255.255 DE /8'] },
    ],
  ])('%s', async (_name, text, rows) => {
    expect((await collect(readOverrides, 'override', text)).rows).toEqual(rows)
  })

  test('an AS named wherever it is', async () => {
    const { rows, names } = await collect(readOverrides, 'override', 'asn,name\n64512,our | LAN\n')
    expect(rows).toEqual({})
    expect(names).toEqual({ AS64512: 'our / LAN' })
  })
})

test('skips comments and empty lines, and takes blanks, CR LF and a byte order mark', async () => {
  const text = '\ufeff# ours, since 2019\r\n\r\ncidr, asn\r\n 10.0.0.0/8 , 64512\r\n\r\n'
  expect((await collect(readOverrides, 'override', text)).rows.asn).toEqual([
    '10.0.0.0-10.255.255.255 64512 /8',
  ])
})

describe('refuses, with the line', () => {
  test.each([
    [
      'an unknown column',
      'cidr,as\n',
      "file:1: 'as' is not a column; known are cidr, asn, name, country, lat, lon",
    ],
    ['a column twice', 'cidr,asn,asn\n', 'file:1: the column asn is there twice'],
    ['a header without a key', 'name,country\n', 'file:1: a header needs cidr or asn'],
    ['no header', '10.0.0.0/8,64512\n', "file:1: '10.0.0.0/8' is not a column"],
    ['nothing', '', 'file: empty; begin with a header'],
    ['a column too many', 'cidr,asn\n10.0.0.0/8,64512,x\n', 'file:2: 3 columns, and the header has 2'],
    ['no network', 'cidr,asn\n10.0.0/8,64512\n', "file:2: '10.0.0/8' is not an IP address or a CIDR"],
    ['no AS number', 'cidr,asn\n\n10.0.0.0/8,none\n', "file:3: 'none' is not an AS number"],
    [
      'IPv4 inside IPv6',
      'cidr,asn\n::ffff:8.8.8.0/120,5\n',
      "file:2: '::ffff:8.8.8.0/120' is IPv4 inside IPv6; write 8.8.8.0/24",
    ],
    [
      'IPv4 that NAT64 translates',
      'cidr,asn\n64:ff9b::/96,5\n',
      "file:2: '64:ff9b::/96' is IPv4 inside IPv6; write 0.0.0.0/0",
    ],
    ['AS 0', 'cidr,asn\n10.0.0.0/8,0\n', "file:2: '0' is not an AS number"],
    [
      'no country',
      'cidr,country\n10.0.0.0/8,Germany\n',
      "file:2: 'Germany' is not an ISO 3166-1 country code",
    ],
    [
      'UK',
      'cidr,country\n10.0.0.0/8,UK\n',
      "file:2: 'UK' is not an ISO 3166-1 country code; did you mean GB?",
    ],
    ['QQ', 'cidr,country\n10.0.0.0/8,QQ\n', "file:2: 'QQ' is not an ISO 3166-1 country code"],
    [
      'a network written by one of its hosts',
      'cidr,country\n10.0.0.5/8,DE\n',
      "file:2: '10.0.0.5/8' has bits after its length; did you mean 10.0.0.0/8?",
    ],
    ['a row that says nothing', 'cidr,asn\n10.0.0.0/8,\n', 'file:2: nothing is said of 10.0.0.0/8'],
    ['a country without a network', 'cidr,asn,name,country\n,64512,x,DE\n', 'file:2: without a cidr'],
    ['a place without a network', 'asn,name,lat,lon\n64512,x,1,1\n', 'file:2: without a cidr'],
    ['half a place', 'cidr,lat,lon\n10.0.0.0/8,52.5,\n', 'file:2: lat and lon go together'],
    [
      'a latitude beyond the pole',
      'cidr,lat,lon\n10.0.0.0/8,91,0\n',
      "file:2: '91' is not a number of degrees up to 90",
    ],
    [
      'a longitude that is none',
      'cidr,lat,lon\n10.0.0.0/8,1,E7\n',
      "file:2: 'E7' is not a number of degrees",
    ],
    ['a quote that is not closed', 'cidr,name\n10.0.0.0/8,"x\n', /file:\d: Parse Error/],
  ])('%s', async (_name, text, message) => {
    await expect(collect(readOverrides, 'override', text)).rejects.toThrow(message)
  })
})
