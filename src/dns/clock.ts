// The clock of rate limiting: seconds that only go forward, and that are the same in all threads.

/** From the zero of this thread's performance.now(), which is the thread's start, back to that of the host's clock. */
const ORIGIN = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Whole seconds since some time that all threads agree on. */
export const secondNow = (): number => Math.floor((performance.now() + ORIGIN) / 1000)
