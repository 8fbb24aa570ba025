// Lists of one's own: what their conditions hold for, and what is asked of every address list.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { writeProduct } from '../../src/learn/product.ts'
import { NO_WEIGHTS } from '../../src/score/weights.ts'
import { COLUMN, REPUTATION, RPKI_STATE } from '../../src/table/layout.ts'
import type { Table } from '../../src/table/table.ts'
import { Condition } from '../../src/zones/condition.ts'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { ownerOf } from '../../src/zones/example.ts'
import { compileZoneSet } from '../../src/zones/zone-set.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type SmallFile, tableOf } from '../support/table-of-rows.ts'

const file = (
  dataset: SmallFile['dataset'],
  name: string,
  format: SmallFile['format'],
  rows: readonly string[],
): SmallFile => ({ dataset, name, format, contents: `${rows.join('\n')}\n` })

const FILES: readonly SmallFile[] = [
  file('asn', 'asn.csv', 'ip-location-db', [
    '8.8.8.0,8.8.8.255,15169,Google LLC',
    '20.0.0.0,20.0.0.255,64500,Bad',
    '21.0.0.0,21.0.0.255,4199999999,Homeless',
  ]),
  file('asn', 'asn6.csv', 'ip-location-db', ['2001:db8::,2001:db8::ffff,64500,Bad']),
  file('asn', 'pfx2as.txt', 'pfx2as', [
    '94.136.40.0\t24\t20738_20773',
    '95.0.0.0\t24\t64510',
    '96.0.0.0\t24\t64510',
  ]),
  file('rpki', 'vrps.csv', 'vrp-csv', [
    'ASN,IP Prefix,Max Length,Trust Anchor',
    'AS20738,94.136.40.0/24,24,ripe',
    'AS64511,95.0.0.0/16,24,ripe',
  ]),
  file('country', 'country.csv', 'ip-location-db', [
    '8.8.8.0,8.8.8.255,US',
    '20.0.0.0,20.0.0.255,DE',
    '30.0.0.0,30.0.0.255,EU',
  ]),
  file('country', 'country6.csv', 'ip-location-db', ['2001:db8::,2001:db8::ffff,DE']),
]

let table: Table

beforeAll(async () => {
  const dataDirectory = temporaryFolder()
  writeProduct(dataDirectory, [
    { kind: 'as', asn: 64500, country: 'DE', decibels: 12, text: 'AS64500' },
    { kind: 'network', cidr: '96.0.0.0/24', decibels: -4.4, text: '96.0.0.0/24' },
  ])
  table = await tableOf(FILES, {
    learned: { weight: 0, most: 15 },
    dataDirectory,
    originPoint: { latitude: 52.52, longitude: 13.405 },
    weights: {
      ...NO_WEIGHTS,
      countries: [{ codes: ['US'], weight: 7 }],
      asns: [{ asns: [64500], weight: -1000 }],
    },
  })
})

/** Asks a zone with these conditions; '' for no answer. */
function asking(lists: object, more: object = {}) {
  const definitions = parseZoneFile('own.yaml', { zones: { mine: { apex: 'l.test', lists, ...more } } })
  const authority = { nameservers: [Uint8Array.of(0)], contact: Uint8Array.of(0), serial: 1, about: [] }
  const responder = new Responder(
    table,
    compileZoneSet(definitions, { domain: 'test', countries: [], authority }),
  )
  return (name: string, type: 'A' | 'AAAA' | 'TXT' = 'A') => askResponder(responder, `${name}.l.test`, type)
}

const STATES = ['94.136.40.1', '95.0.0.1', '96.0.0.1', '8.8.8.8']

const ADDRESSES = ['8.8.8.8', '20.0.0.1', '21.0.0.1', '30.0.0.1', '94.136.40.1', '2001:db8::1', '10.0.0.1']

describe('what is listed', () => {
  test.each([
    ['a country, in any case', { country: 'us' }, ['8.8.8.8']],
    ['several countries', { country: ['DE', 'US'] }, ['8.8.8.8', '20.0.0.1', '2001:db8::1']],
    ['what is no country', { country: 'EU' }, ['30.0.0.1']],
    ['an AS', { asn: 15169 }, ['8.8.8.8']],
    [
      'several ASes, not in order',
      { asn: [4199999999, 'AS64500', 1] },
      ['20.0.0.1', '21.0.0.1', '2001:db8::1'],
    ],
    ['the first AS of a prefix', { asn: [20738] }, ['94.136.40.1']],
    ['not another AS of it', { asn: [20773] }, []],
    ['distances over', { distance: { over: 1000 } }, ['8.8.8.8']],
    ['distances below', { distance: { below: 1000 } }, ['20.0.0.1', '2001:db8::1']],
    ['scores below', { score: { below: -999 } }, ['20.0.0.1', '2001:db8::1']],
    ['not the score itself', { score: { below: -1000 } }, []],
    ['scores over', { score: { over: 6 } }, ['8.8.8.8']],
    ['nor itself', { score: { over: 7 } }, []],
    [
      'scores between, 0 among them',
      { score: { over: -1, below: 7 } },
      ['21.0.0.1', '30.0.0.1', '94.136.40.1'],
    ],
    ['two conditions', { country: ['DE', 'US'], asn: [64500, 20738] }, ['20.0.0.1', '2001:db8::1']],
    [
      'all conditions',
      { country: 'DE', asn: 64500, distance: { below: 1000 }, score: { below: 0 } },
      ['20.0.0.1', '2001:db8::1'],
    ],
    ['all conditions but one', { country: 'DE', asn: 64500, distance: { over: 1000 } }, []],
  ])('%s', (_, lists, expected) => {
    const reversed = asking(lists)
    expect(ADDRESSES.filter((it) => reversed(ownerOf(it)) === '127.0.0.2')).toEqual(expected)
    const written = asking(lists, { owner: 'address' })
    expect(ADDRESSES.filter((it) => written(it) === '127.0.0.2')).toEqual(expected)
  })

  test.each([
    ['invalid', ['95.0.0.1']],
    ['valid', ['94.136.40.1']],
    ['not-found', ['96.0.0.1']],
    [
      ['valid', 'invalid'],
      ['94.136.40.1', '95.0.0.1'],
    ],
  ])('RPKI %s', (rpki, expected) => {
    const ask = asking({ rpki })
    expect(STATES.filter((it) => ask(ownerOf(it)) === '127.0.0.2')).toEqual(expected)
    expect(ask(ownerOf(expected[0]), 'TXT')).toBe(`"RPKI ${[rpki].flat()[0]}"`)
  })

  test('each AS of a prefix counts with multi-origin', () => {
    for (const asn of [20738, 20773]) {
      const ask = asking({ asn }, { 'multi-origin': true })
      expect(ask('1.40.136.94', 'TXT')).toBe('"AS20738 20773"')
    }
    expect(asking({ asn: [207, 73, 2073820773] }, { 'multi-origin': true })('1.40.136.94')).toBe('')
  })

  test('a network whose addresses are all listed', () => {
    const ask = asking({ asn: 64500 }, { owner: 'address' })
    expect([ask('20.0.0.0/25'), ask('8.8.8.0/24'), ask('20.0.0.0/8')]).toEqual(['127.0.0.2', '', ''])
  })

  test('what needs and country say, too', () => {
    expect(asking({ score: { below: 100 } }, { needs: 'country', country: 'DE' })('1.0.0.20')).toBe(
      '127.0.0.2',
    )
    expect(asking({ score: { below: 100 } }, { needs: 'country', country: 'DE' })('8.8.8.8')).toBe('')
    expect(asking({ score: { below: 100 } }, { needs: 'distance' })('1.0.0.21')).toBe('')
  })
})

describe('what is answered', () => {
  test.each([
    [{ country: 'DE' }, '"country DE"'],
    [{ asn: 64500 }, '"AS64500"'],
    [{ distance: { over: 0 } }, '"distance 367 km"'],
    [{ score: { below: 0 }, asn: 64500 }, '"AS64500, score -1000"'],
  ])('why an address is listed: %j', (lists, text) => {
    expect(asking(lists)('1.0.0.20', 'TXT')).toBe(text)
  })

  test('an address and a text of its own', () => {
    const ask = asking({ country: 'DE' }, { a: '127.0.0.{country-low}', txt: '{name}' })
    expect([ask('1.0.0.20'), ask('1.0.0.20', 'AAAA'), ask('1.0.0.20', 'TXT')]).toEqual([
      '127.0.0.20',
      '::ffff:127.0.0.20',
      '"Bad"',
    ])
  })

  test('the points of every list for tests (RFC 5782 5)', () => {
    const ask = asking({ country: 'DE' }, { a: '127.0.0.9' })
    const mapped = (last: string) => ownerOf(`::ffff:7f00:${last}`)
    expect([ask('2.0.0.127'), ask('2.0.0.127', 'TXT'), ask(mapped('2'))]).toEqual([
      '127.0.0.2',
      '"test entry, RFC 5782"',
      '127.0.0.2',
    ])
    expect([ask('1.0.0.127'), ask(mapped('1'))]).toEqual(['', ''])
    expect(asking({ country: 'DE' }, { owner: 'address' })('::ffff:127.0.0.2')).toBe('127.0.0.2')
  })
})

test('any conditions hold as they do for the texts of the record', () => {
  const TOO_FAR_KM = 1319
  const number = fc.integer({ min: -1100, max: 10_000 })
  const withinOf = <L>(limit: fc.Arbitrary<L>) =>
    fc.record({ over: limit, below: limit }, { requiredKeys: [] })
  const lists = fc.record(
    {
      country: fc.array(fc.constantFrom('US', 'DE', 'EU', 'FR')),
      asn: fc.array(fc.constantFrom(15169, 64500, 4199999999, 20738, 1)),
      distance: withinOf(fc.oneof(number, fc.constant('{too-far}' as const))),
      score: withinOf(number),
      rpki: fc.subarray(['valid', 'not-found', 'invalid'] as const, { minLength: 1 }),
      reputation: withinOf(fc.integer({ min: -30, max: 30 })),
    },
    { requiredKeys: [] },
  )
  type Limit = number | '{too-far}'
  const numberOf = (it: Limit): number => (it === '{too-far}' ? TOO_FAR_KM : it)
  const isWithin = (text: string, { over = -Infinity, below = Infinity }: { over?: Limit; below?: Limit }) =>
    text !== '' && Number(text) > numberOf(over) && Number(text) < numberOf(below)
  fc.assert(
    fc.property(lists, (definition) => {
      const condition = new Condition(definition, false, TOO_FAR_KM)
      for (let record = 1; record < table.recordCount; record++) {
        const text = (column: number): string => table.text(record, column)
        const { country, asn, distance, score, rpki, reputation } = definition
        const state = table.blockText(record, COLUMN.registry, RPKI_STATE)
        const learned = table.blockText(record, COLUMN.score, REPUTATION.value)
        const expected =
          (country?.includes(text(COLUMN.country) as 'US') ?? true) &&
          (asn?.map(String).includes(text(COLUMN.asn)) ?? true) &&
          (distance === undefined || isWithin(text(COLUMN.distance), distance)) &&
          (score === undefined || isWithin(text(COLUMN.score), score)) &&
          (rpki?.includes(state as 'valid') ?? true) &&
          (reputation === undefined || isWithin(learned, reputation))
        expect(condition.holds(table, record)).toBe(expected)
      }
    }),
  )
})
