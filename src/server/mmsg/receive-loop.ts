// The loop of a worker: receive a batch, answer it in place, send the replies, for ever.
//
// A worker with one socket blocks in recvmmsg until a packet comes (MSG_WAITFORONE: then take what else is
// there) or the socket's timeout ends. A worker with several polls, and stays with a socket that has packets.
// Between two batches one word of shared memory tells whether the main thread wants something.

import { type Responder, TRANSPORT } from '../../dns/responder.ts'
import type { CounterSlice } from '../counters.ts'
import { type Arena, SLOTS } from './arena.ts'
import type { Control } from './control.ts'
import { EAGAIN, EINTR, type Libc, MSG_DONTWAIT, MSG_WAITFORONE, POLLIN } from './libc.ts'

/** Milliseconds after which a worker without queries looks whether it is to stop or to swap. */
export const WAKE_MS = 50

/** No generation. */
const NEVER = -1

/** Batches of one socket in a row before the others are polled. */
const BATCHES_A_TURN = 8

/** Octets of a struct pollfd, in which the events that came are the upper half of the second word. */
const POLLFD_WORDS = 2

/** A bound socket as a worker needs it. */
export interface WorkerSocket {
  readonly fd: number
  readonly family: 4 | 6
  readonly packetInfo: boolean
}

/** What the loop works with. */
export interface LoopParts {
  readonly libc: Libc
  readonly sockets: readonly WorkerSocket[]
  readonly arena: Arena
  readonly responder: Responder
  readonly counters: CounterSlice
  readonly control: Control
  /** Called between two batches when the main thread has announced something. */
  readonly onAnnouncement: () => void
}

/**
 * Answers until `control` says stop.
 *
 * @throws {Error} when receiving fails for a reason that doesn't pass, such as a closed socket.
 */
export function receiveLoop(parts: LoopParts): void {
  const { libc, sockets, control, onAnnouncement } = parts
  const batches = sockets.map((socket) => new Batches(parts, socket))
  const [only] = batches
  const poller = sockets.length > 1 ? new Poller(libc, sockets) : null
  // What was announced before the loop began may not have been looked at.
  let generation = NEVER
  while (!control.stopping) {
    if (poller === null) only.answer(MSG_WAITFORONE)
    else if (poller.wait()) {
      for (let i = 0; i < batches.length; i++) {
        if (!poller.isReady(i)) continue
        for (let turn = 0; turn < BATCHES_A_TURN && batches[i].answer(MSG_DONTWAIT) > 0; turn++);
      }
    }
    if (control.generation !== generation) {
      generation = control.generation
      onAnnouncement()
    }
  }
}

/** Batches of one socket. All sockets of a worker share its arena. */
class Batches {
  readonly #libc: Libc
  readonly #socket: WorkerSocket
  readonly #arena: Arena
  readonly #responder: Responder
  readonly #counters: CounterSlice

  constructor({ libc, arena, responder, counters }: LoopParts, socket: WorkerSocket) {
    this.#libc = libc
    this.#socket = socket
    this.#arena = arena
    this.#responder = responder
    this.#counters = counters
  }

  /** Receives, answers and sends one batch; returns how many packets came. */
  answer(flags: number): number {
    const { fd, family, packetInfo } = this.#socket
    const arena = this.#arena
    const responder = this.#responder
    if (arena.user !== this) {
      arena.user = this
      arena.reset(SLOTS, family, packetInfo)
    }
    const count = this.#libc.recvmmsg(fd, arena.vector(0), SLOTS, flags)
    if (count <= 0) {
      if (count < 0) this.#checkReceiveError()
      return 0
    }
    const started = this.#counters.startTimer()
    responder.lookAhead(arena.bytes, arena.starts, count)
    let first = 0
    for (let slot = 0; slot < count; slot++) {
      const packet = arena.packet(slot)
      let length = 0
      if (arena.hasSourcePort(slot)) {
        responder.client.set(family, arena.headers, arena.clientAddress(slot, family))
        length = responder.respond(arena.bytes, packet, packet + arena.received(slot), TRANSPORT.udp)
      }
      if (arena.setReply(slot, length)) {
        if (packetInfo) arena.forgetInterface(slot, family)
      } else {
        // Silence leaves a gap: what is before it is sent on its own.
        this.#send(first, slot)
        first = slot + 1
      }
    }
    this.#send(first, count)
    this.#counters.countBatch(count)
    this.#counters.stopTimer(started, count)
    arena.reset(count, family, packetInfo)
    return count
  }

  /** Sends the replies in slots [first, end); one that the kernel refuses is left out. */
  #send(first: number, end: number): void {
    const { fd } = this.#socket
    for (let slot = first; slot < end; ) {
      const sent = this.#libc.sendmmsg(fd, this.#arena.vector(slot), end - slot, 0)
      if (sent > 0) slot += sent
      // No buffers, a firewall, an ICMP error of an earlier reply: the client asks again, as UDP clients do.
      else if (this.#libc.errno() !== EINTR) {
        this.#counters.countUnsent()
        slot++
      }
    }
  }

  #checkReceiveError(): void {
    const errno = this.#libc.errno()
    if (errno === EAGAIN || errno === EINTR || PASSING_ERRORS.has(errno)) return
    throw new Error(`recvmmsg on fd ${this.#socket.fd}: errno ${errno}`)
  }
}

/** Errors that a UDP socket reports of earlier replies, or that pass: ENOMEM, ENOBUFS, ICMP errors. */
const PASSING_ERRORS = new Set([12, 100, 101, 102, 104, 105, 110, 111, 112, 113])

/** Waits until one of several sockets has packets. */
class Poller {
  readonly #libc: Libc
  /** Longer than needed, so that it is off the JavaScript heap and never moves. */
  readonly #words = new Uint32Array(4096)
  readonly #address: number
  readonly #count: number

  constructor(libc: Libc, sockets: readonly WorkerSocket[]) {
    this.#libc = libc
    this.#count = sockets.length
    this.#address = libc.addressOf(this.#words)
    for (const [i, { fd }] of sockets.entries()) {
      this.#words[i * POLLFD_WORDS] = fd
      this.#words[i * POLLFD_WORDS + 1] = POLLIN
    }
  }

  /** Whether any socket is ready before WAKE_MS are over. */
  wait(): boolean {
    return this.#libc.poll(this.#address, this.#count, WAKE_MS) > 0
  }

  isReady(socket: number): boolean {
    return this.#words[socket * POLLFD_WORDS + 1] >>> 16 !== 0
  }
}
