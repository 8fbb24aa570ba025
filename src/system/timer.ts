// How long a timer of Node.js can wait.

/** The longest time, some 24 days: a timer that is told to wait for longer doesn't wait at all. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The milliseconds that a timer is told; who wants to wait for longer looks again then. */
export const timerMs = (milliseconds: number): number => Math.min(milliseconds, MAX_TIMER_MS)
