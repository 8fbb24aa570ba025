// The UDP front end on node:dgram: works wherever Node does.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { REPLY_CAPACITY } from '../dns/protocol.ts'
import { type Responder, TRANSPORT } from '../dns/responder.ts'
import { bindError, type FrontEnd } from './front-end.ts'
import type { ListenAddress } from './listen-address.ts'

/** @throws {AsnzoneError} `ASNZONE_LISTEN` when the address can't be bound. */
export async function bindUdp(address: ListenAddress, responder: Responder): Promise<FrontEnd> {
  const { host, port, family } = address
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 })
  socket.on('message', (query, sender) => {
    // Port 0 can't be answered, and send() throws for it at once.
    if (sender.port === 0) return
    const packet = Buffer.allocUnsafe(Math.max(REPLY_CAPACITY, query.length))
    query.copy(packet)
    const length = responder.respond(packet, 0, query.length, TRANSPORT.udp)
    // A reply that can't be sent is lost as UDP replies are; the client asks again.
    if (length > 0) socket.send(packet, 0, length, sender.port, sender.address, () => {})
  })
  socket.bind({ address: host, port })
  try {
    await once(socket, 'listening')
  } catch (cause) {
    socket.close()
    throw bindError('UDP', address, cause as Error)
  }
  // ICMP errors of earlier replies come up here; they concern one client only.
  socket.on('error', () => {})
  return {
    address: { host, port: socket.address().port, family },
    close: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
