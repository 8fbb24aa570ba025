// What the table knows, as text for people and programs outside of DNS.

import { describe, expect, test } from 'vitest'
import type { Width } from '../../src/table/address-arithmetic.ts'
import { addressAttributes, asAttributes } from '../../src/table/attributes.ts'
import { buildTable } from '../../src/table/build/builder.ts'
import { flatten } from '../../src/table/build/flatten.ts'
import type { RecordTexts } from '../../src/table/build/record-texts.ts'
import { readAddress, toWords } from '../support/bigint-address.ts'
import { toRanges } from '../support/painted-rows.ts'
import { NO_PLACE } from '../support/places.ts'

const TEXTS: Readonly<Record<number, RecordTexts>> = {
  15169: {
    asn: '15169',
    name: 'Google LLC',
    country: { code: 'US', number: 840 },
    registry: 'arin',
    allocated: '2023-12-28',
    location: 5,
    distance: 7654,
    isRough: true,
    score: { sum: -12, parts: 'country US -2 | AS15169 -10' },
  },
  0: { country: { code: 'NL', number: 528 } },
}

function layer(width: Width, rows: readonly (readonly [string, string, number])[]) {
  const ranges = rows.map(([start, end, value]) => ({
    start: readAddress(start),
    end: readAddress(end),
    value,
  }))
  return flatten(toRanges(ranges, width)).intervals
}

const table = buildTable({
  v4: {
    asn: layer(1, [['8.8.4.0', '8.8.8.255', 15169]]),
    country: layer(1, [['192.0.2.0', '192.0.2.255', 1]]),
    registry: layer(1, []),
  },
  v6: {
    asn: layer(4, [['2001:4860::', '2001:4860:ffff:ffff:ffff:ffff:ffff:ffff', 15169]]),
    country: layer(4, []),
    registry: layer(4, []),
  },
  describe: ([asn]) => TEXTS[asn],
  describeLocation: () => ({
    city: 'Mountain View',
    region: 'California',
    country: 'US',
    continent: 'NA',
    latitude: '37.4223',
    longitude: '-122.085',
  }),
  metadata: { sources: [], date: '2026-06-17T19:00:00.000Z' },
})

const google = {
  asn: 15169,
  name: 'Google LLC',
  country: 'US',
  registry: 'arin',
  rpki: null,
  roas: [],
  allocated: '2023-12-28',
  city: 'Mountain View',
  region: 'California',
  cityCountry: 'US',
  continent: 'NA',
  latitude: 37.4223,
  longitude: -122.085,
  distance: 7654,
  distanceIsRough: true,
  score: -12,
  scoreParts: ['country US -2', 'AS15169 -10'],
  reputation: null,
  reputationEvidence: null,
}

const about = (text: string) =>
  addressAttributes(table, toWords(readAddress(text), text.includes(':') ? 4 : 1))

describe('addressFacts', () => {
  test('of an IPv4 address', () => {
    expect(about('8.8.8.8')).toEqual({ ...google, prefix: '8.8.8.0/24', range: '8.8.4.0-8.8.8.255' })
    expect(about('8.8.5.1')).toEqual({ ...google, prefix: '8.8.4.0/22', range: '8.8.4.0-8.8.8.255' })
  })

  test('of an IPv6 address', () => {
    expect(about('2001:4860:4860::8888')).toEqual({
      ...google,
      prefix: '2001:4860::/32',
      range: '2001:4860::-2001:4860:ffff:ffff:ffff:ffff:ffff:ffff',
    })
  })

  test('of an address whose AS is unknown', () => {
    expect(about('192.0.2.1')).toEqual({
      asn: null,
      name: null,
      prefix: null,
      range: '192.0.2.0-192.0.2.255',
      country: 'NL',
      registry: null,
      rpki: null,
      roas: [],
      allocated: null,
      ...NO_PLACE,
      distance: null,
      distanceIsRough: false,
      score: 0,
      scoreParts: [],
      reputation: null,
      reputationEvidence: null,
    })
  })

  test.each(['10.0.0.1', '8.8.9.0', '8.8.3.255', '0.0.0.0', '255.255.255.255', '::', '2001:4861::'])(
    'of %s there are none',
    (text) => {
      expect(about(text)).toBeNull()
    },
  )
})

describe('asFacts', () => {
  test('of an AS, which has no prefix', () => {
    expect(asAttributes(table, 15169)).toEqual({ ...google, prefix: null, range: null })
  })

  test.each([0, 15168, 15170, 4294967295])('of AS%i there are none', (asn) => {
    expect(asAttributes(table, asn)).toBeNull()
  })
})
