// Names of accounts as HMACs: found by name, and nowhere to be read.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../src/policy-server/open-store.ts'
import type { Store } from '../../src/policy-server/store.ts'
import { clientIn, NOON } from '../policy/account.ts'
import { rulesWith } from '../policy/rules-with.ts'
import { temporaryFolder } from '../support/folders.ts'

const HOUR = 3_600_000
const KEY = 'a key of sixteen and more'
const NAME = 'anna.secretname@example.org'
const HASH = /^hmac-[\da-f]{40}$/

let folder: string
let store: Store

const open = (hashKey: string | null): Promise<Store> =>
  openStore(
    { kind: 'sqlite', file: join(folder, 'policy.sqlite'), hashKey },
    { onWarning: () => {}, ownClock: false },
  )

beforeEach(async () => {
  folder = temporaryFolder()
  store = await open(KEY)
})

/** Those of tests that have ended: closed all at once, since each collection of garbage takes longer than such a test. */
const ended: Store[] = []
afterEach(() => void ended.push(store))
afterAll(async () => {
  await Promise.all(ended.map((it) => it.close()))
})

async function block(user: string, by = store): Promise<void> {
  const actions: string[] = []
  for (const [country, text] of [
    ['DE', '192.0.2.1'],
    ['US', '192.0.2.2'],
    ['RU', '192.0.2.3'],
  ] as const) {
    const request = { user, client: clientIn(country, text), rules: rulesWith(), now: NOON, source: 'test' }
    actions.push((await by.decide(request)).action)
  }
  expect(actions).toEqual(['none', 'none', 'reject'])
}

const list = async (text: string, blocked = false) =>
  (await store.list({ blocked, text, after: '', limit: 10 }, NOON)).map(({ user }) => user)

test('an account is counted, found by name and by HMAC, unblocked and forgotten', async () => {
  await block(NAME)
  const report = await store.report(NAME)
  const hash = report?.user ?? ''
  expect(hash).toMatch(HASH)
  expect(await store.report(hash)).toEqual(report)
  expect(await store.events({ user: NAME, limit: 5 })).toMatchObject([{ user: hash, rule: 'countries' }])
  expect(await store.events({ user: hash, limit: 5 })).toEqual(await store.events({ limit: 5 }))
  expect([
    await list(''),
    await list(NAME, true),
    await list(NAME.toUpperCase()),
    await list(hash.slice(8, 20)),
  ]).toEqual([[hash], [hash], [hash], [hash]])
  expect([await list('anna'), await list('other', true)]).toEqual([[], []])
  expect([await store.unblock(NAME, NOON), await store.unblock(hash, NOON)]).toEqual([1, 0])
  expect(await list(NAME, true)).toEqual([])
  const claim = { user: NAME, token: '1', milliseconds: HOUR }
  expect([await store.claim(claim, NOON), await store.claim(claim, NOON)]).toEqual([true, false])
  for (const isFound of [true, false]) expect(await store.forget(NAME)).toEqual({ isFound, left: [] })
  expect([await store.report(NAME), await store.claim(claim, NOON)]).toEqual([null, true])
})

test('no file has the name in it', async () => {
  await block(NAME)
  await store.claim({ user: NAME, token: '', milliseconds: HOUR }, NOON)
  for (const file of readdirSync(folder)) {
    expect(readFileSync(join(folder, file), 'latin1').toLowerCase()).not.toContain('secretname')
  }
})

test('a stranger who is called like an HMAC is not that account', async () => {
  await block(NAME)
  const { user: hash } = (await store.report(NAME)) ?? { user: '' }
  const request = { user: hash, client: clientIn('DE', '192.0.2.9'), rules: rulesWith(), now: NOON }
  expect((await store.look(request)).block).toBeNull()
  await store.decide({ ...request, source: 'test' })
  expect((await store.report(NAME))?.requests).toBe(3)
  expect(await list('')).toHaveLength(2)
})

test('with another key it is another account', async () => {
  await block(NAME)
  await store.close()
  store = await open('another key of sixteen')
  expect(await store.report(NAME)).toBeNull()
  await block(NAME)
})

test('what was kept under the name before is forgotten with it', async () => {
  const openAs = async (key: string | null): Promise<void> => {
    await store.close()
    store = await open(key)
  }
  await openAs(null)
  await block(NAME)
  await openAs(KEY)
  expect(await store.report(NAME)).toBeNull()
  expect(await store.forget(NAME)).toEqual({ isFound: true, left: [] })
  await openAs(null)
  expect(await store.list({ blocked: false, text: '', after: '', limit: 9 }, NOON)).toEqual([])
})

test('accounts of another store are taken over under their HMACs, hashed ones as they are', async () => {
  await block(NAME)
  const report = await store.report(NAME)
  if (report === null) throw new Error('nothing is kept')
  await store.forget(NAME)
  expect(await store.adopt({ ...report, user: NAME }, HOUR, NOON)).toBe(true)
  expect(await store.adopt(report, HOUR, NOON)).toBe(false)
  expect(await list('')).toEqual([report.user])
})
