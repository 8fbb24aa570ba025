// Errors that nobody has caught in the thread that looks after the others: it fetches, reloads and listens to commands,
// and DNS is answered by threads that need none of that. A server that ended of them would end again at the next try.

import type { Sayings } from './log.ts'

/** What had to come after the error may never come. */
const MEND = 'DNS goes on, and a restart mends what else hangs by it'

/** How many are told in each minute. */
const MOST_TOLD = 10
const MINUTE_MS = 60_000

/** Goes on after such an error, and tells of it, from now on. */
export function goOnAfterErrors(log: Sayings, now: () => number = () => performance.now()): void {
  let since = Number.NEGATIVE_INFINITY
  let count = 0
  process.on('uncaughtException', (thrown: unknown) => {
    if (now() - since >= MINUTE_MS) {
      if (count > MOST_TOLD) log.error(`${count - MOST_TOLD} more such errors within a minute`)
      since = now()
      count = 0
    }
    if (++count > MOST_TOLD) return
    // Whatever can be thrown.
    const { message, stack } = thrown instanceof Error ? thrown : { message: String(thrown), stack: '' }
    const fields = { ...(stack && { stack }) }
    log.error(fields, `nobody has caught this, which is a fault of asnzone: ${message}; ${MEND}`)
  })
}
