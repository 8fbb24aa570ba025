// When a node looks for a new snapshot.

import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { keepPulling } from '../../src/app/published-data.ts'
import type { RefreshOptions } from '../../src/app/refreshing.ts'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'

/** What setTimeout takes; of more it makes a millisecond. */
const MOST = 2 ** 31 - 1

afterEach(() => void vi.useRealTimers())

test.each(['20d', '8w', '9999w'])(
  'a refresh of %s is waited for, as long as a timer can',
  async (refresh) => {
    const folder = temporaryFolder({
      'asnzone.yaml': `snapshot: { from: /nowhere, refresh: ${refresh} }\n`,
    })
    const settings = {
      ...loadSettings({ configFile: join(folder, 'asnzone.yaml') }),
      dataDir: join(folder, 'data'),
    }
    const looked = vi.fn(async () => ({ kind: 'unchanged' }))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const set = vi.spyOn(globalThis, 'setTimeout')
    const pulling = keepPulling({
      settings: () => settings,
      reloader: { reload: looked },
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      onOutcome: () => {},
    } as unknown as RefreshOptions)
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.waitUntil(() => pulling.state.next !== null && looked.mock.calls.length === 1, 20_000)
    const waits = set.mock.calls.map(([, wait = 0]) => wait)
    expect(Math.max(...waits)).toBeLessThanOrEqual(MOST)
    expect((pulling.state.next ?? 0) - Date.now()).toBeGreaterThan(14 * 86_400_000)
    pulling.stop()
  },
)

test('after a look of which the outcome could not be told, there is another one', async () => {
  const folder = temporaryFolder({ 'asnzone.yaml': 'snapshot: { from: /nowhere, refresh: 1h }\n' })
  const settings = {
    ...loadSettings({ configFile: join(folder, 'asnzone.yaml') }),
    dataDir: join(folder, 'data'),
  }
  const reload = vi.fn(async () => ({ kind: 'replaced' }))
  const uncaught = vi.fn()
  process.on('unhandledRejection', uncaught)
  const pulling = keepPulling({
    settings: () => settings,
    reloader: { reload },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    onOutcome: () => {
      throw new Error('no log')
    },
  } as unknown as RefreshOptions)
  try {
    for (let look = 1; look <= 2; look++) {
      pulling.now()
      await vi.waitUntil(() => uncaught.mock.calls.length === look, 20_000)
      expect(reload).toHaveBeenCalledTimes(look)
      expect(pulling.state).toMatchObject({ since: null, next: expect.any(Number) })
    }
  } finally {
    pulling.stop()
    process.off('unhandledRejection', uncaught)
  }
})
