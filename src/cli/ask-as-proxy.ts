// Asks a server that takes this host for a proxy: before the query stands that the proxy asks for itself.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AccessList } from '../dns/access-list.ts'
import { LOCAL_HEADER } from '../dns/proxy-header.ts'
import { holdsAddress } from '../server/client-address.ts'
import type { ListenAddress } from '../system/listen-address.ts'

/**
 * Whether the server would take us for a proxy, by the address that we would ask it from.
 *
 * @throws {Error} with a short reason when the server can't be reached.
 */
export async function isProxyTo(server: ListenAddress, proxies: AccessList): Promise<boolean> {
  const socket = await connectedTo(server)
  try {
    return holdsAddress(proxies, socket.address().address)
  } finally {
    socket.close()
  }
}

/**
 * Sends a query with the header, and gives the reply.
 *
 * @throws {Error} with a short reason when no reply comes in time.
 */
export async function askAsProxy(server: ListenAddress, query: Uint8Array, timeout: number): Promise<Buffer> {
  const socket = await connectedTo(server)
  try {
    const signal = AbortSignal.timeout(timeout)
    const reply = once(socket, 'message', { signal })
    socket.send([LOCAL_HEADER, query])
    const [octets] = (await reply) as [Buffer]
    return octets
  } catch (cause) {
    if ((cause as Error).name !== 'AbortError') throw cause
    throw new Error(`DNS query timed out after ${timeout}ms`, { cause })
  } finally {
    socket.close()
  }
}

async function connectedTo({ host, port, family }: ListenAddress): Promise<Socket> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  socket.connect(port, host)
  try {
    await once(socket, 'connect')
  } catch (cause) {
    socket.close()
    throw cause
  }
  return socket
}
