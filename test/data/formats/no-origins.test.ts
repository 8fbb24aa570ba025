// AS numbers that can be no origin (RFC 7607, 6793, 7300) are left out and counted, in every format alike; private
// numbers and those of documentation stay.

import { describe, expect, test } from 'vitest'
import type { ReadFormat } from '../../../src/data/compile/collector.ts'
import { readMmdb } from '../../../src/data/formats/as-country-mmdb.ts'
import { readIpLocationDb } from '../../../src/data/formats/ip-location-db.ts'
import { readIptoasn } from '../../../src/data/formats/iptoasn.ts'
import { readOverrides } from '../../../src/data/formats/overrides.ts'
import { readPfx2as } from '../../../src/data/formats/pfx2as.ts'
import { readRouteviews } from '../../../src/data/formats/routeviews.ts'
import { collect } from '../../support/collect.ts'
import { type Network, writeMmdb } from '../../support/mmdb-writer.ts'

/** 8.8.8.0/24 of AS15169, and 192.0.2.0/24 of another AS, in each format. */
const FORMATS: { format: string; read: ReadFormat; write: (asn: number) => string | Buffer }[] = [
  {
    format: 'ip-location-db',
    read: readIpLocationDb,
    write: (asn) => `8.8.8.0,8.8.8.255,15169,Google\n192.0.2.0,192.0.2.255,${asn},Other\n`,
  },
  {
    format: 'ip-location-db, as CIDRs',
    read: readIpLocationDb,
    write: (asn) => `8.8.8.0/24,15169,Google\n192.0.2.0/24,${asn},Other\n`,
  },
  {
    format: 'iptoasn',
    read: readIptoasn,
    write: (asn) => `8.8.8.0\t8.8.8.255\t15169\tUS\tGoogle\n192.0.2.0\t192.0.2.255\t${asn}\tUS\tOther\n`,
  },
  { format: 'pfx2as', read: readPfx2as, write: (asn) => `8.8.8.0\t24\t15169\n192.0.2.0\t24\t${asn}\n` },
  {
    format: 'routeviews',
    read: readRouteviews,
    write: (asn) => `*.8.8.8 IN TXT "15169" "8.8.8.0" "24"\n*.2.0.192 IN TXT "${asn}" "192.0.2.0" "24"\n`,
  },
  {
    format: 'mmdb',
    read: readMmdb,
    write: (asn) =>
      writeMmdb(
        [15169, asn].map((number, i): Network => {
          const record = { autonomous_system_number: number, autonomous_system_organization: 'x' }
          return [['8.8.8.0/24', '192.0.2.0/24'][i], record]
        }),
      ),
  },
]

const GOOGLE = /^8\.8\.8\.0-8\.8\.8\.255 15169/

describe.each(FORMATS)('$format', ({ read, write }) => {
  test.each([0, 23456, 65535, 4294967295])(
    'AS %i is not an origin: the row is left out and counted',
    async (asn) => {
      const { rows, counts, skipped, names } = await collect(read, 'asn', write(asn))
      expect(rows.asn).toEqual([expect.stringMatching(GOOGLE)])
      expect([counts[4], skipped]).toEqual([1, 1])
      expect(names[`AS${asn}`]).toBeUndefined()
    },
  )

  test.each([64496, 64512, 65534, 65536, 4200000000, 4294967294])('AS %i stays', async (asn) => {
    const { rows, counts, skipped } = await collect(read, 'asn', write(asn))
    expect(rows.asn?.[1]).toMatch(new RegExp(`^192\\.0\\.2\\.0-192\\.0\\.2\\.255 ${asn}( |$)`))
    expect([counts[4], skipped]).toEqual([2, 0])
  })
})

test.each([
  ['23456_64496', '64496 /24'],
  ['0,64496', '64496 /24 [{64496}]'],
  ['64496_65535_4294967295', '64496 /24'],
])('of the origins %s one is left', async (origins, left) => {
  expect((await collect(readPfx2as, 'asn', `192.0.2.0\t24\t${origins}\n`)).rows).toEqual({
    asn: [`192.0.2.0-192.0.2.255 ${left}`],
  })
})

test.each([23456, 65535, 4294967295])('an override may name AS %i', async (asn) => {
  const { rows } = await collect(readOverrides, 'override', `cidr,asn\n192.0.2.0/24,${asn}\n`)
  expect(rows.asn).toEqual([`192.0.2.0-192.0.2.255 ${asn} /24`])
})
