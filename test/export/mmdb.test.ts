// MaxMind DB files against mmdb-lib, and against the table.

import fc from 'fast-check'
import { Reader } from 'mmdb-lib'
import { expect, test } from 'vitest'
import { DataSection } from '../../src/export/mmdb/data.ts'
import { TreeBuilder } from '../../src/export/mmdb/tree.ts'
import { exported } from '../support/exported.ts'
import { smallTable } from '../support/small-table.ts'

type Found = Readonly<Record<string, unknown>> | null

const reader = (octets: Buffer) => new Reader<never>(octets)

test('AS and country are one record, named as in GeoLite2', () => {
  const file = reader(exported('mmdb'))
  const google = {
    autonomous_system_number: 15169,
    autonomous_system_organization: 'Google LLC',
    country: { iso_code: 'US' },
    registered_country: { iso_code: 'US' },
  }
  expect(file.get('8.8.8.8') as Found).toEqual(google)
  expect(file.get('2001:4860:4860::8888') as Found).toEqual(google)
  expect(file.get('::ffff:8.8.8.8') as Found).toEqual(google)
  expect(file.get('64:ff9b::808:808') as Found).toEqual(google)
  expect(file.get('8.8.9.0') as Found).toBeNull()
  expect(file.get('203.0.113.9') as Found).toEqual({ autonomous_system_number: 64500 })
  expect(file.get('203.0.112.1') as Found).toMatchObject({ autonomous_system_number: 4294967295 })
  expect(file.get('200.0.3.4') as Found).toMatchObject({
    autonomous_system_organization: 'São Paulo Telecomunicações',
  })
})

test('metadata: the time is that of the data, the type is ours or the one asked for', () => {
  const { metadata } = reader(exported('mmdb'))
  expect(metadata).toMatchObject({
    binaryFormatMajorVersion: 2,
    databaseType: 'asnzone',
    ipVersion: 6,
    recordSize: 24,
    description: { en: 'a head' },
  })
  expect(metadata.buildEpoch.getTime()).toBe(Date.parse('2026-06-17T19:00:00Z'))
  expect(reader(exported('mmdb', { what: ['asn'] })).metadata.databaseType).toBe('asnzone-ASN')
  expect(reader(exported('mmdb', { what: ['asn'], type: 'GeoLite2-ASN' })).metadata.databaseType).toBe(
    'GeoLite2-ASN',
  )
})

test('it is the same each time', () => {
  expect(exported('mmdb')).toEqual(exported('mmdb'))
})

test('places are as in GeoLite2-City, beside the country of registration', () => {
  const file = reader(exported('mmdb', { what: ['city'] }))
  expect(file.metadata.databaseType).toBe('asnzone-City')
  expect(file.get('193.0.0.1') as Found).toMatchObject({ registered_country: { iso_code: 'NL' } })
})

test('one family, some countries, some ASes', () => {
  expect(reader(exported('mmdb', { family: 4 })).get('2001:4860:4860::8888') as Found).toBeNull()
  expect(reader(exported('mmdb', { family: 6 })).get('8.8.8.8') as Found).toBeNull()
  expect(reader(exported('mmdb', { family: 6 })).get('2001:4860:4860::8888') as Found).not.toBeNull()
  const dutch = reader(exported('mmdb', { countries: ['NL'] }))
  expect(dutch.get('193.0.0.1') as Found).not.toBeNull()
  expect(dutch.get('8.8.8.8') as Found).toBeNull()
  const none = reader(exported('mmdb', { asns: [1] }))
  expect(none.get('8.8.8.8') as Found).toBeNull()
})

test('every address of the small table is found as the table has it', () => {
  const table = smallTable()
  const file = reader(exported('mmdb', { what: ['asn'] }))
  const near = fc.constantFrom('8.8.8', '66.128.48', '203.0.112', '203.0.113', '192.0.2', '1.2.3')
  fc.assert(
    fc.property(near, fc.nat(255), (start, last) => {
      const address = `${start}.${last}`
      const words = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
      const asn = table.text(table.find4(words) >>> 8, 0)
      const found = file.get(address) as { autonomous_system_number?: number } | null
      expect(found?.autonomous_system_number ?? '').toBe(asn === '' ? '' : Number(asn))
    }),
  )
})

test('a tree leads to the value of each range and to nothing between them', () => {
  const cut = fc.uniqueArray(fc.nat(65535), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(cut, (cuts) => {
      const sorted = cuts.toSorted((a, b) => a - b)
      const ranges = sorted.slice(1).flatMap((end, i) => (i % 3 === 2 ? [] : [[sorted[i], end - 1, i]]))
      const builder = new TreeBuilder()
      for (const [start, end, value] of ranges) {
        builder.add(Uint32Array.of(0, 0, 0, start), Uint32Array.of(0, 0, 0, end), value)
      }
      const { records } = builder.finish()
      for (const address of sorted.flatMap((it) => [it - 1, it, it + 1])) {
        if (address < 0) continue
        let record = 0
        for (let bit = 127; bit >= 0 && record < 0x80000000; bit--) {
          record = records[record * 2 + (bit < 32 ? (address >>> bit) & 1 : 0)]
        }
        const [, , value] = ranges.find(([start, end]) => start <= address && address <= end) ?? []
        expect(record).toBe(value === undefined ? 0xffffffff : 0x80000000 + value)
      }
    }),
  )
})

test.each([0, 28, 29, 284, 285, 65_820, 65_821, 70_000])(
  'a string of %d octets is read back, twice',
  (length) => {
    const text = 'x'.repeat(length)
    const file = reader(withData({ a: text, b: text, '': 'end' }))
    expect(file.get('0.0.0.1') as Found).toEqual({ a: text, b: text, '': 'end' })
  },
)

test('pointers of every size lead to strings', () => {
  const fields: Record<string, string> = {}
  for (let i = 0; i < 700_000; i += 997) fields[`field ${i}`] = `value ${i} ${'.'.repeat(990)}`
  const twice = { one: fields, two: { ...fields } }
  expect(reader(withData(twice)).get('0.0.0.1') as Found).toEqual(twice)
})

/** A file in which each IPv4 address has one value. */
function withData(value: Parameters<DataSection['add']>[0]): Buffer {
  const data = new DataSection()
  data.add(value)
  const metadata = new DataSection()
  metadata.add({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'test',
    description: {},
    ip_version: 4,
    languages: [],
    node_count: 1,
    record_size: 24,
  })
  const tree = Buffer.from([0, 0, 17, 0, 0, 17])
  const mark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([tree, Buffer.alloc(16), data.octets, mark, metadata.octets])
}
