// The three forms in which geoip-policyd has kept accounts.

import { describe, expect, test } from 'vitest'
import { KIND, MOST_ENTRIES, PERMANENT } from '../../src/policy/state.ts'
import { readGeoipPolicyd } from '../../src/policy-server/redis/geoip-policyd.ts'

const NOW = Date.UTC(2026, 10, 27, 12)
const HOUR = 3_600_000
const options = { prefixes: { ipv4: 32, ipv6: 64 }, window: HOUR, now: NOW }

/** Some minutes ago, as geoip-policyd writes it. */
const ago = (minutes: number): string => `${NOW - minutes * 60_000}131012`

const entry = (minutes: number, home = false) => {
  const at = NOW - minutes * 60_000
  return { first: at, last: at, home, refused: false }
}

const of = (text: string) => readGeoipPolicyd('u', text, options)?.state ?? null

describe('an account of geoip-policyd', () => {
  test.each([
    [
      'of today',
      `{"ForeignIPs":{"192.0.2.9":${ago(5)}},"ForeignCountries":{"US":${ago(5)}},"HomeCountries":{"IPs":{"192.0.2.1":${ago(7)}},"Countries":{"DE":${ago(7)}}},"Actions":null,"Locked":false}`,
      [
        { '192.0.2.9': entry(5), '192.0.2.1': entry(7, true) },
        { US: entry(5), DE: entry(7, true) },
      ],
    ],
    [
      'until September 2024',
      `{"IPs":{"192.0.2.9":${ago(5)}},"Countries":{"US":${ago(5)}},"HomeCountries":null,"Actions":["operator"],"Locked":false}`,
      [{ '192.0.2.9': entry(5) }, { US: entry(5) }],
    ],
    [
      'until October 2022',
      `{"IPs":[{"192.0.2.9":${ago(5)}},{"192.0.2.8":${ago(6)}}],"Countries":[{"US":${ago(5)}}],"Actions":null,"Locked":false}`,
      [{ '192.0.2.9': entry(5), '192.0.2.8': entry(6) }, { US: entry(5) }],
    ],
  ])('%s is read', (_, text, [ips, countries]) => {
    const state = of(text)
    expect(Object.fromEntries(state?.entries[KIND.ip] ?? [])).toEqual(ips)
    expect(Object.fromEntries(state?.entries[KIND.country] ?? [])).toEqual(countries)
    expect(state?.block).toBeNull()
  })

  test('that is locked is blocked without an end, whatever else is left of it', () => {
    const state = of(
      `{"ForeignIPs":{"192.0.2.9":${ago(90)}},"ForeignCountries":null,"HomeCountries":null,"Locked":true}`,
    )
    expect(state?.block).toEqual({ since: NOW, until: PERMANENT, reason: 'imported' })
    expect(state?.entries[KIND.ip].size).toBe(0)
  })

  test('of which nothing counts any more has nothing left', () => {
    const state = of(
      `{"ForeignIPs":{"192.0.2.9":${ago(60)}},"ForeignCountries":{"US":${ago(61)}},"Locked":false}`,
    )
    expect(state).toEqual({ entries: [new Map(), new Map(), new Map()], block: null, place: null })
  })

  test('counts addresses of a network as one, with its latest time', () => {
    const state = of(
      `{"ForeignIPs":{"2001:db8::1":${ago(5)},"2001:db8::2":${ago(3)},"unknown":${ago(1)}},"ForeignCountries":{"":${ago(1)}}}`,
    )
    expect([...(state?.entries[KIND.ip] ?? [])]).toEqual([
      ['2001:db8::/64', { ...entry(3), first: NOW - 5 * 60_000 }],
    ])
    expect(state?.entries[KIND.country].size).toBe(0)
  })

  test('with more addresses than are kept has the newest of them, and none from the future', () => {
    const many = Array.from({ length: 200 }, (_, i) => `"10.0.0.${i}":${ago(i / 10 - 1)}`).join(',')
    const ips = of(`{"ForeignIPs":{${many}}}`)?.entries[KIND.ip]
    expect(ips?.size).toBe(MOST_ENTRIES)
    expect(ips?.has('10.0.0.63')).toBe(true)
    expect(Math.max(...[...(ips?.values() ?? [])].map(({ last }) => last))).toBe(NOW)
  })

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '"text"',
    '{"colour":"red"}',
    '{"ForeignIPs":[5]}',
    '{"IPs":{"x":"y"}}',
    '{"Locked":1}',
    '{',
  ])('is not %s', (text) => {
    expect(of(text)).toBeNull()
  })
})
