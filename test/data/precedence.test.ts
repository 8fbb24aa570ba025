// Sources over sources: precedence, real prefixes, several origins, what an administrator knows better.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { SourceReport } from '../../src/data/compile/load.ts'
import type { Source } from '../../src/data/sources/sources.ts'
import { type Attributes, addressAttributes, asAttributes } from '../../src/table/attributes.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { COLUMN, ORIGINS_LENGTH, RECORD_SHIFT } from '../../src/table/layout.ts'
import { recordOf, type Table } from '../../src/table/table.ts'
import { temporaryFolder } from '../support/folders.ts'
import { loadSmall } from '../support/load-small.ts'

const folder = temporaryFolder()

let files = 0

function source(dataset: Source['dataset'], format: Source['format'], contents: string | Buffer): Source {
  const name = `${format}-${files++}`
  const path = join(folder, name)
  writeFileSync(path, contents)
  return {
    dataset,
    format,
    name,
    path,
    date: '2026-06-17T19:00:00.000Z',
    licence: 'CC0-1.0',
    attribution: 'us',
  }
}

const ASES = source(
  'asn',
  'ip-location-db',
  '8.8.8.0,8.8.9.255,15169,Google LLC\n9.9.9.0,9.9.9.255,19281,Quad9\n',
)
const COUNTRIES = source('country', 'ip-location-db', '8.8.0.0,8.8.255.255,US\n9.9.9.0,9.9.9.255,CH\n')

function attributes(table: Table, address: string): Attributes | null {
  return addressAttributes(table, parseCidr(address).start)
}

/** What a zone of several origins prints for {asn}. */
function origins(table: Table, address: string): string {
  const record = recordOf(table.find4(parseCidr(address).start[0]))
  const offset = table.records[(record << RECORD_SHIFT) + COLUMN.asn]
  const length = table.strings[offset + ORIGINS_LENGTH]
  return Buffer.from(table.strings.slice(offset + 1, offset + 1 + length)).toString()
}

test('joins ASes, names, countries and registries', async () => {
  const table = await loadSmall([ASES, COUNTRIES])
  expect(attributes(table, '8.8.8.8')).toMatchObject({
    asn: 15169,
    name: 'Google LLC',
    prefix: '8.8.8.0/23',
    country: 'US',
    registry: 'arin',
    allocated: null,
  })
  expect(attributes(table, '10.0.0.1')).toBeNull()
})

describe('precedence', () => {
  const exact = source('asn', 'pfx2as', gzipSync('8.8.8.0\t24\t64496\n7.0.0.0\t16\t64497\n'))

  test('the first source in the list wins where both know something', async () => {
    const table = await loadSmall([exact, ASES])
    expect(attributes(table, '8.8.8.8')).toMatchObject({ asn: 64496, prefix: '8.8.8.0/24' })
    expect(attributes(table, '8.8.9.8')).toMatchObject({ asn: 15169, prefix: '8.8.9.0/24' })
    expect(attributes(table, '9.9.9.9')).toMatchObject({ asn: 19281 })
    expect(attributes(table, '7.0.9.9')).toMatchObject({ asn: 64497, prefix: '7.0.0.0/16' })
  })

  test('and the other way round', async () => {
    const table = await loadSmall([ASES, exact])
    expect(attributes(table, '8.8.8.8')).toMatchObject({ asn: 15169 })
    expect(attributes(table, '7.0.9.9')).toMatchObject({ asn: 64497 })
  })

  test('the first name of an AS wins, whichever source has its addresses', async () => {
    const names = source(
      'names',
      'iptoasn',
      '0.0.0.0\t0.0.0.1\t15169\tUS\tGOOGLE\n0.0.0.0\t0.0.0.1\t64496\tUS\tEX\n',
    )
    const table = await loadSmall([names, exact, ASES])
    expect(asAttributes(table, 15169)).toMatchObject({ name: 'GOOGLE' })
    expect(attributes(table, '8.8.8.8')).toMatchObject({ name: 'EX' })
    expect(asAttributes(table, 64499)).toBeNull()
  })

  test('overrides beat everything, though they stand last', async () => {
    const mine = source(
      'override',
      'overrides',
      'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n10.1.0.0/16,,branch office,\n8.8.8.8,,our resolver,\n9.9.9.0/24,,,DE\n,64513,our customer,\n',
    )
    const table = await loadSmall([ASES, COUNTRIES, mine])
    expect(attributes(table, '10.2.3.4')).toMatchObject({
      asn: 64512,
      name: 'our LAN',
      prefix: '10.0.0.0/8',
      country: 'DE',
    })
    expect(attributes(table, '10.1.2.3')).toMatchObject({
      asn: 64512,
      name: 'branch office',
      prefix: '10.0.0.0/8',
    })
    expect(attributes(table, '8.8.8.8')).toMatchObject({ asn: 15169, name: 'our resolver', country: 'US' })
    expect(attributes(table, '8.8.8.9')).toMatchObject({ asn: 15169, name: 'Google LLC' })
    expect(attributes(table, '9.9.9.9')).toMatchObject({ asn: 19281, name: 'Quad9', country: 'DE' })
    expect(asAttributes(table, 64512)).toMatchObject({ asn: 64512, name: 'our LAN', country: 'DE' })
    expect(asAttributes(table, 64513)).toMatchObject({ asn: 64513, name: 'our customer' })
  })

  test('an AS without a name does not take the one of the network around it', async () => {
    const mine = source(
      'override',
      'overrides',
      'cidr,asn,name\n10.0.0.0/8,64512,our LAN\n10.1.0.0/16,64513,\n',
    )
    const table = await loadSmall([mine])
    expect(attributes(table, '10.1.0.1')).toMatchObject({ asn: 64513, name: null })
  })
})

describe('several origins', () => {
  test('the first is the AS, all are kept for zones that print them', async () => {
    const table = await loadSmall([
      source('asn', 'pfx2as', '94.136.40.0\t24\t20738_20773\n94.136.32.0\t19\t20738\n'),
    ])
    expect(attributes(table, '94.136.40.1')).toMatchObject({ asn: 20738, prefix: '94.136.40.0/24' })
    expect(origins(table, '94.136.40.1')).toBe('20738 20773')
    expect(origins(table, '94.136.41.1')).toBe('20738')
  })

  test('a source of one origin hides the several below it', async () => {
    const several = source('asn', 'pfx2as', '8.8.0.0\t16\t20738_20773\n')
    const table = await loadSmall([ASES, several])
    expect(origins(table, '8.8.8.8')).toBe('15169')
    expect(origins(table, '8.8.1.1')).toBe('20738 20773')
  })
})

describe('registries', () => {
  const rir = source(
    'registry',
    'rir',
    [
      '2.3|ripencc|1790000000|3||20261119|+0000',
      'ripencc|NL|ipv4|8.8.8.0|256|20231228|allocated|x',
      'ripencc|NL|asn|15169|1|20000330|allocated|x',
      '',
    ].join('\n'),
  )

  test('the date of an address and of an AS number', async () => {
    const table = await loadSmall([ASES, COUNTRIES, rir])
    expect(attributes(table, '8.8.8.8')).toMatchObject({ registry: 'ripencc', allocated: '2023-12-28' })
    expect(attributes(table, '8.8.9.8')).toMatchObject({ registry: 'arin', allocated: null })
    expect(asAttributes(table, 15169)).toMatchObject({ registry: 'ripencc', allocated: '2000-03-30' })
    expect(asAttributes(table, 19281)).toMatchObject({ registry: 'arin', allocated: null })
  })

  test('an address of which only the registry is known is unknown', async () => {
    expect(attributes(await loadSmall([rir]), '8.8.8.8')).toBeNull()
  })
})

test('tells of each source and family', async () => {
  const both = source('asn', 'ip-location-db', '1.0.0.0,1.0.0.255,1,One\n2001:db8::,2001:db8::ff,1,One\n')
  const reports: SourceReport[] = []
  const names = source('names', 'ip-location-db', '1.0.0.0,1.0.0.255,2,Two\n')
  const table = await loadSmall([both, names], { onSource: (report) => reports.push(report) })
  expect(table.metadata().sources).toMatchObject([
    { what: 'asn', family: 4, rows: 1, distinct: 1, addresses: 256 },
    { what: 'asn', family: 6, rows: 1, distinct: 1, addresses: 256 },
    { what: 'names', family: null, rows: 1, distinct: 1, addresses: 0 },
  ])
  expect(reports.map(({ name }) => name)).toEqual([both.name, both.name, names.name])
  expect(table.metadata().coverage).toEqual({ v4: { asn: 256, country: 0 }, v6: { asn: 256, country: 0 } })
})

test('the date inside a file beats the one of the file', async () => {
  const rir = source(
    'registry',
    'rir',
    '2.3|arin|x|1||20261119|+0\narin|US|ipv4|8.0.0.0|256|20000101|allocated|\n',
  )
  const table = await loadSmall([ASES, rir])
  expect(table.metadata()).toMatchObject({
    // What is told of the data as a whole is that of the ASes.
    date: '2026-06-17T19:00:00.000Z',
    sources: [{ what: 'asn' }, { what: 'registry', date: '2026-11-19T00:00:00.000Z' }],
  })
})

test('a file that unpacks to too much is refused', async () => {
  const bomb = source('asn', 'ip-location-db', gzipSync(Buffer.alloc(1 << 21, '1.0.0.0,1.0.0.255,1,One\n')))
  await expect(loadSmall([bomb], { maxOctets: 1 << 20 })).rejects.toThrow('unpacks to more than 1 MB')
})
