// A new table replaces the one in service only when it is no worse.

import { describe, expect, test } from 'vitest'
import { checkNewTable } from '../../../src/data/update/guard.ts'
import { buildTable } from '../../../src/table/build/builder.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import { RangesBuilder } from '../../../src/table/build/ranges.ts'
import { ATTRIBUTE } from '../../../src/table/build/record-attributes.ts'
import { parseCidr } from '../../../src/table/cidr-text.ts'
import type { SourceSummary } from '../../../src/table/metadata.ts'
import type { Table } from '../../../src/table/table.ts'

type Rows = readonly (readonly [cidr: string, asn: number])[]

const ROWS: Rows = [
  ['8.8.8.0/24', 15169],
  ['9.9.8.0/24', 19281],
  ['9.9.9.0/24', 19281],
  ['9.9.10.0/24', 19282],
  ['9.9.12.0/24', 19283],
]
const DATE = '2026-06-17T19:00:00.000Z'

function table(rows: Rows, summary: Partial<SourceSummary> = {}): Table {
  const v4 = new RangesBuilder(4, 4)
  const v6 = new RangesBuilder(6, 4)
  for (const [cidr, asn] of rows) {
    const { family, start, end } = parseCidr(cidr)
    ;(family === 4 ? v4 : v6).add(start, end, asn)
  }
  const source: SourceSummary = {
    what: 'asn',
    name: 'rows',
    family: 4,
    rows: rows.length,
    distinct: 1,
    addresses: 0,
    date: DATE,
    licence: '',
    attribution: '',
    ...summary,
  }
  return buildTable({
    v4: { asn: flatten(v4.finish()).intervals },
    v6: { asn: flatten(v6.finish()).intervals },
    describe: (attributes) => ({ asn: String(attributes[ATTRIBUTE.asn]) }),
    metadata: { sources: [source], date: DATE },
  })
}

const SETTINGS = { leastShare: 80, sentinels: ['8.8.8.8=AS15169'] }

test('the same again is no worse', () => {
  expect(checkNewTable(table(ROWS), table(ROWS), SETTINGS)).toBeNull()
})

test('more, and newer, is better', () => {
  const next = table([...ROWS, ['7.0.0.0/8', 1]], { date: '2026-06-18T00:00:00.000Z' })
  expect(checkNewTable(next, table(ROWS), SETTINGS)).toBeNull()
})

const FUTURE = '2036-01-01T00:00:00.000Z'
const NOW = Date.parse('2026-06-20T00:00:00Z')

describe('issue 14, item 1: data in service that are dated in the future', () => {
  test('are replaced by any that pass the guard', () => {
    const [next, inService] = [table(ROWS), table(ROWS, { date: FUTURE })]
    expect(checkNewTable(next, inService, SETTINGS, NOW)).toBeNull()
    // Once that date has come, it is one like others.
    expect(checkNewTable(next, inService, SETTINGS, Date.parse(FUTURE))).toMatch(
      /its asn data is of 2026-06-17/,
    )
  })

  test('are replaced by none that don’t', () => {
    const [next, inService] = [table(ROWS, { rows: 1 }), table(ROWS, { date: FUTURE })]
    expect(checkNewTable(next, inService, SETTINGS, NOW)).toMatch(/its rows of asn for IPv4 are 20 %/)
  })
})

describe('issue 14, item 4: every kind and family is compared', () => {
  const city = { what: 'city', rows: 5000, addresses: 1_000_000 }
  test.each([
    [
      'a city file of 3 rows',
      { ...city, rows: 3 },
      city,
      'its rows of city for IPv4 are 0 % of those in service',
    ],
    [
      'one of IPv6',
      { ...city, family: 6, rows: 3 },
      { ...city, family: 6 },
      'its rows of city for IPv6 are 0 %',
    ],
    [
      'one that covers less',
      { ...city, addresses: 700_000 },
      city,
      'its addresses of city for IPv4 are 70 %',
    ],
    [
      'names',
      { what: 'names', family: null, rows: 7 },
      { what: 'names', family: null, rows: 10 },
      'rows of names are 70 %',
    ],
    [
      'registries',
      { what: 'registry', rows: 7 },
      { what: 'registry', rows: 10 },
      'its rows of registry for IPv4 are 70 %',
    ],
    [
      'an older city file',
      { ...city, date: '2026-06-01T00:00:00.000Z' },
      city,
      'its city data is of 2026-06-01 00:00 UTC',
    ],
  ] as const)('%s', (_name, next, inService, reason) => {
    expect(checkNewTable(table(ROWS, next), table(ROWS, inService), SETTINGS)).toContain(reason)
  })
})

describe('is refused', () => {
  const others: Rows = ROWS.map(([cidr, asn]) => [cidr, asn === 15169 ? 15170 : asn])
  test.each([
    ['a wrong sentinel', table(others), '8.8.8.8 is of AS15170 in it, not of AS15169'],
    [
      'a missing sentinel',
      table([...ROWS.slice(1), ['7.0.0.0/24', 1]]),
      '8.8.8.8 is of no AS in it, not of AS15169',
    ],
    [
      'an older table',
      table(ROWS, { date: '2026-06-17T18:59:59.000Z' }),
      'its asn data is of 2026-06-17 18:59 UTC, that in service of 2026-06-17 19:00 UTC',
    ],
    [
      'a table of fewer rows',
      table(ROWS, { rows: 3 }),
      'its rows of asn for IPv4 are 60 % of those in service; at least 80 % is required',
    ],
    [
      'a table of fewer addresses',
      table([...ROWS.slice(0, 1), ['9.9.9.0/24', 1], ['9.9.10.0/24', 1]], { rows: 5 }),
      'its IPv4 addresses with an AS are 60 % of those in service; at least 80 % is required',
    ],
    [
      'a table without rows of a kind',
      table(ROWS, { what: 'country' }),
      'its rows of asn for IPv4 are 0 % of those in service; at least 40 % is required',
    ],
  ])('%s', (_name, next, reason) => {
    const told = checkNewTable(next, table(ROWS), SETTINGS)
    expect(told).toContain(reason)
    expect(told).toContain('; if that is right, asnzone update --force takes it')
    expect(told).toMatch(/\((?!asnzone)[^)]+\);/)
  })

  test('a table of fewer IPv6 addresses', () => {
    const six: Rows = [...ROWS, ['2001:db8::/32', 1]]
    const next = table(ROWS, { rows: 6 })
    expect(checkNewTable(next, table(six), SETTINGS)).toContain(
      'its IPv6 addresses with an AS are 0 % of those in service; at least 80 % is required',
    )
  })
})

describe('may replace', () => {
  test('exactly the least share', () => {
    expect(checkNewTable(table(ROWS.slice(0, 4)), table(ROWS), SETTINGS)).toBeNull()
  })

  test('less than that where the setting allows it', () => {
    expect(checkNewTable(table(ROWS.slice(0, 1)), table(ROWS), { ...SETTINGS, leastShare: 0 })).toBeNull()
  })

  test('less of another data set, down to half of the share', () => {
    const other = (rows: Rows) => table(rows, { name: 'another' })
    expect(checkNewTable(other(ROWS.slice(0, 2)), table(ROWS), SETTINGS)).toBeNull()
    expect(checkNewTable(other(ROWS.slice(0, 1)), table(ROWS), SETTINGS)).toContain(
      'its rows of asn for IPv4 are 20 % of those in service; at least 40 % is required',
    )
  })

  test('a table without a sentinel that the one in service lacks too', () => {
    const without = table(ROWS.slice(1))
    expect(checkNewTable(without, without, SETTINGS)).toBeNull()
  })

  test('one that does not tell its date, and one that replaces such a one', () => {
    expect(checkNewTable(table(ROWS, { date: null }), table(ROWS), SETTINGS)).toBeNull()
    expect(checkNewTable(table(ROWS), table(ROWS, { date: null }), SETTINGS)).toBeNull()
  })

  test('overrides that became fewer and older', () => {
    const next = table(ROWS, { what: 'override', rows: 1, date: '2020-01-01T00:00:00.000Z' })
    expect(checkNewTable(next, table(ROWS, { what: 'override' }), SETTINGS)).toBeNull()
  })
})
