// What one source may bring is bounded: rows, names and values, lines, and the work that a small file can make.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { LoadOptions } from '../../../src/data/compile/load.ts'
import type { FormatName } from '../../../src/data/formats/formats.ts'
import { readWeightFile } from '../../../src/data/formats/weights-csv.ts'
import type { Dataset } from '../../../src/data/sources/dataset.ts'
import { cutAlongPrefixes } from '../../../src/table/build/cidr.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { writeMmdb } from '../../support/mmdb-writer.ts'
import { tableOf } from '../../support/table-of-rows.ts'

/** The reason for which a file is refused. */
async function refusal(
  format: FormatName,
  dataset: Dataset,
  contents: string | Buffer,
  options: LoadOptions,
): Promise<string> {
  try {
    await tableOf([{ name: 'file', dataset, format, contents }], options)
  } catch (error) {
    expect(error).toHaveProperty('code', 'ASNZONE_DATA')
    return (error as Error).message
  }
  return 'none'
}

/** Rows with another number each. */
const rows = (count: number, row: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => `${row(n)}\n`).join('')

/** Equal rows, packed while they are made. */
async function packed(row: string, count: number): Promise<Buffer> {
  const gzip = createGzip()
  const block = Buffer.from(row.repeat(10_000))
  for (let written = 0; written < count; written += 10_000) gzip.write(block)
  gzip.end()
  const chunks: Buffer[] = []
  for await (const chunk of gzip) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const DEGREES = '1.5,2.5'

describe('max-rows', () => {
  it.each<{ format: FormatName; dataset: Dataset; row: (n: number) => string }>([
    { format: 'ip-location-db', dataset: 'asn', row: () => '1.0.0.0,1.0.0.255,13335,Cloudflare' },
    { format: 'ip-location-db', dataset: 'country', row: () => '1.0.0.0/24,AU' },
    { format: 'iptoasn', dataset: 'asn', row: () => '1.0.0.0\t1.0.0.255\t0\tNone\tNot routed' },
    { format: 'pfx2as', dataset: 'asn', row: () => '1.0.0.0\t24\t13335' },
    { format: 'routeviews', dataset: 'asn', row: () => '*.0.0.1 IN TXT "13335" "1.0.0.0" "24"' },
    { format: 'rir', dataset: 'registry', row: () => 'arin|US|ipv4|0.0.0.0|4294967296|20231228|allocated' },
    { format: 'rir', dataset: 'registry', row: () => '# a comment' },
    {
      format: 'vrp-csv',
      dataset: 'rpki',
      row: (n) => (n === 0 ? 'ASN,IP Prefix,Max Length' : 'AS13335,1.0.0.0/24,24'),
    },
    { format: 'overrides', dataset: 'override', row: (n) => (n === 0 ? 'cidr,asn' : '10.0.0.0/8,64512') },
    {
      format: 'ip-location-db-city',
      dataset: 'city',
      row: () => `1.0.0.0,1.0.0.255,AU,Queensland,,Brisbane,,${DEGREES},`,
    },
  ])(
    '$format for $dataset: equal rows are refused by file, line and setting',
    async ({ format, dataset, row }) => {
      const contents = rows(101, row)
      expect(await refusal(format, dataset, contents, { maxRows: 100 })).toBe(
        'file:101: more than 100 rows; raise max-rows if that is right',
      )
      expect(await refusal(format, dataset, contents, { maxRows: 101 })).not.toContain('max-rows')
    },
  )

  it('networks of a MaxMind DB file', async () => {
    const networks = Array.from(
      { length: 40 },
      (_, n) => [`10.${n}.0.0/16`, { country_code: n % 2 === 0 ? 'AU' : 'FR' }] as const,
    )
    expect(await refusal('mmdb', 'country', writeMmdb(networks), { maxRows: 30 })).toBe(
      'file: more than 30 networks; raise max-rows if that is right',
    )
  })

  it('a small file that unpacks to equal rows without end is read as far as it may', async () => {
    const bomb = await packed('1.0.0.0\t24\t13335\n', 2_000_000)
    expect(bomb.length).toBeLessThan(100_000)
    expect(await refusal('pfx2as', 'asn', bomb, { maxRows: 50_000 })).toBe(
      'file:50001: more than 50000 rows; raise max-rows if that is right',
    )
  })
})

describe('max-names', () => {
  const ases = rows(101, (n) => `1.0.${n}.0,1.0.${n}.255,${n + 1},AS ${n}`)
  const city = (n: number): string => `1.0.${n}.0,1.0.${n}.255,AU,,,Town ${n},,1.${1000 + n},2.5,`

  it.each<{
    name: string
    format: FormatName
    dataset: Dataset
    contents: string
    where: string
    many: string
  }>([
    {
      name: 'names of ASes',
      format: 'ip-location-db',
      dataset: 'asn',
      contents: ases,
      where: 'file:101',
      many: 'ASes with names',
    },
    {
      name: 'the same, without their addresses',
      format: 'ip-location-db',
      dataset: 'names',
      contents: ases,
      where: 'file:101',
      many: 'ASes with names',
    },
    {
      name: 'places',
      format: 'ip-location-db-city',
      dataset: 'city',
      contents: rows(101, (n) => city(n).replace(`Town ${n}`, 'Town')),
      where: 'file:101',
      many: 'different places',
    },
    {
      name: 'names of places',
      format: 'ip-location-db-city',
      dataset: 'city',
      contents: rows(101, city),
      where: 'file:101',
      many: 'different names',
    },
    {
      name: 'places by number',
      format: 'ip-location-db-city',
      dataset: 'city',
      contents: `geoname_id,country_iso_code,city_name\n${rows(101, (n) => `${n + 1},AU,Town`)}`,
      where: 'file:102',
      many: 'places',
    },
    {
      name: 'names of addresses',
      format: 'overrides',
      dataset: 'override',
      contents: `cidr,name\n${rows(101, (n) => `10.0.${n}.0/24,name ${n}`)}`,
      where: 'file:102',
      many: 'different names',
    },
    {
      name: 'registries',
      format: 'rir',
      dataset: 'registry',
      contents: rows(101, (n) => `r${n}|US|ipv4|1.0.${n}.0|256|20231228|allocated`),
      where: 'file:101',
      many: 'different names',
    },
    {
      name: 'sets of origins',
      format: 'pfx2as',
      dataset: 'asn',
      contents: rows(101, (n) => `1.0.${n}.0\t24\t${n + 1}_${n + 2}`),
      where: 'file:101',
      many: 'different names',
    },
    {
      name: 'ASes without names, whose line is not known any more',
      format: 'pfx2as',
      dataset: 'asn',
      contents: rows(101, (n) => `1.0.${n}.0\t24\t${n + 1}`),
      where: 'file',
      many: 'different values',
    },
    {
      name: 'ASes of ROAs, whose line is not known any more',
      format: 'vrp-csv',
      dataset: 'rpki',
      contents: `ASN,IP Prefix,Max Length\n${rows(101, (n) => `AS${n + 1},1.0.0.0/24,24`)}`,
      where: 'file',
      many: 'different values',
    },
    {
      name: 'the same in JSON',
      format: 'vrp-json',
      dataset: 'rpki',
      contents: `{"roas":[${Array.from({ length: 101 }, (_, n) => `{"asn":${n + 1},"prefix":"1.0.0.0/24","maxLength":24}`).join(',')}]}`,
      where: 'file',
      many: 'different values',
    },
  ])('$name', async ({ format, dataset, contents, where, many }) => {
    expect(await refusal(format, dataset, contents, { maxNames: 100 })).toBe(
      `${where}: more than 100 ${many}; raise max-names if that is right`,
    )
    expect(await refusal(format, dataset, contents, { maxNames: 202 })).not.toContain('max-names')
  })

  it('what one source brings is not held against the next', async () => {
    const of = (n: number) => ({
      name: `file ${n}`,
      dataset: 'override' as const,
      format: 'overrides' as const,
      contents: `cidr,name\n${rows(5, (row) => `10.${n}.${row}.0/24,name ${n} ${row}`)}`,
    })
    await expect(tableOf([of(1), of(2), of(3)], { maxNames: 5 })).resolves.toBeDefined()
  })
})

describe('the work that a file makes is that of its size', () => {
  it('origins of one prefix, each in a row of its own: ten of them are kept', async () => {
    const contents = rows(300_000, (n) => `*.8.8.8 IN TXT "${n + 1}" "8.8.8.0" "24"`)
    const table = await tableOf([{ name: 'file', dataset: 'asn', format: 'routeviews', contents }])
    expect(table.metadata().sources[0]).toMatchObject({ rows: 1 })
  })

  it('lines without a separator are not searched for one to the end of the file', async () => {
    const contents = '#\n'.repeat(2_000_000)
    expect(await refusal('rir', 'registry', contents, {})).toMatch(/^file:1: no record such as/)
  })

  it('ranges that are cut into hundreds of prefixes each are too much for a table', () => {
    const count = 1000
    const starts = new Uint32Array(count * 4)
    for (let interval = 1; interval < count; interval++) starts.set([interval, 0, 0, 1], interval * 4)
    const intervals = {
      width: 4 as const,
      count,
      starts,
      values: new Uint32Array(count).map((_, n) => n + 1),
    }
    expect(() => cutAlongPrefixes(intervals, 50_000)).toThrow('more than 50000 ranges and prefixes in them')
    expect(cutAlongPrefixes(intervals).count).toBeGreaterThan(50_000)
  })
})

describe('files that people write', () => {
  it.each([
    { name: 'a line without an end', contents: 'x'.repeat(70_000) },
    {
      name: 'a line without an end, after others',
      contents: `cidr,asn\n10.0.0.0/8,64512\n${'x'.repeat(3 << 20)}`,
    },
  ])('overrides: $name', async ({ contents }) => {
    expect(await refusal('overrides', 'override', contents, {})).toMatch(
      /^file:\d+: a line of more than 65536 octets$/,
    )
  })

  it('weights: a file that is too long for anybody to have written it', async () => {
    const file = join(temporaryFolder(), 'weights.csv')
    writeFileSync(file, '')
    execFileSync('truncate', ['-s', '2G', file])
    await expect(readWeightFile(file)).rejects.toThrow(/weights\.csv: more than 64 MB, which is too much/)
  })

  it('weights: a pipe that nobody writes to, and a device without an end', async () => {
    const pipe = join(temporaryFolder(), 'weights.csv')
    execFileSync('mkfifo', [pipe])
    await expect(readWeightFile(pipe)).rejects.toThrow(`${pipe}: not a file`)
    await expect(readWeightFile('/dev/zero')).rejects.toThrow('/dev/zero: not a file')
  })
})
