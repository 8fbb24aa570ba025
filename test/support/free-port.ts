// A port for a program that can't be told to choose one itself.

import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that the system gives to connections, of which these tests have thousands: one of those may be taken before
 * the program binds it. A Cluster of Redis has another port, 10,000 above.
 */
const [LOWEST, HIGHEST] = [11_000, 22_000]

/** A port of 127.0.0.1 that nobody listens at. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    const port = randomInt(LOWEST, HIGHEST)
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EADDRINUSE') resolve(freePort())
      else reject(new Error(message))
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })
}
