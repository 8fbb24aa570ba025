// Exports of lines: networks and ranges of the small table, as each program reads them.

import { expect, test } from 'vitest'
import { subjectsFor } from '../../src/export/formats.ts'
import { headOf } from '../../src/export/head.ts'
import { linesOf } from '../support/exported.ts'
import { smallTable } from '../support/small-table.ts'

test('the head names version, date, licence and whom to credit', () => {
  expect(headOf(smallTable().metadata())).toMatch(
    /^asnzone \d.*, data of 2026-06-17T19:00Z; asn: nobody, CC0-1\.0$/,
  )
})

test('csv is as ip-location-db has it', () => {
  expect(linesOf('csv')).toEqual([
    '8.8.8.0,8.8.8.255,15169,Google LLC',
    '66.128.48.0,66.128.63.255,7819,Telnet',
    '100.64.0.0,100.64.255.255,64502,A union',
    '192.0.2.0,192.0.2.255,64501,Prishtina',
    '193.0.0.0,193.0.7.255,3333,Reseaux IP Europeens Network Coordination Centre (RIPE NCC)',
    '200.0.0.0,200.0.255.255,64496,São Paulo Telecomunicações',
    '203.0.112.0,203.0.112.255,4294967295,The last AS',
    '203.0.113.0,203.0.113.255,64500,',
    '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,64500,',
    '2001:4860:4840::,2001:4860:487f:ffff:ffff:ffff:ffff:ffff,15169,Google LLC',
  ])
  expect(linesOf('csv', { what: ['country'], family: 6 })).toEqual([
    '2001:db9::,2001:db9:0:ffff:ffff:ffff:ffff:ffff,DE',
    '2001:4860:4840::,2001:4860:487f:ffff:ffff:ffff:ffff:ffff,US',
  ])
})

test('cidr has a header and quotes what needs them', () => {
  const lines = linesOf('cidr', { countries: ['US', 'NL'] })
  expect(lines).toEqual([
    'cidr,asn,country,name',
    '8.8.8.0/24,15169,US,Google LLC',
    '66.128.48.0/20,7819,US,Telnet',
    '193.0.0.0/21,3333,NL,Reseaux IP Europeens Network Coordination Centre (RIPE NCC)',
    '2001:4860:4840::/42,15169,US,Google LLC',
  ])
})

test('clickhouse has no header, and no AS is 0', () => {
  expect(linesOf('clickhouse', { countries: ['DE'] })).toEqual(['198.51.100.0/24,0,DE', '2001:db9::/48,0,DE'])
})

test('nft has a set of ranges for each country or AS and family, and none of nothing', () => {
  expect(linesOf('nft', { countries: ['US', 'FR'], family: 4 })).toEqual([
    '# a head',
    'add table inet asnzone',
    'add set inet asnzone US4 { type ipv4_addr; flags interval; auto-merge; }',
    'flush set inet asnzone US4',
    'add element inet asnzone US4 {',
    '8.8.8.0-8.8.8.255,',
    '66.128.48.0-66.128.63.255',
    '}',
    'add set inet asnzone FR4 { type ipv4_addr; flags interval; auto-merge; }',
    'flush set inet asnzone FR4',
  ])
  expect(linesOf('nft', { asns: [15169] })).toContain(
    'add set inet asnzone AS15169_6 { type ipv6_addr; flags interval; auto-merge; }',
  )
})

test('ipset fills a set beside the old one and swaps them', () => {
  expect(linesOf('ipset', { asns: [3333], family: 4 })).toEqual([
    '# a head',
    'create AS3333_4.new hash:net family inet hashsize 32768 maxelem 1048576',
    'flush AS3333_4.new',
    'add AS3333_4.new 193.0.0.0/21',
    'create AS3333_4 hash:net family inet hashsize 32768 maxelem 1048576',
    'swap AS3333_4.new AS3333_4',
    'destroy AS3333_4.new',
  ])
})

test('postfix-cidr groups networks by their first bits', () => {
  expect(linesOf('postfix-cidr', { countries: ['US', 'DE'] })).toEqual([
    '# a head',
    'if 8.0.0.0/8',
    '8.8.8.0/24 US',
    'endif',
    'if 66.0.0.0/8',
    '66.128.48.0/20 US',
    'endif',
    'if 198.0.0.0/8',
    '198.51.100.0/24 DE',
    'endif',
    'if 2001:d00::/24',
    '2001:db9::/48 DE',
    'endif',
    'if 2001:4800::/24',
    '2001:4860:4840::/42 US',
    'endif',
  ])
})

test('haproxy and nginx have a network and its value a line', () => {
  expect(linesOf('haproxy', { what: ['asn'], asns: [15169] })).toEqual([
    '# a head',
    '8.8.8.0/24 15169',
    '2001:4860:4840::/42 15169',
  ])
  expect(linesOf('nginx', { countries: ['NL'] })).toEqual(['# a head', '193.0.0.0/21 NL;'])
})

test.each([
  ['csv', ['asn', 'country'], 'csv has one kind of value per file: --what asn or --what country'],
  ['haproxy', ['city'], "haproxy can't tell city, only asn or country"],
  ['nft', ['asn'], 'nft has no --what: it lists addresses'],
] as const)('%s of %s is refused', (format, what, message) => {
  expect(() => subjectsFor(format, what)).toThrow(message)
})
