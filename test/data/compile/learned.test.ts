// What was learned, laid over the other data: which value an address has, what zones answer, and what a score tells of it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { zoneSetOptions } from '../../../src/app/zone-set.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { readZoneDefinitions } from '../../../src/config/zone-files.ts'
import { type Learned, LearnedValues } from '../../../src/data/compile/learned.ts'
import type { LoadOptions } from '../../../src/data/compile/load.ts'
import { countryValue } from '../../../src/data/countries.ts'
import { askResponder } from '../../../src/dns/ask-responder.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { type LearnedRow, PRODUCT_FILE, writeProduct } from '../../../src/learn/product.ts'
import { MAX_PARTS } from '../../../src/score/scorer.ts'
import { NO_WEIGHTS } from '../../../src/score/weights.ts'
import { parseCidr } from '../../../src/table/cidr-text.ts'
import { valueAt } from '../../../src/table/interval-map.ts'
import { MAX_OCTETS } from '../../../src/table/layout.ts'
import { lookUp, parseLookupTarget } from '../../../src/table/lookup-target.ts'
import type { Table } from '../../../src/table/table.ts'
import { ownerOf } from '../../../src/zones/example.ts'
import { compileZoneSet } from '../../../src/zones/zone-set.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type SmallFile, tableOf } from '../../support/table-of-rows.ts'

const FILES: readonly SmallFile[] = [
  {
    dataset: 'asn',
    format: 'ip-location-db',
    name: 'asn.csv',
    contents: '165.245.128.0,165.245.255.255,14061,DigitalOcean\n193.0.0.0,193.0.7.255,3333,RIPE NCC\n',
  },
  {
    dataset: 'asn',
    format: 'ip-location-db',
    name: 'asn6.csv',
    contents: '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,14061,DigitalOcean\n',
  },
  {
    dataset: 'country',
    format: 'ip-location-db',
    name: 'country.csv',
    contents:
      '165.245.128.0,165.245.191.255,US\n165.245.192.0,165.245.255.255,DE\n193.0.0.0,193.0.7.255,NL\n',
  },
]

const TOLD = 'AS14061 | 22 spam, 2 ham | 165.245.131.0/24 | 1 spam, 0 ham | 2026-11-27'

/** The example of the reference, and what is around it. */
const ROWS: readonly LearnedRow[] = [
  { kind: 'network', cidr: '165.245.131.0/24', decibels: 18.4, text: TOLD },
  {
    kind: 'network',
    cidr: '165.245.128.0/18',
    decibels: 17.1,
    text: 'AS14061 | 22 spam, 2 ham | 2026-11-27',
  },
  { kind: 'network', cidr: '165.245.140.0/24', decibels: -2.99, text: 'as all are | 2026-11-27' },
  { kind: 'network', cidr: '2001:db8:1::/48', decibels: -44, text: '2001:db8:1::/48 | 0 spam, 900 ham' },
  { kind: 'as', asn: 14061, country: 'DE', decibels: 6.9, text: 'AS14061 | 22 spam, 2 ham | 2026-11-27' },
  { kind: 'as', asn: 14061, country: '', decibels: 7.5, text: 'AS14061 anywhere else' },
  { kind: 'country', country: 'NL', decibels: -3.2, text: 'NL | 1 spam, 90 ham | 2026-11-27' },
  { kind: 'country', country: 'US', decibels: 29, text: 'US | 99 spam, 1 ham | 2026-11-27' },
]

const tableOfRows = (rows: readonly LearnedRow[], options: LoadOptions = {}): Promise<Table> => {
  const dataDirectory = temporaryFolder()
  writeProduct(dataDirectory, rows)
  return tableOf(FILES, { learned: { weight: 1, most: 15 }, dataDirectory, ...options })
}

let table: Table
beforeAll(async () => {
  table = await tableOfRows(ROWS)
})

const definitions = readZoneDefinitions(undefined, [])

function ask(zone: string, address: string, type: 'A' | 'TXT', of = table): string {
  const responder = new Responder(
    of,
    compileZoneSet(definitions, zoneSetOptions(loadSettings({}), of.metadata())),
  )
  return askResponder(responder, `${ownerOf(address)}.${zone}.asnzone.internal`, type)
}

test.each([
  ['the example of the reference', '165.245.131.196', '127.4.1.18', `"-18 | ${TOLD}"`],
  ['the longest network', '165.245.130.1', '127.4.1.17', '"-17 | AS14061 | 22 spam, 2 ham | 2026-11-27"'],
  ['an AS in the country', '165.245.200.1', '127.4.1.7', '"-7 | AS14061 | 22 spam, 2 ham | 2026-11-27"'],
  ['an AS elsewhere', '2001:db8:2::1', '127.4.1.8', '"-8 | AS14061 anywhere else"'],
  ['more than can be told', '2001:db8:1::1', '127.4.2.30', '"30 | 2001:db8:1::/48 | 0 spam, 900 ham"'],
  ['a country', '193.0.6.139', '127.4.2.3', '"3 | NL | 1 spam, 90 ham | 2026-11-27"'],
  ['a network as all are, in an AS that is not', '165.245.140.1', '', ''],
  ['an address of which nothing is known', '10.0.0.1', '', ''],
  ['the test entry', '127.0.0.2', '127.0.0.2', '"test entry, RFC 5782"'],
])('reputation: %s', (_, address, a, txt) => {
  expect([ask('reputation', address, 'A'), ask('reputation', address, 'TXT')]).toEqual([a, txt])
})

test('a network that was learned makes no address known', async () => {
  const row = { kind: 'network', cidr: '10.0.0.0/24', decibels: 9, text: 'nobody' } as const
  const unknown = await tableOfRows([row])
  expect(ask('reputation', '10.0.0.1', 'A', unknown)).toBe('')
  expect(unknown.metadata().coverage).toEqual(table.metadata().coverage)
})

test('a score sums it up, at most so much, and tells it in short', async () => {
  const weights = { ...NO_WEIGHTS, countries: [{ codes: ['US'], weight: -5 }] }
  const scored = await tableOfRows(ROWS, { weights })
  expect(ask('score', '165.245.131.196', 'TXT', scored)).toBe(
    '"-20 | country US -5 | learned AS14061 22 spam 2 ham, 165.245.131.0/24 1 spam -15"',
  )
  expect(ask('geo', '165.245.131.196', 'TXT', scored)).toBe('"14061 | DigitalOcean | US | -- | -20"')
  expect(ask('score', '165.245.140.1', 'TXT', scored)).toBe('"-5 | country US -5"')
  expect(ask('score', '193.0.6.139', 'A', scored)).toBe('127.0.2.3')
  expect(ask('score', '193.0.6.139', 'TXT', scored)).toBe('"3 | learned NL 1 spam 90 ham 3"')
})

test('equal parts of a score with other evidence are other answers', async () => {
  const rows = ['2026-11-26', '2026-11-27'].map((day, n): LearnedRow => {
    return { kind: 'network', cidr: `193.0.${n}.0/24`, decibels: 5, text: `AS3333 | 3 spam, 1 ham | ${day}` }
  })
  const days = await tableOfRows(rows)
  expect(ask('reputation', '193.0.0.1', 'TXT', days)).toBe('"-5 | AS3333 | 3 spam, 1 ham | 2026-11-26"')
  expect(ask('reputation', '193.0.1.1', 'TXT', days)).toBe('"-5 | AS3333 | 3 spam, 1 ham | 2026-11-27"')
  expect(ask('score', '193.0.0.1', 'TXT', days)).toBe('"-5 | learned AS3333 3 spam 1 ham -5"')
})

test.each([
  [0, 15, 0],
  [0.5, 15, -9],
  [2, 15, -15],
  [2, 100, -37],
  [1, 0, 0],
])('weight %d, most %d: %d points for 18.4 dB', (weight, most, points) => {
  const { part, reputation } = new LearnedValues([ROWS[0]], { weight, most }).of(2, 0, 0) as Learned
  expect(part.weight).toBe(points)
  expect(reputation).toEqual({ value: -18, evidence: TOLD })
})

test('a long score tells what was learned without its evidence', async () => {
  const text = `AS14061 | ${'9'.repeat(150)} spam, 2 ham`
  const long = await tableOfRows([{ kind: 'network', cidr: '193.0.0.0/24', decibels: 5, text }], {
    weights: { ...NO_WEIGHTS, default: -1, prefixes: [{ cidr: '193.0.0.0/16', weight: 100 }] },
  })
  expect(ask('score', '193.0.0.1', 'TXT', long)).toBe(
    '"94 | country NL -1 | prefix 193.0.0.0/16 100 | learned -5"',
  )
  expect(ask('reputation', '193.0.0.1', 'TXT', long)).toBe(`"-5 | ${text}"`)
  expect(MAX_PARTS).toBe(MAX_OCTETS.scoreParts)
})

/** Whether two tables answer the same; octet by octet vitest would take minutes. */
const isSame = (a: Table, b: Table): boolean => Buffer.compare(a.content, b.content) === 0

describe('without', () => {
  test('the setting, or anything learned, the table is what it was', async () => {
    const plain = await tableOf(FILES)
    const off = await tableOfRows(ROWS, { learned: undefined })
    const none = await tableOf(FILES, { learned: { weight: 1, most: 15 }, dataDirectory: temporaryFolder() })
    expect([isSame(off, plain), isSame(none, plain), isSame(table, plain)]).toEqual([true, true, false])
    expect(plain.metadata().learned).toBeUndefined()
    const date = expect.stringMatching(/^20\d\d-\d\d-\d\dT/)
    expect(table.metadata().learned).toEqual({ networks: 4, ases: 2, countries: 2, date })
  })

  test('a file that is whole, answers go on and it is said', async () => {
    const dataDirectory = temporaryFolder()
    writeProduct(dataDirectory, ROWS)
    writeFileSync(join(dataDirectory, PRODUCT_FILE), 'damaged\n')
    const warnings: string[] = []
    const onWarning = (message: string): void => void warnings.push(message)
    const damaged = await tableOf(FILES, { learned: { weight: 1, most: 15 }, dataDirectory, onWarning })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(
      `answers are without what was learned: ${dataDirectory}/${PRODUCT_FILE}:1: `,
    )
    expect(isSame(damaged, await tableOf(FILES))).toBe(true)
  })
})

test('a lookup has it', () => {
  const { attributes } = lookUp(table, parseLookupTarget('165.245.131.196'))
  expect(attributes).toMatchObject({ reputation: -18, reputationEvidence: TOLD, score: -15 })
  const as = lookUp(table, parseLookupTarget('AS3333'))
  expect(as.attributes).toMatchObject({ reputation: 3 })
  const nothing = lookUp(table, parseLookupTarget('165.245.140.1'))
  expect(nothing.attributes).toMatchObject({ reputation: null, reputationEvidence: null, score: 0 })
})

test('of any networks the longest counts, and hides the AS and the country', () => {
  const network = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 1, max: 8 }),
      fc.double({ min: -40, max: 40, noNaN: true }),
    )
    .map(([octet, length, decibels]) => {
      const masked = (octet >> (8 - length)) << (8 - length)
      return { cidr: `${masked}.0.0.0/${length}`, masked, length, decibels }
    })
  const networks = fc.uniqueArray(network, { selector: ({ cidr }) => cidr, maxLength: 20 })
  fc.assert(
    fc.property(networks, fc.integer({ min: 0, max: 255 }), (known, octet) => {
      const rows = known.map(
        ({ cidr, decibels }): LearnedRow => ({ kind: 'network', cidr, decibels, text: cidr }),
      )
      const as: LearnedRow = { kind: 'as', asn: 7, country: 'DE', decibels: 9, text: 'AS7' }
      const values = new LearnedValues([...rows, as], { weight: 1, most: 15 })
      const holding = known.filter(({ masked, length }) => octet >> (8 - length) === masked >> (8 - length))
      const longest = holding.sort((a, b) => b.length - a.length).at(0)
      const value = valueAt(values.layers.v4, parseCidr(`${octet}.1.2.3`).start)
      const told = values.of(value, 7, countryValue('DE'))?.reputation.evidence
      if (longest === undefined) expect(told).toBe('AS7')
      else expect(told).toBe(Math.abs(longest.decibels) < 3 ? undefined : longest.cidr)
    }),
  )
})
