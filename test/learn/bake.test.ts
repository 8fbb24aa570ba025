// The rows that answers are made of: together they say of each address what the model says.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSender } from '../../src/learn/address.ts'
import { productRows } from '../../src/learn/bake.ts'
import { Excluded } from '../../src/learn/excluded.ts'
import { explain } from '../../src/learn/explain.ts'
import { rspamdMapLines, weightLines, weightOf } from '../../src/learn/exports.ts'
import { scoreOf } from '../../src/learn/model.ts'
import { writePlace } from '../../src/learn/place.ts'
import type { LearnedRow } from '../../src/learn/product.ts'
import { addressAttributes } from '../../src/table/attributes.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import type { Table } from '../../src/table/table.ts'
import { tableOf } from '../support/table-of-rows.ts'
import { modelOf, NOW } from './lessons.ts'

/** Prefixes in prefixes, of the same AS and of others, a /24 among them; a country in two parts. */
const PREFIXES = `20.0.0.0\t8\t64500
20.1.0.0\t16\t64501
20.1.2.0\t24\t64502
20.1.4.0\t22\t64501
20.2.0.0\t16\t64500
21.0.0.0\t16\t64500
`
const PREFIXES6 = `2001:4860::\t32\t64500
2001:4860:1::\t48\t64501
2001:4860:100::\t40\t64502
`
const COUNTRIES = '20.0.0.0,20.255.255.255,US\n21.0.0.0,21.0.255.255,DE\n'

let table: Table
beforeAll(async () => {
  table = await tableOf([
    { dataset: 'asn', format: 'pfx2as', name: 'a.pfx2as', contents: PREFIXES },
    { dataset: 'asn', format: 'pfx2as', name: 'b.pfx2as', contents: PREFIXES6 },
    { dataset: 'country', format: 'ip-location-db', name: 'c.csv', contents: COUNTRIES },
  ])
})

const ADDRESSES = [
  '20.0.0.1',
  '20.0.0.2',
  '20.0.9.1',
  '20.1.0.1',
  '20.1.2.3',
  '20.1.3.3',
  '20.1.4.4',
  '20.1.5.4',
  '20.2.0.1',
  '20.2.7.1',
  '21.0.0.1',
  '21.0.1.1',
  '2001:4860::1',
  '2001:4860:1::1',
  '2001:4860:100::1',
  '2001:4860:3::1',
]

/** A verdict: which address, and whether it is spam; and which reporter says so. */
type Said = readonly [address: string, isSpam: boolean, reporter: number]

function taught(said: readonly Said[]) {
  const model = modelOf(undefined, 2)
  said.forEach(([address, spam, reporter], at) => {
    const keys = new Uint32Array(8)
    expect(writePlace(table, readSender(address)!.words, keys)).toBe(true)
    model.learn({ keys, address: at, time: NOW, spam, weight: 1, undoes: false, reporter })
  })
  return model
}

/** What the rows tell of an address: the most specific that covers it; 0 for nothing. */
function told(rows: readonly LearnedRow[], address: string): number {
  const { words } = readSender(address)!
  const { asn, country } = addressAttributes(table, words)!
  const networks = rows.flatMap((row) => (row.kind === 'network' ? [{ row, cidr: parseCidr(row.cidr) }] : []))
  const [narrowest] = networks
    .filter(({ cidr }) => {
      const { start, end } = cidr
      const number = (from: ArrayLike<number>): bigint =>
        Array.from(from).reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
      return start.length === words.length && number(start) <= number(words) && number(words) <= number(end)
    })
    .sort((a, b) => b.cidr.length - a.cidr.length)
  const row =
    narrowest?.row ??
    rows.find((one) => one.kind === 'as' && one.asn === asn && one.country === (country ?? '')) ??
    rows.find((one) => one.kind === 'country' && one.country === country)
  return row === undefined || Math.abs(row.decibels) < 3 ? 0 : scoreOf(row.decibels)
}

const said = fc.array(fc.tuple(fc.constantFrom(...ADDRESSES), fc.boolean(), fc.constantFrom(0, 0, 0, 1)), {
  maxLength: 60,
})

test('what the rows tell of an address is what the model tells', () => {
  fc.assert(
    fc.property(said, (all) => {
      const model = taught(all)
      const rows = productRows(model, table, NOW, new Excluded())
      for (const address of ADDRESSES) {
        const { score } = explain(address, model, table, NOW, new Excluded())!
        expect([address, told(rows, address)]).toEqual([address, score ?? 0])
      }
    }),
    { numRuns: 150 },
  )
})

test('nothing of what is excluded is told, though what is around it is', () => {
  const excluded = new Excluded([64501], [parseCidr('20.2.0.0/16')])
  const many = ADDRESSES.flatMap((address) =>
    Array.from({ length: 9 }, (): Said => [address, !address.startsWith('21'), 0]),
  )
  const model = taught([...many, ...Array.from({ length: 300 }, (): Said => ['21.0.0.1', false, 0])])
  const rows = productRows(model, table, NOW, excluded)
  for (const address of ADDRESSES) {
    const { untold } = explain(address, model, table, NOW, excluded)!
    const isExcluded = [
      '20.1.0.1',
      '20.1.3.3',
      '20.1.4.4',
      '20.1.5.4',
      '20.2.0.1',
      '20.2.7.1',
      '2001:4860:1::1',
    ]
    expect([address, untold]).toEqual([address, isExcluded.includes(address) ? 'excluded' : null])
    expect(told(rows, address) === 0).toBe(isExcluded.includes(address))
  }
})

test('what one message says alone is not told', () => {
  const rows = productRows(taught([['21.0.0.1', true, 0]]), table, NOW, new Excluded())
  expect(told(rows, '21.0.0.1')).toBe(0)
})

describe('for other programs', () => {
  const rows: readonly LearnedRow[] = [
    { kind: 'country', country: 'US', decibels: 20, text: 'US | 9 spam, 0 ham | 2026-11-27' },
    { kind: 'as', asn: 64500, country: 'DE', decibels: 14.2, text: 'AS64500 | 9 spam, 0 ham | 2026-11-27' },
    { kind: 'as', asn: 64500, country: 'US', decibels: 12.6, text: 'AS64500 | 9 spam, 0 ham | 2026-11-27' },
    { kind: 'as', asn: 64501, country: 'US', decibels: 0.2, text: 'AS64501 | 1 spam, 1 ham | 2026-11-27' },
    {
      kind: 'network',
      cidr: '20.0.0.0/24',
      decibels: -4,
      text: 'AS64500 | 9 spam, 0 ham | 20.0.0.0/24 | 0 spam',
    },
    {
      kind: 'network',
      cidr: '20.1.0.0/24',
      decibels: 25,
      text: 'AS64501 | 1 spam, 1 ham | 20.1.0.0/24 | 9 spam',
    },
  ]

  test('a file of weights: a network and its AS add up to what the network tells', () => {
    expect(weightLines(rows, { weight: 1, most: 15 })).toEqual([
      'subject,weight,note',
      'AS64500,-13,"AS64500 | 9 spam, 0 ham | 2026-11-27"',
      '20.0.0.0/24,17,"AS64500 | 9 spam, 0 ham | 20.0.0.0/24 | 0 spam"',
      '20.1.0.0/24,-15,"AS64501 | 1 spam, 1 ham | 20.1.0.0/24 | 9 spam"',
    ])
  })

  test('a map for rspamd: positive for spam', () => {
    expect(rspamdMapLines(rows)).toEqual(['64500 13 # AS64500 | 9 spam, 0 ham | 2026-11-27'])
  })

  test('a weight has its bounds', () => {
    expect([50, 12, -50, 0.1].map((decibels) => weightOf(decibels, { weight: 1, most: 15 }))).toEqual([
      -15, -12, 15, 0,
    ])
    expect(weightOf(12, { weight: 0.5, most: 15 })).toBe(-6)
  })
})
