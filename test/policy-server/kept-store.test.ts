// A store that is away for a while, and answers that are given once.

import { expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { Deadlines } from '../../src/policy-server/deadlines.ts'
import { expireAll } from '../../src/policy-server/expiry.ts'
import { KeptStore } from '../../src/policy-server/kept-store.ts'
import { Lately } from '../../src/policy-server/lately.ts'
import { Once } from '../../src/policy-server/once.ts'
import { Sparingly } from '../../src/policy-server/sparingly.ts'
import type { Store } from '../../src/policy-server/store.ts'

function keptStore(of: {
  open?: () => void
  counts: () => Promise<{ users: number; blocked: number }>
  prove?: () => Promise<void>
  decide?: () => Promise<boolean>
  mendsItself?: boolean
}) {
  const { prove = () => new Promise<void>(() => {}), decide } = of
  const told: string[] = []
  const clock = { now: 0 }
  let opened = 0
  const store = new KeptStore({
    open: async () => {
      of.open?.()
      opened++
      const { mendsItself, counts } = of
      return { mendsItself, counts, prove, decide, close: async () => {} } as unknown as Store
    },
    timeout: () => 20,
    onTrouble: (reason, failures) => told.push(reason ?? `back after ${failures}`),
    now: () => clock.now,
  })
  const use = () => store.use((it) => it.counts(0)).then(({ users }) => users)
  /** A decision that tells whether it wrote something. */
  const judge = () =>
    store.use((it) => it.decide({} as never) as unknown as Promise<boolean>, 0, {
      isJudgement: true,
      isProof: (wrote) => wrote,
    })
  return { store, told, clock, use, judge, opened: () => opened }
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
    prove: async () => {
      if (trouble) throw new Error('database is locked')
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

test('one that can be read and not written is not back before a decision was stored, and nothing failed for a second', async () => {
  let [isFull, wrote, proofs] = [true, true, 0]
  const full = (): void => {
    if (isFull) throw new Error('no room')
  }
  const { told, clock, use, judge, store } = keptStore({
    counts: async () => ({ users: 7, blocked: 0 }),
    prove: async () => {
      proofs++
      full()
    },
    decide: async () => {
      if (wrote) full()
      return wrote
    },
    mendsItself: true,
  })
  await expect(judge()).rejects.toThrow('no room')
  for (; clock.now < 10_000; clock.now += 100) {
    expect(await use()).toBe(7)
    wrote = false
    // It judges what needs no write.
    expect(await judge()).toBe(false)
    wrote = true
    if (clock.now % 700 === 0) await expect(judge()).rejects.toThrow('no room')
    expect(store.trouble).toBe('no room')
  }
  // Who looks all the time lets it try once a second at most.
  expect(proofs).toBeLessThanOrEqual(10)
  isFull = false
  await judge()
  expect(told).toEqual(['no room'])
  clock.now += 1000
  await judge()
  expect(told).toEqual(['no room', 'back after 16'])
})

test('one that nobody asks for a decision is back when a write of its own has worked', async () => {
  let isFull = true
  const { told, clock, use, judge, store } = keptStore({
    counts: async () => ({ users: 7, blocked: 0 }),
    prove: async () => {
      if (isFull) throw new Error('still no room')
    },
    decide: async () => {
      throw new Error('no room')
    },
    mendsItself: true,
  })
  await expect(judge()).rejects.toThrow('no room')
  clock.now = 1000
  await use()
  expect(store.trouble).toBe('still no room')
  isFull = false
  clock.now = 1999
  await use()
  expect(store.trouble).toBe('still no room')
  clock.now = 2000
  await use()
  expect(told).toEqual(['no room', 'back after 1'])
})

test('what fails while decisions can be stored is an error for who asks, and no trouble', async () => {
  const { told, use, store } = keptStore({
    counts: async () => {
      throw new Error('this list is damaged')
    },
    prove: async () => {},
    mendsItself: true,
  })
  await expect(use()).rejects.toThrow('this list is damaged')
  expect([told, store.trouble, store.errors]).toEqual([[], null, 1])
})

test('what comes after it is closed does not open it again', async () => {
  const { use, store, opened, told } = keptStore({ counts: async () => ({ users: 7, blocked: 0 }) })
  expect(await use()).toBe(7)
  await store.close()
  await expect(use()).rejects.toThrow('it is closed')
  expect([opened(), told]).toEqual([1, []])
})

test('one that is closed while it is opened is closed when it is open', async () => {
  const { store, use, opened } = keptStore({ counts: async () => ({ users: 7, blocked: 0 }) })
  const first = use()
  await store.close()
  await first
  await expect(use()).rejects.toThrow('it is closed')
  expect(opened()).toBe(1)
})

test('a use of a store elsewhere that takes too long fails', async () => {
  const { use, told } = keptStore({ counts: () => new Promise(() => {}), mendsItself: true })
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
  const once = new Once<string, string>(
    (answer) => `${answer} again`,
    (answer) => answer !== 'answer 3',
  )
  let asked = 0
  const ask = async (): Promise<string> => `answer ${++asked}`
  const get = (key: string, now: number) => once.get(key, now, ask)
  const answer = async (key: string, now: number) => {
    const { first, again } = get(key, now)
    return first ?? again
  }
  expect(await Promise.all([answer('a', 0), answer('a', 1)])).toEqual(['answer 1', 'answer 1 again'])
  expect(await answer('a', 2)).toBe('answer 1 again')
  expect(await answer('b', 1)).toBe('answer 2')
  // What isn't to be kept is told to those who wait for it, and asked anew.
  expect(await Promise.all([answer('c', 1), answer('c', 1)])).toEqual(['answer 3', 'answer 3 again'])
  expect(await answer('c', 1)).toBe('answer 4')
  expect(await answer('a', 600_000)).toBe('answer 5')
  once.clear()
  expect(await answer('b', 2)).toBe('answer 6')
})

test('no more than 10,000 messages are remembered, and no fewer than half as many', async () => {
  const once = new Once<number, number>(
    (answer) => answer,
    () => true,
  )
  let [most, least] = [0, 10_000]
  for (let i = 0; i < 25_000; i++) {
    void once.get(String(i), 0, async () => i)
    most = Math.max(most, once.size)
    if (i >= 10_000) least = Math.min(least, once.size)
  }
  expect(most).toBeLessThanOrEqual(10_000)
  expect(least).toBeGreaterThanOrEqual(5000)
  for (const key of ['24999', '20000']) expect(once.get(key, 0, async () => 0).first).toBeNull()
})

test('what was used lately is kept, up to its weight', () => {
  const lately = new Lately<string, number>(20, (weight) => weight)
  lately.set('kept', 4)
  for (let i = 0; i < 100; i++) {
    lately.set(`other ${i}`, 3)
    expect(lately.get('kept')).toBe(4)
    expect(lately.size).toBeLessThanOrEqual(6)
  }
  expect(lately.get('other 0')).toBeUndefined()
  // The same key again weighs nothing more.
  for (let i = 0; i < 100; i++) lately.set('kept', 4)
  expect(lately.get('other 99')).toBe(3)
  lately.delete('kept')
  expect(lately.get('kept')).toBeUndefined()
})

test('of promises with any times those that are late fail, and no others', async () => {
  const deadlines = new Deadlines()
  const never = new Promise<never>(() => {})
  const late = [30, 5, 15, 1].map((ms) =>
    expect(deadlines.within(ms, never)).rejects.toThrow(`within ${ms} ms`),
  )
  expect(await deadlines.within(60_000, Promise.resolve('here'))).toBe('here')
  await expect(deadlines.within(60_000, Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  await Promise.all(late)
  await expect(deadlines.within(2, never)).rejects.toThrow('within 2 ms')
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
