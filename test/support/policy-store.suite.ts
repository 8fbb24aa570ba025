// What every store of the policy service has to do, whatever keeps it: SQLite and Redis are asked alike.

import { describe, expect, test } from 'vitest'
import { PERMANENT } from '../../src/policy/state.ts'
import type { Store } from '../../src/policy-server/store.ts'
import { clientIn, NOON } from '../policy/account.ts'
import { rulesWith } from '../policy/rules-with.ts'
import { until } from './until.ts'

const HOUR = 3_600_000
const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3']

/** Asks a store as the policy service does. */
export interface StoreAsker {
  ask(user: string, country: string, address: string, now?: number, rules?: Rules): Promise<string>
  /** Lets an account be blocked: three countries are more than the rules of the tests allow. */
  block(user: string, now?: number, rules?: Rules): Promise<void>
}

type Rules = ReturnType<typeof rulesWith>

/** @param current the store that is asked, which may be another one each time */
export function storeAsker(current: () => Store): StoreAsker {
  const ask: StoreAsker['ask'] = async (user, country, address, now = NOON, rules = rulesWith()) => {
    const client = clientIn(country, address)
    return (await current().decide({ user, client, rules, now, source: 'test' })).action
  }
  return {
    ask,
    block: async (user, now, rules) => {
      await ask(user, 'DE', A, now, rules)
      await ask(user, 'US', B, now, rules)
      expect(await ask(user, 'RU', C, now, rules)).toBe('reject')
    },
  }
}

/** How the tests get at a store. */
export interface StoreUnderTest {
  readonly current: () => Store
  /** Opens what the store has kept once more, beside it; null where it is one process's alone. */
  readonly another: (() => Promise<Store>) | null
  /** Closes it and opens what it has kept: that is the current one then. */
  readonly reopen: () => Promise<void>
}

/** Registers the tests; each finds the store empty. */
export function policyStoreTests({ current, another, reopen }: StoreUnderTest): void {
  const { ask, block } = storeAsker(current)
  /** Lists are written after a decision. */
  const blocked = (count: number) => until(async () => (await current().counts(NOON)).blocked === count)

  describe('an account', () => {
    test('is remembered over a restart, its block as well (F11)', async () => {
      await block('u', NOON, rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
      await reopen()
      expect(await ask('u', 'DE', A, NOON + 100 * HOUR)).toBe('reject')
      expect((await current().report('u'))?.state.block).toEqual({
        since: NOON,
        until: PERMANENT,
        reason: 'countries 3/2',
      })
    })

    test('is looked at without being counted', async () => {
      const request = { user: 'u', client: clientIn('DE', A), rules: rulesWith(), now: NOON }
      expect((await current().look(request)).counts.countries).toBe(1)
      expect(await current().report('u')).toBeNull()
    })

    test('is unblocked, and what was refused may try again', async () => {
      await block('u', NOON, rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
      expect(await current().unblock('u', NOON)).toBe(1)
      expect(await current().unblock('u', NOON)).toBe(0)
      expect(await ask('u', 'DE', A)).toBe('none')
      expect(await ask('u', 'RU', C)).toBe('reject')
    })

    test('all are unblocked', async () => {
      await block('u')
      await block('v')
      await blocked(2)
      expect(await current().unblock(null, NOON)).toBe(2)
      expect((await current().counts(NOON)).blocked).toBe(0)
      expect(await ask('v', 'DE', A)).toBe('none')
    })

    test('is forgotten with all that it did', async () => {
      await block('u')
      await until(async () => (await current().events({ user: 'u', limit: 1 })).length === 1)
      expect(await current().forget('u')).toEqual({ isFound: true, left: [] })
      expect(await current().forget('u')).toEqual({ isFound: false, left: [] })
      expect(await current().events({ limit: 10 })).toEqual([])
      expect(await current().report('u')).toBeNull()
    })

    test('is found by a part of its name, and by pages', async () => {
      for (const user of ['anna@x', 'bert@x', 'carl@y']) await ask(user, 'DE', A)
      await block('dora@y')
      await blocked(1)
      const query = { blocked: false, text: '', after: '', limit: 10 }
      const names = async (of: Partial<typeof query>) =>
        (await current().list({ ...query, ...of }, NOON)).map(({ user }) => user)
      expect(await names({ text: '@x' })).toEqual(['anna@x', 'bert@x'])
      expect(await names({ after: 'anna@x', limit: 2 })).toEqual(['bert@x', 'carl@y'])
      expect(await names({ blocked: true })).toEqual(['dora@y'])
      for (const text of ['%', '*', '_']) expect([text, await names({ text })]).toEqual([text, []])
      await current().unblock('dora@y', NOON)
      expect(await names({ blocked: true })).toEqual([])
    })

    test('leaves an event when it is refused, and none for each try in a block', async () => {
      await block('u')
      for (let i = 0; i < 20; i++) await ask('u', 'RU', C)
      await reopen()
      expect(await current().events({ user: 'u', limit: 10 })).toEqual([
        {
          id: expect.stringMatching(/^\d+(-\d+)?$/),
          time: NOON,
          user: 'u',
          address: C,
          country: 'RU',
          asn: null,
          rule: 'countries',
          action: 'reject',
          source: 'test',
          host: expect.toSatisfy((host) => host === null || typeof host === 'string'),
        },
      ])
      await current().expire({ entries: 0, events: Date.now() + HOUR, now: NOON })
      expect(await current().events({ limit: 10 })).toEqual([])
    })
  })

  test(
    another === null ? 'counts all at a time (F1)' : 'of two that are open each counts for both (F1)',
    async () => {
      const other = another === null ? current() : await another()
      const others = storeAsker(() => other)
      const actions = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? others : { ask }).ask('u6', 'DE', `193.99.144.${i}`)),
      )
      expect(actions.filter((action) => action === 'none')).toHaveLength(3)
    },
  )

  test('that decisions can be stored is tried, and nothing comes of it', async () => {
    await current().prove()
    expect(await current().list({ blocked: false, text: '', after: '', limit: 10 }, NOON)).toEqual([])
    expect(await current().counts(NOON)).toEqual({ users: 0, blocked: 0 })
  })

  test('records are kept in their order, and that there are none is remembered', async () => {
    expect(await current().records()).toBeNull()
    await current().setRecords(['{"sender":"b"}', '{"sender":"a"}'])
    expect(await current().records()).toEqual(['{"sender":"b"}', '{"sender":"a"}'])
    await current().setRecords([])
    expect(await current().records()).toEqual([])
    await current().setRecords(null)
    expect(await current().records()).toBeNull()
  })
}
