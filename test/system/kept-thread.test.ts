// Threads that hang: one that computes for ever is ended, one that waits for the system is left alone.

import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { KeptThread, type Pingable } from '../../src/system/kept-thread.ts'

interface Thread extends Pingable {
  wait(gate: SharedArrayBuffer): void
  loop(): void
}

/** A thread that can be told to wait and to loop, in the words of `Calls`. */
const ENTRY = new URL(
  `data:text/javascript,${encodeURIComponent(`
  import { readlinkSync } from 'node:fs'
  import { workerData } from 'node:worker_threads'
  const offers = {
    ping: () => Number(readlinkSync('/proc/thread-self').split('/').at(-1)),
    wait: (gate) => void Atomics.wait(new Int32Array(gate), 0, 0),
    loop: () => { for (;;) ; },
  }
  workerData.port.on('message', ({ call, name, args }) => {
    workerData.port.postMessage({ answer: call, value: offers[name](...args) })
  })
`)}`,
)

/** Milliseconds between two looks at a thread. */
const LOOK = 50

const threads: KeptThread<Thread>[] = []
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.stop()
})

async function start() {
  const told: string[] = []
  let onTold = (): void => {}
  const tell = (what: string): void => {
    told.push(what)
    onTold()
  }
  const thread = await KeptThread.start<Thread>({
    entry: ENTRY,
    resourceLimits: {},
    data: () => ({}),
    offers: {},
    begin: async (calls) => {
      await calls.call('ping')
    },
    onDeath: () => tell('dead'),
    onStuck: () => tell('stuck'),
    patience: { look: LOOK, alive: 300 },
  })
  threads.push(thread)
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      onTold = resolve
    })
  return { thread, told, next }
}

test('one that waits for the system is told of once, and goes on', async () => {
  const { thread, told, next } = await start()
  const isTold = next()
  const gate = new SharedArrayBuffer(4)
  const waited = thread.calls?.callWithin(60_000, 'wait', gate)
  await isTold
  // Some more looks, which tell nothing.
  await setTimeout(LOOK * 10)
  Atomics.notify(new Int32Array(gate), 0)
  await waited
  expect(told).toEqual(['stuck'])
  expect(await thread.calls?.call('ping')).toEqual(expect.any(Number))
})

test('one that computes for ever is ended, and started again', async () => {
  const { thread, told, next } = await start()
  const isTold = next()
  thread.calls?.callWithin(60_000, 'loop').catch(() => {})
  await isTold
  expect(told).toEqual(['dead'])
  expect(thread.calls).toBeNull()
  await vi.waitUntil(() => thread.calls !== null, { timeout: 20_000 })
  expect(await thread.calls?.call('ping')).toEqual(expect.any(Number))
})

test('one that is beginning is told of what is new once it has begun', async () => {
  let begins = 0
  let onBeginning = (): void => {}
  const seen: string[] = []
  const beginning = new Promise<void>((resolve) => {
    onBeginning = resolve
  })
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const thread = await KeptThread.start<Thread>({
    entry: ENTRY,
    resourceLimits: {},
    data: () => ({}),
    offers: {},
    begin: async (calls) => {
      await calls.call('ping')
      if (++begins === 1) return
      onBeginning()
      await held
      seen.push('begun')
    },
    onDeath: () => {},
    patience: { look: LOOK, alive: 300 },
  })
  threads.push(thread)
  thread.calls?.callWithin(60_000, 'loop').catch(() => {})
  await beginning
  const told = new Promise<void>((resolve) => {
    void thread.tell(async (calls) => {
      await calls.call('ping')
      seen.push('told')
      resolve()
    })
  })
  letGo()
  await told
  expect(seen).toEqual(['begun', 'told'])
})
