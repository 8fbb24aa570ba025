// The preparing half from end to end, on small files.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { SourceReport } from '../../../src/data/compile/load.ts'
import { REGISTRY_FILES } from '../../../src/data/compile/registries-file.ts'
import type { Source } from '../../../src/data/sources/sources.ts'
import { AsnzoneError } from '../../../src/errors.ts'
import { type Attributes, addressAttributes, asAttributes } from '../../../src/table/attributes.ts'
import type { Table } from '../../../src/table/table.ts'
import { readAddress, toWords } from '../../support/bigint-address.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { loadSmall } from '../../support/load-small.ts'
import { NO_PLACE } from '../../support/places.ts'

const directory = temporaryFolder()

/** A source with these bytes; `path` is where its file lies. */
function source(
  dataset: Source['dataset'],
  file: string,
  bytes: string | Uint8Array,
  date: string | null = null,
): Source {
  const path = join(directory, file)
  writeFileSync(path, bytes)
  return {
    dataset,
    format: 'ip-location-db',
    name: `small/${file}`,
    path,
    date,
    licence: 'CC0-1.0',
    attribution: 'nobody',
  }
}

const ASN4 = [
  '8.8.8.0,8.8.8.255,15169,Google LLC',
  '1.1.1.0,1.1.1.255,13335,"Cloudflare, Inc."',
  '214.95.0.0,215.0.255.255,749,A | B',
  '215.0.0.0,215.1.3.255,721,DoD',
  '8.8.9.0,8.8.9.255,15169,Google again',
].join('\n')
const ASN6 = '2001:4860::,2001:4860:ffff:ffff:ffff:ffff:ffff:ffff,15169,Google LLC\n'
const COUNTRY4 = '1.1.1.0,1.1.1.255,AU\n8.8.0.0,8.8.255.255,US\n193.0.0.0,193.0.7.255,XK\n'
const COUNTRY6 = '2001:4860::,2001:4860:ffff:ffff:ffff:ffff:ffff:ffff,US\n'

const about = (table: Table, address: string) =>
  addressAttributes(table, toWords(readAddress(address), address.includes(':') ? 4 : 1))

/** Places have tests of their own: load-places.test.ts. */
function withoutPlace(attributes: Attributes | null) {
  return (
    attributes &&
    Object.fromEntries(Object.entries(attributes).filter(([attribute]) => !(attribute in NO_PLACE)))
  )
}

/** Everything that the files above say of some addresses. */
function everything(table: Table) {
  const addresses = ['8.8.8.8', '8.8.9.9', '1.1.1.1', '215.0.1.1', '214.95.0.1', '193.0.6.139', '10.0.0.1']
  return [...addresses, '2001:4860:4860::8888', '::1'].map((address) => withoutPlace(about(table, address)))
}

const nothing = {
  rpki: null,
  roas: [],
  allocated: null,
  distance: null,
  distanceIsRough: false,
  score: 0,
  scoreParts: [],
  reputation: null,
  reputationEvidence: null,
}

const EVERYTHING = [
  {
    ...nothing,
    asn: 15169,
    name: 'Google LLC',
    prefix: '8.8.8.0/23',
    range: '8.8.8.0-8.8.9.255',
    country: 'US',
    registry: 'arin',
  },
  {
    ...nothing,
    asn: 15169,
    name: 'Google LLC',
    prefix: '8.8.8.0/23',
    range: '8.8.8.0-8.8.9.255',
    country: 'US',
    registry: 'arin',
  },
  {
    ...nothing,
    asn: 13335,
    name: 'Cloudflare, Inc.',
    prefix: '1.1.1.0/24',
    range: '1.1.1.0-1.1.1.255',
    country: 'AU',
    registry: 'apnic',
  },
  {
    ...nothing,
    asn: 721,
    name: 'DoD',
    prefix: '215.0.0.0/16',
    range: '215.0.0.0-215.1.3.255',
    country: null,
    registry: 'arin',
  },
  {
    ...nothing,
    asn: 749,
    name: 'A / B',
    prefix: '214.95.0.0/16',
    range: '214.95.0.0-214.255.255.255',
    country: null,
    registry: 'arin',
  },
  {
    ...nothing,
    asn: null,
    name: null,
    prefix: null,
    range: '193.0.0.0-193.0.7.255',
    country: 'XK',
    registry: 'ripencc',
  },
  null,
  {
    ...nothing,
    asn: 15169,
    name: 'Google LLC',
    prefix: '2001:4860::/32',
    range: '2001:4860::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff',
    country: 'US',
    registry: 'arin',
  },
  null,
]

describe('loadTable', () => {
  test('an IPv4 address inside an IPv6 one has its own data where IPv6 rows cover it from far above', async () => {
    const table = await loadSmall([
      source('asn', 'embedded4.csv', '8.8.8.0/24,15169,Google LLC\n'),
      source('asn', 'broad6.csv', '::/8,64500,Broad\n64:ff9b::800:0/102,64501,Own translator\n'),
      source('country', 'broad-country6.csv', '::/1,DE\n'),
      source('country', 'embedded-country4.csv', '8.0.0.0/8,US\n'),
    ])
    for (const address of ['::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])
      expect(about(table, address)).toMatchObject({ asn: 15169, country: 'US' })
    expect(about(table, '::ffff:8.8.8.8')?.prefix).toBe('::ffff:808:800/120')
    // Of 9.9.9.9 itself nothing is known, and of these addresses something is said.
    expect(about(table, '::ffff:9.9.9.9')).toMatchObject({ asn: 64500, country: 'DE' })
    expect(about(table, '64:ff9b::9.9.9.9')).toMatchObject({ asn: 64501, country: 'DE' })
    expect(about(table, '::1')).toMatchObject({ asn: 64500 })
  })

  test('reads all files, and tells of each', async () => {
    const reports: SourceReport[] = []
    const table = await loadSmall(
      [
        source('asn', 'asn4.csv', ASN4, '2026-06-17T19:00:00.000Z'),
        source('asn', 'asn6.csv', ASN6, '2026-06-18T19:00:00.000Z'),
        source('country', 'country4.csv', COUNTRY4),
        source('country', 'country6.csv', COUNTRY6, '2025-12-31T19:00:00.000Z'),
      ],
      { onSource: (report) => reports.push(report) },
    )
    expect(everything(table)).toEqual(EVERYTHING)
    const terms = { licence: 'CC0-1.0', attribution: 'nobody' }
    const sources = [
      {
        what: 'asn',
        name: 'small/asn4.csv',
        family: 4,
        rows: 5,
        distinct: 4,
        addresses: 0xa20400 + 3 * 256,
        date: '2026-06-17T19:00:00.000Z',
      },
      {
        what: 'asn',
        name: 'small/asn6.csv',
        family: 6,
        rows: 1,
        distinct: 1,
        addresses: 2 ** 96,
        date: '2026-06-18T19:00:00.000Z',
      },
      {
        what: 'country',
        name: 'small/country4.csv',
        family: 4,
        rows: 3,
        distinct: 3,
        addresses: 65536 + 256 + 2048,
        date: null,
      },
      {
        what: 'country',
        name: 'small/country6.csv',
        family: 6,
        rows: 1,
        distinct: 1,
        addresses: 2 ** 96,
        date: '2025-12-31T19:00:00.000Z',
      },
    ].map((summary) => ({ ...summary, ...terms }))
    expect(table.metadata()).toEqual({
      sources,
      date: '2026-06-18T19:00:00.000Z',
      coverage: {
        v4: { asn: 0xa20400 + 3 * 256, country: 65536 + 256 + 2048 },
        v6: { asn: 2 ** 96, country: 2 ** 96 },
      },
    })
    const clean = { outOfOrder: 0, overlapping: 0, merged: 0, skipped: 0 }
    const mended = [{ outOfOrder: 2, overlapping: 1, merged: 1, skipped: 0 }, clean, clean, clean]
    expect(reports).toEqual(
      sources.map((summary, n) => ({ ...summary, ...mended[n], milliseconds: expect.any(Number) })),
    )
  })

  test('tells packed files by their contents, whatever they are called', async () => {
    const table = await loadSmall([
      source('asn', 'asn4.csv.gz', ASN4),
      source('country', 'country4.csv', gzipSync(COUNTRY4)),
    ])
    expect(about(table, '8.8.8.8')).toMatchObject({ asn: 15169, country: 'US' })
  })

  test('gives the same from .gz files, and from files of numbers', async () => {
    const numbers = ASN4.replace(/\d+\.\d+\.\d+\.\d+/g, (address) => String(readAddress(address)))
    const table = await loadSmall([
      source('asn', 'asn4-num.csv.gz', gzipSync(numbers)),
      source('asn', 'asn6.csv.gz', gzipSync(ASN6)),
      source('country', 'country4.csv.gz', gzipSync(COUNTRY4)),
      source('country', 'country6.csv', COUNTRY6),
    ])
    expect(everything(table)).toEqual(EVERYTHING)
  })

  test('sums up an AS', async () => {
    const table = await loadSmall([
      source('asn', 'asn4.csv', ASN4),
      source('country', 'country4.csv', COUNTRY4),
    ])
    const google = {
      asn: 15169,
      name: 'Google LLC',
      prefix: null,
      range: null,
      country: 'US',
      registry: 'arin',
    }
    expect([withoutPlace(asAttributes(table, 15169)), asAttributes(table, 64512)]).toEqual([
      { ...nothing, ...google },
      null,
    ])
  })

  test('knows nothing of what has no source', async () => {
    const table = await loadSmall([source('country', 'country4.csv', COUNTRY4)])
    expect(about(table, '8.8.8.8')).toMatchObject({
      asn: null,
      prefix: null,
      country: 'US',
      registry: 'arin',
    })
    expect(about(table, '2001:4860:4860::8888')).toBeNull()
    expect(table.asCount).toBe(0)
  })

  test('where no source tells a date it is the time of building', async () => {
    const before = Date.now()
    const { date } = (await loadSmall([])).metadata()
    expect(new Date(date).toISOString()).toBe(date)
    expect(Date.parse(date)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(date)).toBeLessThanOrEqual(Date.now())
  })

  test('takes registries from other files', async () => {
    const registryFiles = { addresses: join(directory, 'prefixes.csv'), ases: join(directory, 'ases.csv') }
    writeFileSync(registryFiles.addresses, 'cidr,registry\n8.8.8.0/25,low\n8.8.0.0/16,wide\n')
    writeFileSync(registryFiles.ases, 'first,last,registry\n15000,16000,many\n749,749,one\n')
    const table = await loadSmall([source('asn', 'asn4.csv', ASN4)], { registryFiles })
    const registries = ['8.8.8.127', '8.8.8.128', '1.1.1.1'].map((address) => about(table, address)?.registry)
    expect(registries).toEqual(['low', 'wide', null])
    const ofAses = [15169, 749, 721].map((asn) => asAttributes(table, asn)?.registry)
    expect(ofAses).toEqual(['many', 'one', null])
  })
})

describe('loadTable refuses', () => {
  const gzipped = gzipSync(COUNTRY4)
  // Longer than the pieces that a file is read in.
  const long = '1.0.0.0,1.0.0.255,AU\n'.repeat(100_000)

  test.each([
    { name: 'a wrong row', file: 'bad.csv', bytes: `${COUNTRY4}x\n`, line: 4 },
    { name: 'a wrong row in a .gz file', file: 'bad.csv.gz', bytes: gzipSync(`${COUNTRY4}x\n`), line: 4 },
    {
      name: 'a wrong row in the middle of a long file',
      file: 'bad.csv',
      bytes: `${long}x\n${long}`,
      line: 100_001,
    },
    {
      name: 'a wrong row in the middle of a long .gz file',
      file: 'bad.csv.gz',
      bytes: gzipSync(`${long}x\n${long}`),
      line: 100_001,
    },
    { name: 'a wrong row at the very end', file: 'bad.csv', bytes: `${COUNTRY4}x`, line: 4 },
  ])('$name', async ({ file, bytes, line }) => {
    await expect(loadSmall([source('country', file, bytes)])).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `small/${file}:${line}: 1 column, not the 3 of start,end,country`),
    )
  })

  test.each([
    { name: 'an empty file', file: 'empty.csv', bytes: '' },
    { name: 'an empty .gz file', file: 'empty.csv.gz', bytes: gzipSync('') },
  ])('$name', async ({ file, bytes }) => {
    await expect(loadSmall([source('asn', file, bytes)])).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `small/${file}:1: the file is empty; fetch it again`),
    )
  })

  test.each([
    {
      name: 'a .gz file cut short',
      file: 'cut.csv.gz',
      bytes: gzipped.subarray(0, -10),
      reason: 'its gzip data ends too early: it was cut off; fetch it again',
    },
    {
      name: 'a .gz file of a few octets',
      file: 'cut.csv.gz',
      bytes: gzipped.subarray(0, 5),
      reason: 'its gzip data ends too early: it was cut off; fetch it again',
    },
    {
      name: 'a .gz file with a wrong checksum',
      file: 'sum.csv.gz',
      bytes: gzipped.map((byte, n) => (n === gzipped.length - 8 ? byte ^ 1 : byte)),
      reason: 'its gzip data is damaged; fetch it again',
    },
  ])('$name', async ({ file, bytes, reason }) => {
    await expect(loadSmall([source('country', file, bytes)])).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `small/${file}: ${reason}`),
    )
  })

  test('a file that is not there, and a directory', async () => {
    const gone = { ...source('asn', 'gone.csv', ''), path: join(directory, 'nowhere.csv') }
    await expect(loadSmall([gone])).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/there is no such file/),
    })
    await expect(loadSmall([{ ...gone, path: directory }])).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/is not a file|it is a directory/),
    })
  })

  test('a table of registries that is not there', async () => {
    const registryFiles = { ...REGISTRY_FILES, ases: join(directory, 'nowhere.csv') }
    await expect(loadSmall([], { registryFiles })).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/nowhere\.csv.*no such file/),
    })
  })
})
