import { describe, expect, test } from 'vitest'
import type { Decision } from '../../src/policy/decision.ts'
import { KIND, PERMANENT } from '../../src/policy/state.ts'
import { Account, clientIn, NOON } from './account.ts'
import { rulesWith } from './rules-with.ts'

const A = '192.0.2.1'
const B = '192.0.2.2'
const C = '192.0.2.3'
const D = '192.0.2.4'
const HOUR = 60
const home = (...codes: readonly string[]) => ({ codes: new Set(codes), countries: 3, ips: 10 })
const countsOf = ({ counts }: Decision) =>
  `Fc ${counts.countries} Fi ${counts.ips} Hc ${counts.homeCountries} Hi ${counts.homeIps}`

describe('an account that travels, minute by minute', () => {
  const account = new Account(rulesWith({ home: home('DE') }))

  test('it may come from two countries, and from home', () => {
    expect(countsOf(account.at(0, clientIn('US', A)))).toBe('Fc 1 Fi 1 Hc 0 Hi 0')
    expect(countsOf(account.at(1, clientIn('FR', B)))).toBe('Fc 2 Fi 2 Hc 0 Hi 0')
    expect(countsOf(account.at(2, clientIn('DE', C)))).toBe('Fc 2 Fi 2 Hc 1 Hi 1')
  })

  test('the third country blocks it for an hour', () => {
    const decision = account.at(3, clientIn('JP', D))
    expect(decision).toMatchObject({ action: 'reject', rule: 'countries', counts: { countries: 3 } })
    expect(account.state.block).toEqual({
      since: NOON + 3 * 60_000,
      until: NOON + 63 * 60_000,
      reason: 'countries 3/2',
    })
  })

  test('while it is blocked it is refused at home as well, and nothing is moved', () => {
    expect(account.at(10, clientIn('DE', C))).toMatchObject({ action: 'reject', rule: 'blocked' })
    const { state } = account
    for (let i = 0; i < 50; i++) expect(account.ask(59, 'JP', D)).toBe('reject')
    expect(account.state.block).toBe(state.block)
    expect(account.state.entries).toEqual(state.entries)
  })

  test('when the block ends, what is old and what was refused does not count', () => {
    expect(countsOf(account.at(63, clientIn('DE', C)))).toBe('Fc 0 Fi 0 Hc 1 Hi 1')
    expect(account.ask(64, 'JP', D)).toBe('none')
  })
})

describe('acceptance cases of rules', () => {
  test('2: the third country', () => {
    const account = new Account(rulesWith())
    expect([account.ask(0, 'DE', A), account.ask(0, 'US', B), account.ask(0, 'RU', C)]).toEqual([
      'none',
      'none',
      'reject',
    ])
  })

  test('3: the fourth address', () => {
    const account = new Account(rulesWith())
    const actions = [80, 81, 82, 83].map((last) => account.ask(0, 'DE', `193.99.144.${last}`))
    expect(actions).toEqual(['none', 'none', 'none', 'reject'])
    expect(account.state.block?.reason).toBe('ips 4/3')
  })

  test('4: twenty addresses of a /64 are one (F3)', () => {
    const account = new Account(rulesWith())
    for (let i = 1; i <= 20; i++)
      expect(account.ask(0, 'DE', `2a02:2e0:3fe:1001::${i.toString(16)}`)).toBe('none')
    expect(account.state.entries[KIND.ip].size).toBe(1)
  })

  test('5: the fourth /64', () => {
    const account = new Account(rulesWith())
    const actions = [1, 2, 3, 4].map((i) => account.ask(0, 'DE', `2a02:2e0:3fe:100${i}::1`))
    expect(actions).toEqual(['none', 'none', 'none', 'reject'])
  })

  test('7: old foreign countries do not lock the owner out at home (F2)', () => {
    const account = new Account(rulesWith({ home: home('DE') }))
    expect([account.ask(0, 'US', A), account.ask(0, 'FR', B), account.ask(0, 'RU', C)]).toEqual([
      'none',
      'none',
      'reject',
    ])
    for (let minute = 0; minute <= 120; minute += 10)
      expect(account.ask(HOUR + 0.02 + minute, 'DE', D)).toBe('none')
  })

  test('8: home and abroad are counted apart', () => {
    const account = new Account(rulesWith({ home: home('DE') }))
    account.ask(0, 'US', A)
    account.ask(0, 'FR', B)
    expect(countsOf(account.at(0, clientIn('DE', C)))).toBe('Fc 2 Fi 2 Hc 1 Hi 1')
  })

  test('9: home has limits of its own', () => {
    const account = new Account(rulesWith({ home: { codes: new Set(['DE', 'CH']), countries: 1, ips: 10 } }))
    expect(account.ask(0, 'DE', A)).toBe('none')
    expect(account.at(0, clientIn('CH', B))).toMatchObject({ action: 'reject', rule: 'home-countries' })
  })

  test('10: who tries again and again is free when the hour is over (F20)', () => {
    const account = new Account(rulesWith())
    account.ask(0, 'DE', A)
    account.ask(0, 'US', B)
    account.ask(0, 'RU', C)
    for (let i = 1; i <= 50; i++) expect(account.ask((59 * i) / 50, 'RU', C)).toBe('reject')
    expect(account.ask(HOUR + 1 / 60, 'DE', A)).toBe('none')
  })

  test('11: a block of what is new lets pass what was known', () => {
    const account = new Account(rulesWith({ block: { duration: 3_600_000, scope: 'new' } }))
    const asked = [
      ['DE', A],
      ['US', B],
      ['RU', C],
      ['DE', A],
      ['CN', D],
    ] as const
    const actions = asked.map(([country, text], i) => account.ask(i, country, text))
    expect(actions).toEqual(['none', 'none', 'reject', 'none', 'reject'])
  })

  test('12: a block without an end', () => {
    const account = new Account(rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
    account.ask(0, 'DE', A)
    account.ask(0, 'US', B)
    account.ask(0, 'RU', C)
    expect(account.ask(1_000_000, 'DE', A)).toBe('reject')
    expect(account.state.block?.until).toBe(PERMANENT)
  })

  test('15: an address without a country counts as an address', () => {
    const account = new Account(rulesWith())
    expect(account.at(0, clientIn(null, '10.0.0.1')).counts).toMatchObject({ ips: 1, countries: 0 })
    expect(account.at(0, clientIn(null, '102.201.16.13')).counts).toMatchObject({ ips: 2, countries: 0 })
  })

  test('17: what is outside of the only countries is refused, without a block', () => {
    const allowOnly = { countries: new Set(['DE']), networks: [], asns: new Set<number>() }
    const account = new Account(rulesWith({ allowOnly }))
    expect(account.ask(0, 'DE', A)).toBe('none')
    expect(account.at(0, clientIn('US', B))).toMatchObject({ action: 'reject', rule: 'allow-only' })
    expect(account.state.block).toBeNull()
    expect(account.state.entries[KIND.ip].size).toBe(1)
    expect(account.ask(0, 'DE', A)).toBe('none')
  })

  test('23: rules that are only watched refuse nothing and block nobody', () => {
    const account = new Account(rulesWith({ mode: 'monitor' }))
    account.ask(0, 'DE', A)
    account.ask(0, 'US', B)
    expect(account.at(0, clientIn('RU', C))).toMatchObject({
      action: 'none',
      would: 'reject',
      rule: 'countries',
    })
    expect(account.state.block).toBeNull()
  })

  test('24: nobody flies at 10,000 km/h, but to a neighbour at once', () => {
    const travel = { speed: 1000, distance: 500 }
    const rules = rulesWith({ travel, actions: { limit: 'reject', travel: 'reject', score: 'reject' } })
    const [u, v, w] = [new Account(rules), new Account(rules), new Account(rules)]
    expect([u.ask(0, 'DE', A), u.ask(30, 'US', B)]).toEqual(['none', 'reject'])
    expect(u.state.block?.reason).toMatch(/^travel \d+\/1000 km\/h$/)
    expect([v.ask(0, 'DE', A), v.ask(0, 'CH', B)]).toEqual(['none', 'none'])
    expect([w.ask(0, 'DE', A), w.ask(11 * HOUR, 'US', B)]).toEqual(['none', 'none'])
  })
})

describe('limits', () => {
  test('0 forbids, and none at all is none', () => {
    const none = new Account(rulesWith({ limits: { countries: 0, ips: null, asns: null } }))
    expect(none.ask(0, 'US', A)).toBe('reject')
    const off = new Account(rulesWith({ limits: { countries: null, ips: null, asns: null } }))
    for (let i = 0; i < 60; i++) expect(off.ask(0, 'US', `192.0.2.${i}`)).toBe('none')
  })

  test('ASes', () => {
    const account = new Account(rulesWith({ limits: { countries: null, ips: null, asns: 1 } }))
    expect(account.ask(0, 'US', A, { asn: 15169 })).toBe('none')
    expect(account.at(0, clientIn('US', B, { asn: 3320 }))).toMatchObject({ action: 'reject', rule: 'asns' })
  })

  test('without a block, what was refused stays refused, and what is known goes on', () => {
    const account = new Account(rulesWith({ block: { duration: 0, scope: 'account' } }))
    account.ask(0, 'DE', A)
    account.ask(0, 'US', B)
    for (let i = 1; i < 5; i++) {
      expect(account.ask(i, 'RU', C)).toBe('reject')
      expect(account.ask(i, 'DE', A)).toBe('none')
    }
    expect(account.ask(HOUR + 5, 'RU', C)).toBe('none')
  })

  test('what is only warned of counts and passes; what is put off does neither', () => {
    const warned = new Account(rulesWith({ actions: { limit: 'warn', travel: 'off', score: 'off' } }))
    for (const country of ['DE', 'US', 'RU', 'CN']) warned.ask(0, country, A)
    expect(warned.at(0, clientIn('FR', A))).toMatchObject({ action: 'warn', counts: { countries: 5 } })
    const deferred = new Account(rulesWith({ actions: { limit: 'defer', travel: 'off', score: 'off' } }))
    for (const country of ['DE', 'US', 'RU']) deferred.ask(0, country, A)
    expect(deferred.state.block).toBeNull()
    expect(deferred.at(0, clientIn('US', A))).toMatchObject({ action: 'none', counts: { countries: 2 } })
  })
})

describe('other rules', () => {
  test('16: what is exempt is not remembered', () => {
    const exempt = {
      countries: new Set<string>(),
      networks: [{ family: 4, words: [0x7f000000], length: 8 }] as const,
      asns: new Set<number>(),
    }
    const account = new Account(rulesWith({ exempt, limits: { countries: 0, ips: 0, asns: null } }))
    expect(account.at(0, clientIn(null, '127.0.0.1'))).toMatchObject({ action: 'none', rule: 'exempt' })
    expect(account.state.entries[KIND.ip].size).toBe(0)
  })

  test('a score that is too low is refused, without a block', () => {
    const account = new Account(rulesWith({ scoreBelow: -10 }))
    expect(account.ask(0, 'US', A, { score: -9 })).toBe('none')
    expect(account.at(0, clientIn('US', B, { score: -10 }))).toMatchObject({
      action: 'reject',
      rule: 'score',
    })
    expect(account.state.block).toBeNull()
    expect(account.state.entries[KIND.ip].size).toBe(1)
  })

  test('an unknown country counts, or is refused, where that is wanted', () => {
    const counted = new Account(rulesWith({ unknownCountry: 'count' }))
    expect(counted.at(0, clientIn(null, A)).counts.countries).toBe(1)
    const refused = new Account(rulesWith({ unknownCountry: 'refuse' }))
    expect(refused.at(0, clientIn(null, A))).toMatchObject({ action: 'reject', rule: 'unknown-country' })
  })

  test('a block survives a clock that goes backwards', () => {
    const account = new Account(rulesWith())
    for (const country of ['DE', 'US', 'RU']) account.ask(0, country, A)
    expect(account.ask(-600, 'DE', A)).toBe('reject')
  })
})
