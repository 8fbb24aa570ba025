// A batch of packets of one socket: received by one call, answered where it lies, sent by one call.

import { type Responder, TRANSPORT } from '../../dns/responder.ts'
import type { Libc } from '../../system/libc.ts'
import { readClock } from '../clock.ts'
import type { CounterSlice } from '../counters.ts'
import { type Arena, SLOTS } from './arena.ts'
import type { LoopParts, WorkerSocket } from './receive-loop.ts'
import { SocketWatch } from './socket-watch.ts'

/** Batches of one socket. All sockets of a worker share its arena. */
export class Batches {
  readonly #libc: Libc
  protected readonly socket: WorkerSocket
  protected readonly arena: Arena
  protected readonly responder: Responder
  protected readonly counters: CounterSlice
  /** Asked about calls that bring nothing. */
  readonly watch: SocketWatch

  constructor({ libc, arena, responder, counters }: LoopParts, socket: WorkerSocket) {
    this.#libc = libc
    this.socket = socket
    this.arena = arena
    this.responder = responder
    this.counters = counters
    this.watch = new SocketWatch(libc, socket.fd, counters)
  }

  /** Receives, answers and sends one batch; returns how many packets came. */
  answer(flags: number): number {
    const { fd, family, packetInfo } = this.socket
    const arena = this.arena
    if (arena.user !== this) {
      arena.user = this
      arena.reset(SLOTS, family, packetInfo)
    }
    const count = this.#libc.recvmmsg(fd, arena.vector(0), SLOTS, flags)
    if (count <= 0) return 0
    if (this.watch.isUneasy) this.watch.brought()
    const started = this.counters.startTimer()
    readClock(this.responder.now)
    this.lookAhead(count)
    let first = 0
    for (let slot = 0; slot < count; slot++) {
      const length = arena.hasSourcePort(slot) ? this.respondTo(slot) : 0
      if (arena.setReply(slot, length)) {
        if (packetInfo) arena.forgetInterface(slot, family)
      } else {
        // Silence leaves a gap: what is before it is sent on its own.
        this.#send(first, slot)
        first = slot + 1
      }
    }
    this.#send(first, count)
    this.counters.countBatch(count)
    this.counters.stopTimer(started, count)
    arena.reset(count, family, packetInfo)
    return count
  }

  /** Gets ready for the queries in the first `count` slots. */
  protected lookAhead(count: number): void {
    this.responder.lookAhead(this.arena.bytes, this.arena.starts, count)
  }

  /** Answers the query of a slot where it lies; the length of the reply, 0 for silence. */
  protected respondTo(slot: number): number {
    const { family } = this.socket
    const arena = this.arena
    const responder = this.responder
    const packet = arena.packet(slot)
    responder.client.set(family, arena.headers, arena.clientAddress(slot, family))
    return responder.respond(arena.bytes, packet, packet + arena.received(slot), TRANSPORT.udp, slot)
  }

  /** Sends the replies in slots [first, end); one that the kernel refuses twice is left out. */
  #send(first: number, end: number): void {
    const { fd } = this.socket
    let isSecond = false
    for (let slot = first; slot < end; ) {
      const sent = this.#libc.sendmmsg(fd, this.arena.vector(slot), end - slot, 0)
      if (sent > 0) {
        slot += sent
        isSecond = false
      } else if (isSecond) {
        // No buffers, a firewall: the client asks again, as UDP clients do.
        this.counters.countUnsent()
        slot++
        isSecond = false
        // A signal, or an ICMP error of an earlier reply, which the kernel tells once.
      } else isSecond = true
    }
  }
}
