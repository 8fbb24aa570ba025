// Sends a request, and waits for what it is sent for.

import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Sends it. Whatever the other side does, this has an end as soon as the request has one.
 *
 * @returns what the event brings
 * @throws {Error} of the network when it doesn't come; what happens after it is told by what it has brought
 */
export function sent<Brought extends unknown[]>(
  request: ClientRequest,
  outcome: 'response' | 'connect',
): Promise<Brought> {
  return new Promise((resolve, reject) => {
    request.once(outcome, (...brought: unknown[]) => resolve(brought as Brought))
    request.on('error', reject)
    // A request that is answered so ends without an error.
    request.once('upgrade', ({ statusCode = 101 }: IncomingMessage, socket: Duplex) => {
      socket.destroy()
      reject(new Error(`the server answers ${statusCode}, though no other protocol was asked for`))
    })
    request.once('close', () => {
      const closed = new Error('the connection was closed before an answer')
      reject(Object.assign(closed, { code: 'ECONNRESET' }))
    })
    request.end()
  })
}
