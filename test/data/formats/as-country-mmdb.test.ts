// ASes and countries in MaxMind DB files, in both layouts.

import { describe, expect, test } from 'vitest'
import { readMmdb } from '../../../src/data/formats/as-country-mmdb.ts'
import { collect } from '../../support/collect.ts'
import { type Network, writeMmdb } from '../../support/mmdb-writer.ts'

const ASES: readonly Network[] = [
  ['1.0.0.0/24', { autonomous_system_number: 13335, autonomous_system_organization: 'Cloudflare, Inc.' }],
  ['8.8.8.0/24', { autonomous_system_number: 15169, autonomous_system_organization: 'GOOGLE | x' }],
  ['8.8.9.0/24', { autonomous_system_number: 15169, autonomous_system_organization: 'GOOGLE | x' }],
  ['255.255.255.0/24', { autonomous_system_number: 4294967294 }],
  ['2001:4860::/32', { autonomous_system_number: 15169, autonomous_system_organization: 'GOOGLE | x' }],
]

describe.each([24, 28, 32] as const)('records of %i bits', (recordSize) => {
  test('ASes and their names; neighbours that say the same are one range', async () => {
    const file = writeMmdb(ASES, { recordSize })
    const { rows, names, counts, date } = await collect(readMmdb, 'asn', file, 100)
    expect(rows).toEqual({
      asn: [
        '1.0.0.0-1.0.0.255 13335',
        '8.8.8.0-8.8.9.255 15169',
        '255.255.255.0-255.255.255.255 4294967294',
        '2001:4860::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff 15169',
      ],
    })
    expect(names).toEqual({ AS13335: 'Cloudflare, Inc.', AS15169: 'GOOGLE / x' })
    expect(counts).toEqual({ 4: 3, 6: 1 })
    expect(date).toBe('2026-09-21T14:13:20.000Z')
  })
})

test('a file of IPv4 only', async () => {
  const { rows } = await collect(readMmdb, 'asn', writeMmdb(ASES.slice(0, 2), { ipVersion: 4 }))
  expect(rows).toEqual({ asn: ['1.0.0.0-1.0.0.255 13335', '8.8.8.0-8.8.8.255 15169'] })
})

test('IPv4 addresses are read once, whatever else leads to them', async () => {
  const file = writeMmdb(ASES, { aliases: ['2002::/16', '::ffff:0:0/96'] })
  const { counts } = await collect(readMmdb, 'asn', file)
  expect(counts).toEqual({ 4: 3, 6: 1 })
})

test('names only', async () => {
  const { rows, names } = await collect(readMmdb, 'names', writeMmdb(ASES))
  expect(rows).toEqual({})
  expect(names.AS13335).toBe('Cloudflare, Inc.')
})

describe('countries', () => {
  test.each([
    ['flat', { country_code: 'AU' }, ['1.0.0.0-1.0.0.255 AU']],
    ['nested', { country: { iso_code: 'AU', names: { en: 'Australia' } } }, ['1.0.0.0-1.0.0.255 AU']],
    [
      'nested, with another country of registration',
      { country: { iso_code: 'AU' }, registered_country: { iso_code: 'US' } },
      ['1.0.0.0-1.0.0.255 AU'],
    ],
    ['a country of registration alone', { registered_country: { iso_code: 'US' } }, ['1.0.0.0-1.0.0.255 US']],
    ['an empty one', { country_code: '' }, undefined],
    ['ZZ, which says nothing', { country_code: 'ZZ' }, undefined],
    ['no country', { continent: { code: 'EU' } }, undefined],
  ])('%s', async (_name, record, expected) => {
    const file = writeMmdb([
      ['1.0.0.0/24', record],
      ['2.0.0.0/24', { country_code: 'FR' }],
    ])
    const { rows } = await collect(readMmdb, 'country', file)
    expect(rows.country).toEqual([...(expected ?? []), '2.0.0.0-2.0.0.255 FR'])
  })
})

describe('refuses', () => {
  const file = writeMmdb(ASES, { type: 'GeoLite2-ASN' })
  test.each([
    ['what is no such file', 'asn', Buffer.from('PK\x03\x04'), /^file: not a MaxMind DB file/],
    ['an empty file', 'asn', Buffer.alloc(0), /not a MaxMind DB file/],
    ['a file that was cut off', 'asn', file.subarray(file.length / 2), /cut off|can't be read|in circles/],
    ['a database of another kind', 'country', file, /no country in it; 'GeoLite2-ASN' is another database/],
    [
      'a country database read for ASes',
      'asn',
      writeMmdb([['1.0.0.0/24', { country_code: 'AU' }]]),
      /no AS in it/,
    ],
  ] as const)('%s', async (_name, dataset, bytes, message) => {
    await expect(collect(readMmdb, dataset, bytes)).rejects.toThrow(message)
  })
})
