// What holds whatever an account does.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apply } from '../../src/policy/apply.ts'
import { isChange } from '../../src/policy/decision.ts'
import { decide } from '../../src/policy/rules.ts'
import type { Rules } from '../../src/policy/settings.ts'
import { isBlocked, KIND, MOST_ENTRIES, NO_STATE } from '../../src/policy/state.ts'
import { expectSame } from '../support/expect-same.ts'
import { Account, clientIn, NOON } from './account.ts'
import { rulesWith } from './rules-with.ts'

const MINUTE = 60_000
const COUNTRIES = ['DE', 'CH', 'US', 'FR', 'RU', 'CN', 'JP'] as const

interface Request {
  /** Minutes since the last request. */
  readonly wait: number
  readonly country: (typeof COUNTRIES)[number]
  readonly host: number
}

const requests = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 40 }),
    country: fc.constantFrom(...COUNTRIES),
    host: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 80 },
)

/** An address is in one country. */
const addressOf = ({ country, host }: Request): string => `192.0.${COUNTRIES.indexOf(country)}.${host}`

const limits = fc.record({
  countries: fc.option(fc.integer({ min: 0, max: 4 })),
  ips: fc.option(fc.integer({ min: 0, max: 4 })),
  asns: fc.constant(null),
})

const someRules: fc.Arbitrary<Rules> = fc
  .record({
    limits,
    duration: fc.constantFrom(0, 20 * MINUTE, 60 * MINUTE, 200 * MINUTE),
    scope: fc.constantFrom('account' as const, 'new' as const),
  })
  .map(({ limits: of, duration, scope }) =>
    rulesWith({
      limits: of,
      block: { duration, scope },
      home: { codes: new Set(['DE']), countries: null, ips: null },
    }),
  )

describe('whatever an account does', () => {
  test('no more than the limit of distinct values from abroad passes within a window', () => {
    fc.assert(
      fc.property(someRules, requests, (rules, history) => {
        const account = new Account(rules)
        let minutes = 0
        const passed: { readonly at: number; readonly country: string; readonly address: string }[] = []
        for (const request of history) {
          minutes += request.wait
          const address = addressOf(request)
          if (account.ask(minutes, request.country, address) !== 'none' || request.country === 'DE') continue
          passed.push({ at: minutes, country: request.country, address })
          // What is touched early in a window isn't written anew for a sixtieth of it.
          const recent = passed.filter(({ at }) => at > minutes - 59)
          const { countries, ips } = rules.limits
          const passing = [
            [new Set(recent.map((it) => it.country)).size, countries],
            [new Set(recent.map((it) => it.address)).size, ips],
          ]
          const tooMany = passing.filter(([count, limit]) => limit !== null && count! > limit)
          expectSame(tooMany, [])
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a retry in a block of the account changes nothing but what is remembered of new values', () => {
    fc.assert(
      fc.property(someRules, requests, requests, (rules, history, retries) => {
        const blocking = { ...rules, block: { duration: 500 * MINUTE, scope: 'account' as const } }
        const account = new Account(blocking)
        let minutes = 0
        for (const request of history) {
          minutes += request.wait
          account.ask(minutes, request.country, addressOf(request))
        }
        const before = account.state
        fc.pre(isBlocked(before, NOON + minutes * MINUTE))
        const end = (before.block?.until ?? 0) - NOON
        for (const request of retries) {
          if ((minutes + request.wait) * MINUTE >= end) break
          minutes += request.wait
          expectSame(account.ask(minutes, request.country, addressOf(request)), 'reject')
        }
        expectSame(account.state.block, before.block)
        for (const kind of [KIND.ip, KIND.country] as const) {
          for (const [value, entry] of before.entries[kind])
            expectSame(account.state.entries[kind].get(value), entry)
          expectSame(account.state.entries[kind].size <= MOST_ENTRIES, true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a known client at home is never refused for what happens abroad, unless the account is blocked', () => {
    fc.assert(
      fc.property(someRules, requests, (rules, history) => {
        const account = new Account({ ...rules, home: { codes: new Set(['DE']), countries: 1, ips: 60 } })
        let minutes = 0
        for (const request of history) {
          minutes += request.wait
          const wasBlocked = isBlocked(account.state, NOON + minutes * MINUTE)
          const action = account.ask(minutes, request.country, addressOf(request))
          if (request.country === 'DE' && !wasBlocked) expectSame(action, 'none')
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('in whatever order parallel requests are judged, as many values count', () => {
    fc.assert(
      fc.property(someRules, requests, fc.infiniteStream(fc.nat()), (rules, together, numbers) => {
        const unblocked = { ...rules, block: { duration: 0, scope: 'account' as const } }
        const shuffled = together
          .map((request) => ({ request, order: numbers.next().value as number }))
          .sort((a, b) => a.order - b.order)
          .map(({ request }) => request)
        const counts = [together, shuffled].map((order) => {
          const account = new Account({ ...unblocked, limits: { ...rules.limits, countries: null } })
          for (const request of order) account.ask(0, request.country, addressOf(request))
          const abroad = [...account.state.entries[KIND.ip].values()].filter(
            ({ refused, home }) => !refused && !home,
          )
          return abroad.length
        })
        expectSame(counts[0], counts[1])
      }),
      { numRuns: 1000 },
    )
  })

  test('what is remembered is bounded, and what changes nothing says so', () => {
    const account = new Account(rulesWith({ mode: 'monitor' }))
    for (let host = 0; host < 1000; host++) account.ask(host / 100, 'US', `10.0.${host >> 8}.${host & 255}`)
    expect(account.state.entries[KIND.ip].size).toBe(MOST_ENTRIES)
    expect(account.state.entries[KIND.ip].has('10.0.3.231')).toBe(true)
    const client = clientIn('US', '10.0.3.231')
    expect(isChange(decide(account.state, client, account.rules, NOON + 9.99 * MINUTE).changes)).toBe(false)
    const fresh = decide(NO_STATE, client, account.rules, NOON)
    expect(isChange(fresh.changes)).toBe(true)
    expect(apply(NO_STATE, fresh.changes)).not.toBe(NO_STATE)
  })
})
