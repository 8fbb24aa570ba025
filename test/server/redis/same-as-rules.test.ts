// The rules exist in TypeScript and in Lua: whatever is asked, Redis and SQLite answer and remember the same.

import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply } from '../../../src/policy/apply.ts'
import type { Client } from '../../../src/policy/client.ts'
import { type Decision, isChange } from '../../../src/policy/decision.ts'
import { decide } from '../../../src/policy/rules.ts'
import type { Rules } from '../../../src/policy/settings.ts'
import {
  type Entry,
  isBlocked,
  KINDS,
  MOST_ENTRIES,
  NO_STATE,
  PERMANENT,
  type SubjectState,
} from '../../../src/policy/state.ts'
import { RedisStore } from '../../../src/policy-server/redis/redis-store.ts'
import { SqliteStore } from '../../../src/policy-server/sqlite-store.ts'
import { clientIn, NOON } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { isRedisMissing, type RedisServer, redisSettings, startRedis } from '../../support/redis-servers.ts'

const MINUTE = 60_000
const COUNTRIES = ['DE', 'CH', 'US', 'FR', 'RU', 'CN', null] as const

/** No -0: as text it is 0. */
const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true }).map((of) => of + 0)

const request = fc.record({
  user: fc.constantFrom('anna@example.com', 'a}b{c'),
  wait: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 3 * MINUTE }),
    fc.integer({ min: 0, max: 90 * MINUTE }),
  ),
  country: fc.constantFrom(...COUNTRIES),
  host: fc.integer({ min: 0, max: 4 }),
  isIpv6: fc.boolean(),
  asn: fc.option(fc.integer({ min: 1, max: 3 })),
  score: fc.integer({ min: -3, max: 3 }),
  place: fc.option(
    fc.record({
      latitude: degrees(90),
      longitude: degrees(180),
      radius: fc.constantFrom(50, 1000),
      isCity: fc.boolean(),
    }),
  ),
  isLook: fc.boolean(),
})

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

const limit = fc.option(fc.integer({ min: 0, max: 3 }))
const action = fc.constantFrom('reject' as const, 'defer' as const, 'warn' as const, 'off' as const)

const origins = fc.record({
  countries: fc.subarray(['DE', 'US', 'FR']).map((of) => new Set<string>(of)),
  networks: fc.constant([]),
  asns: fc.subarray([1, 2]).map((of) => new Set<number>(of)),
})

const nowhere = fc.constant({ countries: new Set<string>(), networks: [], asns: new Set<number>() })

const someRules: fc.Arbitrary<Rules> = fc
  .record({
    mode: fc.constantFrom('enforce' as const, 'enforce' as const, 'monitor' as const),
    window: fc.constantFrom(10 * MINUTE, 60 * MINUTE, 90_000),
    limits: fc.record({ countries: limit, ips: limit, asns: limit }),
    home: fc.record({
      codes: fc.subarray(['DE', 'CH']).map((of) => new Set<string>(of)),
      countries: limit,
      ips: limit,
    }),
    allowOnly: fc.oneof({ weight: 4, arbitrary: nowhere }, origins),
    exempt: fc.oneof({ weight: 4, arbitrary: nowhere }, origins),
    unknownCountry: fc.constantFrom('skip' as const, 'count' as const, 'refuse' as const),
    travel: fc.record({ speed: fc.constantFrom(null, 200, 999.5), distance: fc.constantFrom(0, 500) }),
    scoreBelow: fc.constantFrom(null, null, -2, 0),
    block: fc.record({
      duration: fc.constantFrom(0, 5 * MINUTE, 60 * MINUTE, PERMANENT),
      scope: fc.constantFrom('account' as const, 'new' as const),
    }),
    actions: fc.record({ limit: action, travel: action, score: action }),
  })
  .map((of) => rulesWith(of))

function clientOf({ country, host, isIpv6, asn, score, place }: Request, rules: Rules): Client {
  const of = COUNTRIES.indexOf(country)
  const text = isIpv6 ? `2001:db8:${of}:${host}::1` : `192.0.${of}.${host}`
  return clientIn(country, text, { asn, score, place }, rules)
}

/** What the program in Redis does besides: what doesn't count any more goes with each change, unless a block needs it. */
function withoutDead(
  before: SubjectState,
  after: SubjectState,
  { window }: Rules,
  now: number,
): SubjectState {
  if (isBlocked(before, now)) return after
  const [ips, countries, asns] = KINDS.map((kind) => living(after, kind, now - window))
  return { ...after, entries: [ips, countries, asns] }
}

const living = (
  state: SubjectState,
  kind: (typeof KINDS)[number],
  since: number,
): ReadonlyMap<string, Entry> => new Map([...state.entries[kind]].filter(([, { last }]) => last > since))

/** States are compared whatever the order of their entries. */
const plain = ({ entries, block, place }: SubjectState) => ({
  entries: entries.map((of) => Object.fromEntries(of)),
  block,
  place,
})

describe.skipIf(isRedisMissing)('whatever is asked', () => {
  let server: RedisServer
  let redis: RedisStore
  const warnings: string[] = []
  let runs = 0

  beforeAll(async () => {
    server = await startRedis()
    const url = `redis://127.0.0.1:${server.port}`
    redis = await RedisStore.open(redisSettings({ url }), {
      onWarning: (message) => warnings.push(message),
      clock: 'request',
    })
  })
  afterAll(async () => {
    await redis?.close()
    await server?.stop()
  })

  test('Redis answers and remembers what the rules say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 40 }),
        fc.array(someRules, { minLength: 1, maxLength: 2 }),
        async (history, several) => {
          await server.call('FLUSHALL')
          const states = new Map<string, SubjectState>()
          const sumsOf = new Map<string, { first: number; requests: number; refused: number }>()
          let now = NOON
          for (const [i, asked] of history.entries()) {
            now += asked.wait
            const rules = several[Math.floor((i * several.length) / history.length)]
            const client = clientOf(asked, rules)
            const state = states.get(asked.user) ?? NO_STATE
            const expected = decide(state, client, rules, now)
            const call = { user: asked.user, client, rules, now, source: 'test' }
            const got = await (asked.isLook ? redis.look(call) : redis.decide(call))
            expect(comparable(got)).toEqual(comparable(expected))
            if (asked.isLook || !isChange(expected.changes)) continue
            states.set(asked.user, withoutDead(state, apply(state, expected.changes), rules, now))
            const sums = sumsOf.get(asked.user) ?? { first: now, requests: 0, refused: 0 }
            const refused = sums.refused + Number(['reject', 'defer'].includes(expected.action))
            sumsOf.set(asked.user, { first: sums.first, requests: sums.requests + 1, refused })
          }
          for (const [user, state] of states) {
            const report = await redis.report(user)
            expect(plain(report?.state ?? NO_STATE)).toEqual(plain(state))
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(warnings).toEqual([])
  })

  test('SQLite and Redis answer the same and remember the same of what counts', async () => {
    const folder = temporaryFolder()
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 30 }), someRules, async (history, rules) => {
        await server.call('FLUSHALL')
        const sqlite = SqliteStore.open(join(folder, `${runs++}.sqlite`))
        let now = NOON
        for (const asked of history) {
          now += asked.wait
          const call = { user: asked.user, client: clientOf(asked, rules), rules, now, source: 'test' }
          const [a, b] = await Promise.all([sqlite.decide(call), redis.decide(call)])
          expect(answer(b)).toEqual(answer(a))
        }
        for (const user of ['anna@example.com', 'a}b{c']) {
          const [a, b] = [await sqlite.report(user), await redis.report(user)]
          expect(counting(b, rules, now)).toEqual(counting(a, rules, now))
        }
        await sqlite.close()
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  test('the sixty-fifth value makes room', async () => {
    await server.call('FLUSHALL')
    const rules = rulesWith({ mode: 'monitor' })
    let state = NO_STATE
    for (let host = 0; host < MOST_ENTRIES + 40; host++) {
      const client = clientIn('US', `10.0.0.${host}`)
      const now = NOON + Math.floor(host / 3) * 1000
      const expected = decide(state, client, rules, now)
      expect(await redis.decide({ user: 'u', client, rules, now, source: 'test' })).toEqual(expected)
      state = apply(state, expected.changes)
    }
    const report = await redis.report('u')
    expect(report?.state.entries[0].size).toBe(MOST_ENTRIES)
    expect(plain(report?.state ?? NO_STATE)).toEqual(plain(state))
  })
})

/** Whoever is exempt needs no memory, so that nothing is counted for it. */
function comparable(decision: Decision): unknown {
  return decision.rule === 'exempt' ? { ...decision, counts: null, block: null } : decision
}

/** When a value that didn't count any more was first seen is forgotten sooner in Redis; nothing is judged by it. */
function answer({ changes, ...rest }: Decision): unknown {
  return {
    ...(comparable({ ...rest, changes }) as Decision),
    changes: { block: changes.block, place: changes.place },
  }
}

function counting(report: { readonly state: SubjectState } | null, { window }: Rules, now: number): unknown {
  const state = report?.state ?? NO_STATE
  const entries = KINDS.map((kind) => living(state, kind, now - window)).map((of) =>
    Object.fromEntries(
      [...of].flatMap(([value, { last, home, refused }]) => (refused ? [] : [[value, { last, home }]])),
    ),
  )
  return { entries, block: state.block, place: state.place }
}
