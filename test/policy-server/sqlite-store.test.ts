// The store in SQLite: what every store does, and what is of its file.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apply } from '../../src/policy/apply.ts'
import { decide } from '../../src/policy/rules.ts'
import { NO_STATE, PERMANENT, type SubjectState } from '../../src/policy/state.ts'
import { SqliteStore } from '../../src/policy-server/sqlite-store.ts'
import { clientIn, NOON } from '../policy/account.ts'
import { rulesWith } from '../policy/rules-with.ts'
import { expectSame } from '../support/expect-same.ts'
import { temporaryFolder } from '../support/folders.ts'
import { policyStoreTests, storeAsker } from '../support/policy-store.suite.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const HOUR = 3_600_000
const [A, B] = ['192.0.2.1', '192.0.2.2']

let folder: string
let file: string
let store: SqliteStore

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'policy.sqlite')
  store = SqliteStore.open(file)
})

/** Those of tests that have ended: closed all at once, since each collection of garbage takes longer than such a test. */
const ended: SqliteStore[] = []
afterEach(() => void ended.push(store))
afterAll(async () => {
  await Promise.all(ended.map((it) => it.close()))
})

const { ask, block } = storeAsker(() => store)

policyStoreTests({
  current: () => store,
  another: null,
  reopen: async () => {
    await store.close()
    store = SqliteStore.open(file)
  },
})

test('accounts are counted, those that are blocked among them', async () => {
  await block('u')
  await block('v')
  expect(await store.counts(NOON)).toEqual({ users: 2, blocked: 2 })
  await store.unblock('v', NOON)
  expect(await store.counts(NOON)).toEqual({ users: 2, blocked: 1 })
})

test('an event has the number of its row, and no host', async () => {
  await block('u')
  expect(await store.events({ user: 'u', limit: 10 })).toMatchObject([{ id: '1', host: null }])
})

test('the history is read a page at a time, of one account or of all, and not beyond a time', async () => {
  for (let i = 0; i < 25; i++) await block(i % 5 === 0 ? 'u' : `v${i}`, NOON + i * 2 * HOUR)
  const pages: string[][] = []
  for (let before = ''; ; ) {
    const page = await store.events({ before, limit: 10 })
    pages.push(page.map(({ user }) => user))
    if (page.length < 10) break
    before = page[9].id
  }
  expect(pages.map(({ length }) => length)).toEqual([10, 10, 5])
  expect(pages.flat().slice(0, 5)).toEqual(['v24', 'v23', 'v22', 'v21', 'u'])
  const [newest, ...others] = await store.events({ user: 'u', limit: 10 })
  expect(others).toHaveLength(4)
  expect(newest.time).toBe(NOON + 40 * HOUR)
  expect(await store.events({ user: 'u', before: newest.id, limit: 10 })).toEqual(others)
  expect(await store.events({ user: 'u', since: NOON + 20 * HOUR, limit: 10 })).toHaveLength(2)
})

describe('what was told', () => {
  const claim = (token: string, now: number, user: string | null = 'u') =>
    store.claim({ user, token, milliseconds: HOUR }, now)

  test('is news once, again when it is something else, and after a while', async () => {
    expect([await claim('1', NOON), await claim('1', NOON + 1), await claim('2', NOON + 2)]).toEqual([
      true,
      false,
      true,
    ])
    expect([await claim('', NOON + 3), await claim('2', NOON + HOUR + 2)]).toEqual([false, true])
    expect([await claim('1', NOON, 'v'), await claim('1', NOON, null)]).toEqual([true, true])
  })

  test('is forgotten with the account, and after its time', async () => {
    await claim('1', NOON)
    for (const isFound of [true, false]) expect(await store.forget('u')).toEqual({ isFound, left: [] })
    expect(await claim('1', NOON)).toBe(true)
    await store.expire({ entries: 0, events: 0, now: NOON + HOUR })
    await store.close()
    expect(sqlite3(file, 'SELECT * FROM told')).toBe('')
  })

  test('is kept in a file of an asnzone that didn’t tell', async () => {
    await store.close()
    sqlite3(file, 'DROP TABLE told')
    store = SqliteStore.open(file)
    expect(await claim('1', NOON)).toBe(true)
  })
})

test('what nothing changes is not written', async () => {
  await ask('u', 'DE', A)
  const written = () => statSync(`${file}-wal`).size
  const before = written()
  for (let i = 0; i < 10; i++) await ask('u', 'DE', A, NOON + 1000 * i)
  expect(written()).toBe(before)
  await ask('u', 'DE', A, NOON + HOUR / 2)
  expect(written()).toBeGreaterThan(before)
})

test('what is too old goes in slices, and what a block was laid on stays', async () => {
  for (let i = 0; i < 30; i++) await ask(`u${i}`, 'DE', A)
  await block('blocked', NOON, rulesWith({ block: { duration: PERMANENT, scope: 'new' } }))
  const later = NOON + 2 * HOUR
  while (await store.expire({ entries: later - HOUR, events: later - HOUR, now: later })) {}
  expect(await store.counts(later)).toEqual({ users: 1, blocked: 1 })
  const rules = rulesWith({ block: { duration: PERMANENT, scope: 'new' } })
  expect(await ask('blocked', 'DE', A, later, rules)).toBe('none')
})

describe('the file', () => {
  test('of a newer asnzone is left alone', async () => {
    await store.close()
    sqlite3(file, 'PRAGMA user_version = 99')
    expect(() => SqliteStore.open(file)).toThrow(
      /newer asnzone .*version 99, this one knows 1.*update asnzone/,
    )
    // What has refused it lets go of it a moment later.
    await new Promise((resolve) => setImmediate(resolve))
    sqlite3(file, 'PRAGMA user_version = 1')
    store = SqliteStore.open(file)
  })

  test('of another program is refused, and left as it is', () => {
    const foreign = join(folder, 'foreign.sqlite')
    for (const sql of ['CREATE TABLE subject (x)', 'PRAGMA user_version = 1; CREATE TABLE day (x)']) {
      sqlite3(foreign, sql)
      const before = readFileSync(foreign)
      expect(() => SqliteStore.open(foreign)).toThrow(`${foreign}: this database is not a policy.sqlite`)
      expect(readFileSync(foreign).equals(before)).toBe(true)
      rmSync(foreign)
    }
  })

  test('is nobody else’s while it is open, neither in this process nor in another', async () => {
    await ask('u', 'DE', A)
    expect(() => SqliteStore.open(file)).toThrow(/^another process has it open, and only one at a time can: /)
    expect(() => sqlite3(file, 'SELECT count(*) FROM subject', 0)).toThrow('database is locked')
    expect(await ask('u', 'US', B)).toBe('none')
    await store.close()
    expect(sqlite3(file, 'SELECT count(*) FROM subject')).toBe('1')
    store = SqliteStore.open(file)
  })

  test('can be opened again as soon as it is closed, however often', async () => {
    const openFiles = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        const name = `/proc/self/fd/${fd}`
        return existsSync(name) && readlinkSync(name).startsWith(folder)
      }).length
    await ask('u', 'DE', A)
    const before = openFiles()
    for (let i = 0; i < 12; i++) {
      await store.close()
      store = SqliteStore.open(file)
      expect(await ask(`u${i}`, 'US', B)).toBe('none')
    }
    // What V8 is still at work with, the last two or three at most, is open somewhat longer.
    expect(openFiles()).toBeLessThan(before + 10)
  })

  test('that another process had open is whole, and what that one has mapped is gone', async () => {
    await store.close()
    const left = join(folder, 'left')
    // One that is killed leaves its files behind.
    spawnSync('sqlite3', [
      file,
      "PRAGMA journal_mode = WAL; INSERT INTO subject (user, first, last, requests, refused) VALUES ('old', 1, 1, 1, 0)",
      `.shell cp ${file} ${left}; cp ${file}-wal ${left}-wal; cp ${file}-shm ${left}-shm`,
    ])
    expect(existsSync(`${left}-shm`)).toBe(true)
    store = SqliteStore.open(left)
    expect(await store.counts(NOON)).toMatchObject({ users: 1 })
    expect(readdirSync(folder).sort()).toEqual(['left', 'left-wal', 'policy.sqlite'])
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain(folder)
  })
})

test('names without end fill no disk: the file stays within its limit, and takes more once some are too old', async () => {
  await store.close()
  const pages = 64
  store = SqliteStore.open(file, pages)
  const fill = async (now: number): Promise<number> => {
    for (let i = 0; i < 10_000; i++) {
      try {
        await ask(`${now}-${i}`, 'DE', A, now)
      } catch (error) {
        expect((error as Error).message).toContain('full')
        return i
      }
    }
    return Number.POSITIVE_INFINITY
  }
  await store.prove()
  const first = await fill(NOON)
  expect(first).toBeLessThan(10_000)
  // It is still read, and says that it takes nothing.
  expect((await store.counts(NOON)).users).toBe(first)
  await expect(store.prove()).rejects.toThrow('full')
  const later = NOON + 2 * HOUR
  while (await store.expire({ entries: later - HOUR, events: later - HOUR, now: later })) {}
  await store.prove()
  expect(await fill(later)).toBeGreaterThan(first / 2)
  await store.close()
  expect(statSync(file).size).toBeLessThanOrEqual(pages * 4096)
  store = SqliteStore.open(file, pages)
})

describe('a clock that was ahead', () => {
  const YEAR = 365 * 24 * HOUR

  test.each([
    ['a server that is started anew', true],
    ['one that goes on', false],
  ])('blocks for as long as it would have, and its values count as of now: %s', async (_, isRestarted) => {
    await block('blocked', NOON + YEAR)
    await block('for ever', NOON + YEAR, rulesWith({ block: { duration: PERMANENT, scope: 'account' } }))
    await ask('seen', 'DE', A, NOON + YEAR)
    await ask('seen', 'US', B, NOON + YEAR)
    if (isRestarted) {
      await store.close()
      store = SqliteStore.open(file)
    }
    expect(await ask('blocked', 'DE', A, NOON)).toBe('reject')
    expect((await store.report('blocked'))?.state.block).toMatchObject({ since: NOON, until: NOON + HOUR })
    expect((await store.report('for ever'))?.state.block).toMatchObject({ since: NOON, until: PERMANENT })
    expect((await store.events({ limit: 9 })).map(({ time }) => time)).toEqual([NOON, NOON])
    expect(await ask('blocked', 'DE', A, NOON + HOUR - 1)).toBe('reject')
    expect(await ask('blocked', 'DE', A, NOON + HOUR)).toBe('none')
    expect(await ask('for ever', 'DE', A, NOON + HOUR)).toBe('reject')
    expect(await ask('seen', 'RU', '192.0.2.3', NOON + HOUR - 1)).toBe('reject')
    expect(await ask('seen', 'RU', '192.0.2.3', NOON + 3 * HOUR)).toBe('none')
  })
})

test('a clock that says 1970 until it is set ends no block and loses no history', async () => {
  await block('blocked', NOON)
  await store.close()
  store = SqliteStore.open(file)
  expect(await ask('blocked', 'DE', A, 9000)).toBe('reject')
  await store.expire({ entries: 0, events: 0, now: 9000 })
  await store.close()
  store = SqliteStore.open(file)
  expect((await store.report('blocked'))?.state.block).toMatchObject({ since: NOON, until: NOON + HOUR })
  expect((await store.events({ limit: 9 })).map(({ time }) => time)).toContain(NOON)
  expect(await ask('blocked', 'DE', A, NOON + HOUR - 1)).toBe('reject')
  expect(await ask('blocked', 'DE', A, NOON + HOUR)).toBe('none')
})

/** What is kept of an account once nothing of it is later than now. */
function settled({ entries, block, place }: SubjectState, now: number): SubjectState {
  const [ips, countries, asns] = entries.map(
    (of) =>
      new Map(
        [...of].map(([value, entry]) => [
          value,
          { ...entry, first: Math.min(entry.first, now), last: Math.min(entry.last, now) },
        ]),
      ),
  )
  const isAhead = block !== null && block.since > now
  const until = block?.until === PERMANENT ? PERMANENT : now + (block?.until ?? 0) - (block?.since ?? 0)
  return { entries: [ips, countries, asns], block: isAhead ? { ...block, since: now, until } : block, place }
}

test('whatever is asked, the file says what the rules say', async () => {
  const request = fc.record({
    country: fc.constantFrom('DE', 'US', 'RU', 'CN', 'FR'),
    host: fc.integer({ min: 0, max: 5 }),
    // Now and then the clock is put back.
    wait: fc.integer({ min: -HOUR, max: 2 * HOUR }),
    user: fc.constantFrom('a', 'b'),
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (history) => {
      run++
      const states = new Map<string, SubjectState>()
      let now = NOON
      for (const { country, host, wait, user: name } of history) {
        now += wait
        for (const [of, state] of states) states.set(of, settled(state, now))
        const user = `${name}${run}`
        const client = clientIn(country, `192.0.2.${host}`)
        const state = states.get(user) ?? NO_STATE
        const expected = decide(state, client, rulesWith(), now)
        states.set(user, apply(state, expected.changes))
        const decision = await store.decide({ user, client, rules: rulesWith(), now, source: 'test' })
        expectSame(decision, expected)
        const report = await store.report(user)
        expectSame(report?.state ?? NO_STATE, states.get(user))
      }
    }),
    { numRuns: 40 },
  )
})
