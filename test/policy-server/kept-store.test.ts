// A store that is away for a while, and answers that are given once.

import { expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { expireAll } from '../../src/policy-server/expiry.ts'
import { KeptStore } from '../../src/policy-server/kept-store.ts'
import { Once } from '../../src/policy-server/once.ts'
import { Sparingly } from '../../src/policy-server/sparingly.ts'
import type { Store } from '../../src/policy-server/store.ts'

function keptStore(of: { open?: () => void; counts: () => Promise<{ users: number; blocked: number }> }) {
  const told: string[] = []
  const clock = { now: 0 }
  let opened = 0
  const store = new KeptStore({
    open: async () => {
      of.open?.()
      opened++
      return { counts: of.counts, close: async () => {} } as unknown as Store
    },
    timeout: () => 20,
    onTrouble: (reason, failures) => told.push(reason ?? `back after ${failures}`),
    now: () => clock.now,
  })
  const use = () => store.use((it) => it.counts(0)).then(({ users }) => users)
  return { store, told, clock, use, opened: () => opened }
}

test('trouble is told when it begins and when it ends; meanwhile it is tried once a second', async () => {
  let trouble = true
  let tries = 0
  const { told, clock, use, store, opened } = keptStore({
    counts: async () => {
      tries++
      if (trouble) throw new Error('database is locked')
      return { users: 7, blocked: 0 }
    },
  })
  for (let i = 0; i < 5; i++) await expect(use()).rejects.toThrow('database is locked')
  expect(tries).toBe(1)
  clock.now = 1000
  await expect(use()).rejects.toThrow('the store of the policy service is not available: database is locked')
  expect(tries).toBe(2)
  trouble = false
  await expect(use()).rejects.toThrow()
  clock.now = 2000
  expect(await use()).toBe(7)
  expect(await use()).toBe(7)
  expect(told).toEqual(['database is locked', 'back after 7'])
  expect([store.errors, store.trouble, opened()]).toEqual([7, null, 3])
})

test('a use that takes too long fails', async () => {
  const { use, told } = keptStore({ counts: () => new Promise(() => {}) })
  await expect(use()).rejects.toThrow('no answer within 20 ms')
  expect(told).toEqual(['no answer within 20 ms'])
})

test('what can never be used is an error at the start, what can be tried again is none', async () => {
  const newer = keptStore({
    open: () => {
      throw new AsnzoneError('ASNZONE_DATA', 'a newer asnzone has written it')
    },
    counts: async () => ({ users: 0, blocked: 0 }),
  })
  await expect(newer.store.begin()).rejects.toThrow('a newer asnzone has written it')
  const damaged = keptStore({
    open: () => {
      throw new Error('file is not a database')
    },
    counts: async () => ({ users: 0, blocked: 0 }),
  })
  await damaged.store.begin()
  expect(damaged.told).toEqual(['file is not a database'])
})

test('answers are given once for a message, on their way or not, until they are old or forgotten', async () => {
  const once = new Once<string>()
  let asked = 0
  const ask = async (): Promise<string> => `answer ${++asked}`
  const get = (key: string, now: number) => once.get(key, now, ask, (answer) => answer !== 'answer 3')
  const [first, second] = [get('a', 0), get('a', 1)]
  expect([first.isFirst, second.isFirst]).toEqual([true, false])
  expect(await Promise.all([first.answer, second.answer])).toEqual(['answer 1', 'answer 1'])
  expect(await get('b', 1).answer).toBe('answer 2')
  // What isn't to be kept is asked anew.
  expect(await get('c', 1).answer).toBe('answer 3')
  expect(await get('c', 1).answer).toBe('answer 4')
  expect(await get('a', 600_000).answer).toBe('answer 5')
  once.clear()
  expect(await get('b', 2).answer).toBe('answer 6')
})

test('no more than 10,000 messages are remembered', async () => {
  const once = new Once<number>()
  for (let i = 0; i < 25_000; i++)
    void once.get(
      String(i),
      0,
      async () => i,
      () => true,
    )
  expect(once.size).toBe(10_000)
  expect(
    once.get(
      '24999',
      0,
      async () => 0,
      () => true,
    ).isFirst,
  ).toBe(false)
})

test('what happens all the time is said once a minute', () => {
  let now = 0
  const said: [string, number][] = []
  const sparingly = new Sparingly(
    (kind, times) => said.push([kind, times]),
    () => now,
  )
  for (let i = 0; i < 1000; i++) sparingly.add('line too long')
  sparingly.add('other')
  now = 60_000
  sparingly.add('line too long')
  expect(said).toEqual([
    ['line too long', 1],
    ['other', 1],
    ['line too long', 1000],
  ])
})

test('what is too old goes in slices, and who comes meanwhile is next', async () => {
  const order: string[] = []
  const slices = [true, true, true, false]
  const store = new KeptStore({
    open: async () =>
      ({
        expire: async () => {
          order.push('slice')
          setImmediate(() => order.push('request'))
          return slices[order.filter((it) => it === 'slice').length - 1]
        },
      }) as unknown as Store,
    timeout: () => 1000,
    onTrouble: () => {},
  })
  expect(await expireAll(store, () => 0, { history: 1 }, 1)).toBe(4)
  expect(order).toEqual(['slice', 'request', 'slice', 'request', 'slice', 'request', 'slice'])
})
