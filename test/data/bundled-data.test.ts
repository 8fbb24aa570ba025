// The table of the bundled data against a linear scan of the same files.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Collector } from '../../src/data/compile/collector.ts'
import { loadTable, type SourceReport } from '../../src/data/compile/load.ts'
import { sanitiseName } from '../../src/data/compile/names.ts'
import { REGISTRY_FILES } from '../../src/data/compile/registries-file.ts'
import { ValueTables } from '../../src/data/compile/value-tables.ts'
import { RangeFileReader } from '../../src/data/formats/ip-location-db.ts'
import { checkMetadata } from '../../src/data/snapshot/table-metadata.ts'
import { embeddedSources, type Source } from '../../src/data/sources/sources.ts'
import type { Width } from '../../src/table/address-arithmetic.ts'
import { type Attributes, addressAttributes, asAttributes } from '../../src/table/attributes.ts'
import { checkTable } from '../../src/table/check.ts'
import { COLUMN } from '../../src/table/layout.ts'
import type { Table } from '../../src/table/table.ts'
import { addressText, cidrAround, lastAddress, readAddress, toWords } from '../support/bigint-address.ts'
import { NO_PLACE } from '../support/places.ts'
import { asOf, isOneText, lastText, ScannedFile } from '../support/scanned-file.ts'

const require = createRequire(import.meta.url)
const sources = embeddedSources()
const reports: SourceReport[] = []
let table: Table

beforeAll(async () => {
  table = await loadTable(sources, { onSource: (report) => reports.push(report) })
}, 60_000)

const about = (address: bigint, width: Width): Attributes | null =>
  addressAttributes(table, toWords(address, width))

test('it is a table that would be believed if it came from a file', () => {
  expect(() => checkTable(table.buffer)).not.toThrow()
  expect(() => checkMetadata(table)).not.toThrow()
})

test('every row is read, and the one overlap found', () => {
  expect(
    reports.map(({ what, family, rows, distinct, outOfOrder, overlapping, merged }) =>
      [what, family, rows, distinct, outOfOrder, overlapping, merged].join(' '),
    ),
  ).toEqual([
    'asn 4 411961 84159 0 1 0',
    'asn 6 103196 52520 0 0 0',
    'country 4 141822 238 0 0 0',
    'country 6 68368 232 0 0 0',
  ])
})

describe('known answers', () => {
  test.each([
    ['8.8.8.8', 15169, '8.8.8.0/24', 'US', 'arin'],
    ['66.128.51.163', 7819, '66.128.48.0/20', 'US', 'arin'],
    ['216.90.108.31', 3561, '216.90.0.0/15', 'US', 'arin'],
    ['214.255.255.255', 749, '214.128.0.0/9', 'US', 'arin'],
    ['215.0.1.1', 721, '215.0.0.0/16', 'US', 'arin'],
    ['2001:4860:4860::8888', 15169, '2001:4860:4840::/42', 'US', 'arin'],
  ])('%s is AS%i, %s, %s, %s', (text, asn, prefix, country, registry) => {
    const found = about(readAddress(text), text.includes(':') ? 4 : 1)
    expect(found).toMatchObject({ asn, prefix, country, registry })
  })

  test.each([
    '10.0.0.1',
    '127.0.0.1',
    '192.168.1.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    '2001:db8::1',
  ])('of %s nothing is known', (text) => {
    expect(about(readAddress(text), text.includes(':') ? 4 : 1)).toBeNull()
  })

  test.each([
    [3333, 'Reseaux IP Europeens Network Coordination Centre (RIPE NCC)', 'NL', 'ripencc'],
    [15169, 'Google LLC', 'US', 'arin'],
    [267147, 'BRASIL TECPAR / AMIGO / AVATO', 'BR', 'lacnic'],
    [13335, 'Cloudflare, Inc.', 'US', 'arin'],
  ])('AS%i is %s, %s, %s', (asn, name, country, registry) => {
    expect(asAttributes(table, asn)).toMatchObject({ asn, name, prefix: null, country, registry })
  })
})

describe.each([
  { family: 4 as const, width: 1 as const, files: [0, 2] },
  { family: 6 as const, width: 4 as const, files: [1, 3] },
])('IPv$family against a scan of the rows', ({ width, files: [ases, countries] }) => {
  const last = lastAddress(width)
  let asFile: ScannedFile
  let countryFile: ScannedFile
  let allocations: { start: bigint; end: bigint; length: number; registry: string }[]

  beforeAll(() => {
    asFile = new ScannedFile(sources[ases].path)
    countryFile = new ScannedFile(sources[countries].path)
    allocations = readFileSync(REGISTRY_FILES.addresses, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/[/,]/))
      .filter(([network]) => network.includes(':') === (width === 4))
      .map(([network, length, registry]) => {
        const [start, end] = cidrAround(readAddress(network), Number(length), width)
        return { start, end, length: Number(length), registry }
      })
  }, 60_000)

  /** The longest of the registries' prefixes around an address. */
  function registryOf(address: bigint): string | null {
    const around = allocations.filter(({ start, end }) => start <= address && address <= end)
    return around.sort((a, b) => b.length - a.length)[0]?.registry ?? null
  }

  /** What is wrong with what the table says of an address; null when nothing is. */
  function fault(address: bigint): string | null {
    const found = about(address, width)
    // Ranges and places have tests of their own: test/table/build/builder.test.ts, test/data/load-places.test.ts.
    const { prefix = null, range: _, ...rest } = found ?? {}
    const others = Object.fromEntries(Object.entries(rest).filter(([attribute]) => !(attribute in NO_PLACE)))
    // One scan gives the rows of the address, of its prefix and of the prefix twice as large.
    const length = prefix === null ? 32 * width : Number(prefix.split('/')[1])
    const doubled = cidrAround(address, prefix === null ? length : length - 1, width)
    const rows = asFile.rowsWithin(...doubled)
    const as = lastText(rows, address)
    const country = lastText(countryFile.rowsWithin(address, address), address)
    const { asn, name } = as === null ? { asn: null, name: null } : asOf(as)
    const known = as !== null || country !== null
    const expected = {
      asn,
      name: name === null ? null : sanitiseName(name),
      country,
      registry: registryOf(address),
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
    const text = addressText(address, width)
    if (JSON.stringify(found && sorted(others)) !== JSON.stringify(known ? sorted(expected) : null)) {
      return `${text}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`
    }
    if ((as === null) !== (prefix === null)) return `${text}: prefix ${prefix} with AS ${as}`
    if (as === null || prefix === null) return null
    const [first, end] = cidrAround(address, length, width)
    if (prefix !== `${addressText(first, width)}/${length}`) return `${text}: ${prefix} does not contain it`
    if (!isOneText(rows, first, end, as)) return `${text}: ${prefix} reaches beyond its range`
    return isOneText(rows, ...doubled, as) ? `${text}: ${prefix} could be twice as large` : null
  }

  const sorted = (attributes: object) => Object.entries(attributes).sort()

  /** The ends of random rows of a file, the addresses beside them and one in between. */
  function probesOf(file: ScannedFile, rows: number): bigint[] {
    const numbers = fc.sample(fc.integer({ min: 0, max: file.count - 1 }), rows)
    return numbers.flatMap((number) => {
      const { start, end } = file.row(number)
      const [inside] = fc.sample(fc.bigInt({ min: start, max: end }), 1)
      return [start - 1n, start, inside, end, end + 1n].filter((address) => address >= 0n && address <= last)
    })
  }

  const faultsOf = (addresses: readonly bigint[]) => addresses.map(fault).filter((found) => found !== null)

  test('of 600 addresses in and beside ranges of ASes', () => {
    expect(faultsOf(probesOf(asFile, 120))).toEqual([])
  }, 30_000)

  test('of 300 addresses in and beside ranges of countries', () => {
    expect(faultsOf(probesOf(countryFile, 60))).toEqual([])
  }, 30_000)

  test('of 300 addresses anywhere, both ends of the space and the overlap', () => {
    const anywhere = fc.bigInt({ min: 0n, max: last })
    const routed = fc.bigInt({ min: 0x2000n << 112n, max: 0x2fffn << 112n })
    const addresses = fc.sample(width === 1 ? anywhere : fc.oneof(anywhere, routed), 300)
    const overlap = ['214.95.0.0', '214.255.255.255', '215.0.0.0', '215.0.255.255', '215.1.0.0', '215.1.4.0']
    const known = width === 1 ? overlap.map(readAddress) : []
    expect(faultsOf([...addresses, ...known, 0n, last])).toEqual([])
  }, 30_000)

  test('every AS has its name, and every name is clean', () => {
    const names = new Map(asFile.texts().map((text) => Object.values(asOf(text)) as [number, string]))
    const nameOf = (asn: number): string => table.text(table.findAs(asn), COLUMN.name)
    const wrong = [...names].filter(([asn, raw]) => nameOf(asn) !== sanitiseName(raw))
    expect(wrong).toEqual([])
    const isUnclean = (name: string): boolean =>
      name === '' || Buffer.byteLength(name) > 80 || /[|"]|^ | $| {2}|(?! )[\p{C}\p{Z}]/u.test(name)
    expect([...names.keys()].map(nameOf).filter(isUnclean)).toEqual([])
  })
})

describe('the files of numbers', () => {
  const contents = (path: string, dataset: Source['dataset']) => {
    const valueTables = new ValueTables()
    const into = new Collector(dataset, valueTables)
    const reader = new RangeFileReader(path, into)
    reader.push(readFileSync(path))
    reader.finish()
    const [{ rows }] = [...into.layersOf(4), ...into.layersOf(6)]
    const { width, count, starts, ends, values } = rows.finish()
    return {
      width,
      count,
      words: Buffer.concat(
        [starts, ends, values].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)),
      ),
      names: valueTables.asNames,
    }
  }

  // One of each family, one of each kind.
  test.each(sources.slice(1, 3))(
    'hold what $name does',
    ({ dataset, name, path }) => {
      const text = contents(path, dataset)
      const numbers = contents(require.resolve(name.replace('.csv', '-num.csv')), dataset)
      expect([numbers.width, numbers.count]).toEqual([text.width, text.count])
      expect(numbers.words.equals(text.words)).toBe(true)
      expect(numbers.names).toEqual(text.names)
    },
    30_000,
  )
})
