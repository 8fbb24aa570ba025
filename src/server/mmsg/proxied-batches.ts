// Batches of a socket that proxies ask, too: before each of their queries stands for whom they ask.
//
// The header is taken off and the query moved to where it would be without, before any of the batch is answered, so
// that everything after it is as for others. The reply goes to the sender of the packet, without a header.

import { AccessList, type Networks } from '../../dns/access-list.ts'
import { Client } from '../../dns/client.ts'
import { readProxyHeader } from '../../dns/proxy-header.ts'
import { TRANSPORT } from '../../dns/responder.ts'
import { SLOTS } from './arena.ts'
import { Batches } from './batches.ts'
import type { LoopParts, WorkerSocket } from './receive-loop.ts'

/** The length of a query that isn't read: a proxy has sent it without a header, or with half of one. */
const NOT_READ = -1

/** The same as Batches, for servers that have proxies; the others have none of this code. */
export class ProxiedBatches extends Batches {
  readonly #proxies: AccessList
  /** Who asks, by slot. */
  readonly #clients = Array.from({ length: SLOTS }, () => new Client())
  /** Octets of each query. */
  readonly #lengths = new Int32Array(SLOTS)

  constructor(parts: LoopParts, socket: WorkerSocket, proxies: Networks) {
    super(parts, socket)
    this.#proxies = new AccessList(proxies)
  }

  protected override lookAhead(count: number): void {
    for (let slot = 0; slot < count; slot++) this.#lengths[slot] = this.#unwrap(slot)
    super.lookAhead(count)
  }

  protected override respondTo(slot: number): number {
    const { arena, responder } = this
    const packet = arena.packet(slot)
    const length = this.#lengths[slot]
    responder.client.copy(this.#clients[slot])
    if (length === NOT_READ) {
      this.counters.countRefusedHeader()
      responder.ignore(arena.bytes, packet, TRANSPORT.udp)
      return 0
    }
    return responder.respond(arena.bytes, packet, packet + length, TRANSPORT.udp, slot)
  }

  /** Finds out who asks in a slot, and moves the query to its beginning; the octets of the query. */
  #unwrap(slot: number): number {
    const { arena } = this
    const { family } = this.socket
    const client = this.#clients[slot]
    const received = arena.received(slot)
    client.set(family, arena.headers, arena.clientAddress(slot, family))
    client.isProxied = false
    if (!this.#proxies.holds(client)) return received
    const start = arena.packet(slot)
    const header = readProxyHeader(arena.bytes, start, start + received, client)
    if (header <= 0) return NOT_READ
    arena.bytes.copyWithin(start, start + header, start + received)
    return received - header
  }
}
