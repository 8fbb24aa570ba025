// Removes what is too old from the store: once a minute, a slice at a time, so that no request waits for it.

import type { Rules } from '../policy/settings.ts'
import type { Clock } from './clock.ts'
import type { KeptStore } from './kept-store.ts'
import type { PolicyConduct, RecordSet } from './task.ts'

/** The longest window of any account: what is older counts for nobody. */
export function longestWindow(defaults: Rules, { records }: RecordSet): number {
  return Math.max(defaults.window, ...records.map(({ rules }) => rules.window ?? 0))
}

/**
 * Removes what is too old now.
 *
 * @param window milliseconds for which entries may count
 * @returns how many slices it took
 */
export async function expireAll(
  store: KeptStore,
  clock: Clock,
  { history }: Pick<PolicyConduct, 'history'>,
  window: number,
): Promise<number> {
  for (let slices = 1; ; slices++) {
    const now = clock()
    const before = { entries: now - window, events: now - history, now }
    const hasMore = await store.use((it) => it.expire(before))
    if (!hasMore) return slices
    // Requests that have come meanwhile go first.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
