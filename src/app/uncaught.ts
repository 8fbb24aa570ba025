// Errors that nobody has caught in the thread that looks after the others: it fetches, reloads and listens to commands,
// and DNS is answered by threads that need none of that. A server that ended of them would end again at the next try.

import type { Sayings } from './log.ts'

/** What had to come after the error may never come. */
const MEND = 'DNS goes on, and a restart mends what else hangs by it'

/** How many are told in each minute. */
const MOST_TOLD = 10
const MINUTE_MS = 60_000

/** Goes on after such an error, and tells of it, from now on. */
export function goOnAfterErrors(log: Sayings): void {
  let count = 0
  const tellRest = (): void => {
    if (count > MOST_TOLD)
      log.error(`${count - MOST_TOLD} more errors that nobody has caught, within a minute`)
    count = 0
  }
  process.on('uncaughtException', (thrown: unknown) => {
    if (count === 0) setTimeout(tellRest, MINUTE_MS).unref()
    if (++count > MOST_TOLD) return
    // Whatever can be thrown.
    const { message, stack } = thrown instanceof Error ? thrown : { message: String(thrown), stack: '' }
    const fields = { ...(stack && { stack }) }
    log.error(fields, `nobody has caught this, which is a fault of asnzone: ${message}; ${MEND}`)
  })
}
