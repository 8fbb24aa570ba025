// Reads the host's clocks for those who answer.

import type { Now } from '../dns/now.ts'

/** From the zero of this thread's performance.now(), which is the thread's start, back to that of the host's clock. */
const ORIGIN = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Sets `now` to the time it is. To be called once per batch. */
export function readClock(now: Now): void {
  now.set(Date.now(), Math.floor((performance.now() + ORIGIN) / 1000))
}
