// Sends a request, and waits for what it is sent for.

import { once } from 'node:events'
import type { ClientRequest } from 'node:http'

/**
 * Sends it.
 *
 * @returns what the event brings
 * @throws {Error} of the network when it doesn't come; what happens after it is told by what it has brought
 */
export async function sent<Brought extends unknown[]>(
  request: ClientRequest,
  outcome: 'response' | 'connect',
): Promise<Brought> {
  request.end()
  request.on('error', () => {})
  return (await once(request, outcome)) as Brought
}
