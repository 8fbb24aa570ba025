// What many signals do: the same as a few.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { onSignal } from '../../src/system/early-signals.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const come = (signal: NodeJS.Signals, times: number): void => {
  for (let i = 0; i < times; i++) process.emit(signal, signal)
}

test('however often a signal comes while its action runs, and soon afterwards, it is done once more', async () => {
  const done: (() => void)[] = []
  const action = vi.fn(() => new Promise<void>((resolve) => done.push(resolve)))
  onSignal('SIGUSR1', action)
  come('SIGUSR1', 1000)
  await vi.advanceTimersByTimeAsync(0)
  expect(action).toHaveBeenCalledTimes(1)
  come('SIGUSR1', 1000)
  await vi.advanceTimersByTimeAsync(1000)
  expect(action).toHaveBeenCalledTimes(1)
  done[0]()
  await vi.advanceTimersByTimeAsync(99)
  come('SIGUSR1', 1000)
  expect(action).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(action).toHaveBeenCalledTimes(2)
  done[1]()
  await vi.advanceTimersByTimeAsync(1000)
  expect(action).toHaveBeenCalledTimes(2)
  come('SIGUSR1', 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(action).toHaveBeenCalledTimes(3)
  done[2]()
  await vi.advanceTimersByTimeAsync(1000)
})
