// Settings of RPKI without effect are told.

import { expect, test } from 'vitest'
import { hiddenPrefixesWarning, rpkiWarning } from '../../../src/data/compile/rpki-warning.ts'
import type { RpkiCounts } from '../../../src/table/metadata.ts'

const NONE = { valid: 0, 'not-found': 0, invalid: 0 }
const metadataOf = (rpki?: RpkiCounts) => ({
  sources: [],
  date: '2026-06-17T19:00:00.000Z',
  coverage: { v4: { asn: 0, country: 0 }, v6: { asn: 0, country: 0 } },
  rpki,
})

test('ROAs without announced prefixes', () => {
  expect(rpkiWarning(metadataOf({ v4: NONE, v6: NONE }), false)).toBe(
    'rpki: no source tells which prefixes are announced, so of no address it is known whether it is valid; name a source of format pfx2as or routeviews, too',
  )
})

test('weights without ROAs', () => {
  expect(rpkiWarning(metadataOf(), true)).toBe(
    'score.rpki: no source has ROAs, so it weighs nothing; name a source of what: rpki',
  )
})

test.each([
  ['neither', metadataOf()],
  ['both', metadataOf({ v4: NONE, v6: { ...NONE, 'not-found': 1 } })],
])('nothing of %s', (_, metadata) => {
  expect(rpkiWarning(metadata, false)).toBeNull()
})

const ROAS = { what: 'rpki', format: 'vrp-json', from: ['/x'] } as const
const PREFIXES = { what: 'asn', format: 'pfx2as', from: ['/pfx2as'] } as const
const RANGES = { what: 'asn', format: 'csv', from: ['/ranges.csv'] } as const

test('ranges above announced prefixes', () => {
  expect(hiddenPrefixesWarning([ROAS, RANGES, PREFIXES])).toBe(
    'rpki: /ranges.csv (csv) comes before /pfx2as (pfx2as) in sources and hides its prefixes, so of addresses that both have it is not known whether they are valid; name it after that one',
  )
  expect(
    hiddenPrefixesWarning([PREFIXES, RANGES, { ...PREFIXES, format: 'routeviews' }, ROAS]),
  ).not.toBeNull()
})

test.each([
  ['ranges below', [ROAS, PREFIXES, RANGES]],
  ['no ROAs', [RANGES, PREFIXES]],
  ['what tells of no AS', [{ ...RANGES, what: 'country' }, PREFIXES, ROAS]],
  ['prefixes alone', [PREFIXES, PREFIXES, ROAS]],
] as const)('nothing of %s', (_, sources) => {
  expect(hiddenPrefixesWarning(sources)).toBeNull()
})
