// How often what nobody has caught is told; test/server/uncaught.test.ts has a server that goes on.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Sayings } from '../../src/app/log.ts'
import { goOnAfterErrors } from '../../src/app/uncaught.ts'

const nothing = (): void => {}
let told: string[]
let thrown: (error: unknown) => void

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  const error = (...args: unknown[]): void => void told.push(String(args.at(-1)))
  goOnAfterErrors({ debug: nothing, info: nothing, warn: nothing, error } as unknown as Sayings)
  thrown = process.listeners('uncaughtException').at(-1) as (error: unknown) => void
  process.off('uncaughtException', thrown)
})
afterEach(() => void vi.useRealTimers())

test('ten a minute are told, and how many more there were', () => {
  for (let i = 0; i < 500; i++) thrown(new Error(`${i}`))
  expect(told).toHaveLength(10)
  vi.advanceTimersByTime(60_000)
  expect(told.slice(10)).toEqual(['490 more errors that nobody has caught, within a minute'])
  thrown('no error at all')
  expect(told.at(-1)).toContain('a fault of asnzone: no error at all;')
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(12)
})
