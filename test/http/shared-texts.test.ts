// When texts that nobody keeps any more are collected: for those of megabytes at once, for short ones once there are many.

import { setImmediate } from 'node:timers/promises'
import { beforeEach, expect, test, vi } from 'vitest'
import { SharedTexts } from '../../src/http/shared-texts.ts'

const LONG = 'x'.repeat(5 << 20)

let collections: number
let texts: SharedTexts

beforeEach(() => {
  collections = 0
  texts = new SharedTexts(() => void collections++)
})

/** How many collections follow when a text has been made. */
async function collectionsOf(path: string, text: string, tag = 'tag'): Promise<number> {
  const before = collections
  await texts.get(path, tag, () => [text])
  await setImmediate()
  await setImmediate()
  return collections - before
}

test('a long one is collected when another one has taken its place', async () => {
  expect(await collectionsOf('/long', LONG)).toBe(0)
  expect(await collectionsOf('/short', 'x')).toBe(1)
})

test('a long one is collected when one of newer data has taken its place', async () => {
  await collectionsOf('/long', LONG)
  expect(await collectionsOf('/long', 'x', 'newer')).toBe(1)
  expect(await collectionsOf('/long', 'y', 'newest')).toBe(0)
})

test('a long one is collected when nobody has asked for it for ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    await collectionsOf('/long', LONG)
    vi.advanceTimersByTime(10_000)
  } finally {
    vi.useRealTimers()
  }
  await setImmediate()
  expect(collections).toBe(1)
})

test('short ones are collected once there are 64', async () => {
  for (let i = 0; i < 64; i++) expect(await collectionsOf(`/${i}`, 'x')).toBe(0)
  expect(await collectionsOf('/64', 'x')).toBe(1)
})
