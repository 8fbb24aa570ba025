// A port for a program that can't be told to choose one itself.

import { createServer } from 'node:net'

/** A port of 127.0.0.1 that nobody listens at. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    // A Cluster of Redis has another port, 10,000 above.
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => (port > 55_000 ? resolve(freePort()) : resolve(port)))
    })
  })
}
