// Scores and their parts.

import { describe, expect, it } from 'vitest'
import { Scorer, type Weighable } from '../../src/score/scorer.ts'
import { NO_WEIGHTS, type Weights } from '../../src/score/weights.ts'

const WEIGHTS: Weights = {
  countries: [
    { codes: ['DE', 'US', 'AU'], weight: 10 },
    { codes: ['SE', 'DE'], weight: 5 },
    { codes: ['CH'], weight: 0 },
  ],
  default: -5,
  unknown: -3,
  distance: [
    { over: 4000, weight: -2 },
    { over: 8000, weight: -4 },
    { over: 1000, weight: 0 },
  ],
  asns: [
    { asns: [64500, 64501], weight: -20 },
    { asns: [64500], weight: 99 },
  ],
  prefixes: [],
  rpki: { valid: 1, 'not-found': 0, invalid: -20 },
}

const NOTHING: Weighable = {
  asn: null,
  country: null,
  distance: null,
  isRough: false,
  prefix: null,
  rpki: null,
  learned: null,
}

describe('Scorer', () => {
  it.each<{ name: string; what: Partial<Weighable>; sum: number; parts: string }>([
    { name: 'the country of a class', what: { country: 'US' }, sum: 10, parts: 'country US 10' },
    {
      name: 'the first class that names a country',
      what: { country: 'DE' },
      sum: 10,
      parts: 'country DE 10',
    },
    { name: 'a country of no class', what: { country: 'CN' }, sum: -5, parts: 'country CN -5' },
    { name: 'a country of weight 0 has no part', what: { country: 'CH' }, sum: 0, parts: '' },
    {
      name: 'RPKI',
      what: { country: 'US', rpki: 'invalid' },
      sum: -10,
      parts: 'country US 10 | rpki invalid -20',
    },
    {
      name: 'a state of weight 0',
      what: { country: 'US', rpki: 'not-found' },
      sum: 10,
      parts: 'country US 10',
    },
    {
      name: 'what was learned, with its evidence',
      what: { country: 'CN', learned: { evidence: 'AS14061 22 spam 2 ham', weight: -15 } },
      sum: -20,
      parts: 'country CN -5 | learned AS14061 22 spam 2 ham -15',
    },
    {
      name: 'what was learned, of no weight',
      what: { country: 'CN', learned: { evidence: 'AS14061 22 spam 2 ham', weight: 0 } },
      sum: -5,
      parts: 'country CN -5',
    },
    { name: 'a valid origin', what: { country: 'CH', rpki: 'valid' }, sum: 1, parts: 'rpki valid 1' },
    { name: 'no country', what: {}, sum: -3, parts: 'country unknown -3' },
    { name: 'a band begins behind its limit', what: { country: 'CH', distance: 4000 }, sum: 0, parts: '' },
    {
      name: 'the nearer band',
      what: { country: 'CH', distance: 4001 },
      sum: -2,
      parts: 'distance 4001 km -2',
    },
    {
      name: 'the farthest band that applies, alone',
      what: { country: 'CN', distance: 8123 },
      sum: -9,
      parts: 'country CN -5 | distance 8123 km -4',
    },
    {
      name: 'the first list that names an AS',
      what: { country: 'CH', asn: 64500 },
      sum: -20,
      parts: 'AS64500 -20',
    },
    {
      name: 'everything at once',
      what: {
        country: 'US',
        distance: 9000,
        asn: 64501,
        prefix: { cidr: '192.0.2.0/24', weight: 15 },
      },
      sum: 1,
      parts: 'country US 10 | distance 9000 km -4 | AS64501 -20 | prefix 192.0.2.0/24 15',
    },
    {
      name: 'parts that make 0',
      what: { country: 'US', prefix: { cidr: '2001:db8::/32', weight: -10 } },
      sum: 0,
      parts: 'country US 10 | prefix 2001:db8::/32 -10',
    },
  ])('$name', ({ what, sum, parts }) => {
    expect(new Scorer(WEIGHTS).weigh({ ...NOTHING, ...what })).toEqual({ sum, parts })
  })

  it('gives 0 to everything without weights', () => {
    const scorer = new Scorer(NO_WEIGHTS)
    expect(scorer.weigh(NOTHING)).toEqual({ sum: 0, parts: '' })
    expect(scorer.weigh({ ...NOTHING, asn: 64500, country: 'CN', distance: 20000, rpki: 'invalid' })).toEqual(
      {
        sum: 0,
        parts: '',
      },
    )
  })

  describe('a rough distance never counts as closer than', () => {
    const scorer = new Scorer({
      ...NO_WEIGHTS,
      distance: [
        { over: 0, weight: 5 },
        { over: 500, weight: 2 },
        { over: 1000, weight: 0 },
        { over: 4000, weight: -1 },
        { over: 8000, weight: 3 },
      ],
    })
    it.each([
      { distance: 300, exact: 5, rough: 0 },
      { distance: 700, exact: 2, rough: 0 },
      { distance: 2000, exact: 0, rough: 0 },
      { distance: 5000, exact: -1, rough: -1 },
      { distance: 9000, exact: 3, rough: 3 },
    ])('$distance km: $rough, not $exact', ({ distance, exact, rough }) => {
      const sumOf = (isRough: boolean) => scorer.weigh({ ...NOTHING, distance, isRough }).sum
      expect([sumOf(false), sumOf(true)]).toEqual([exact, rough])
    })
  })
})
