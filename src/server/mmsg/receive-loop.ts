// The loop of a worker: receive a batch, answer it in place, send the replies, for ever.
//
// A worker with one socket blocks in recvmmsg until a packet comes (MSG_WAITFORONE: then take what else is
// there) or the socket's timeout ends. A worker with several polls, and stays with a socket that has packets.
// What a socket that brings nothing has to say is in socket-watch.ts: no decision here depends on errno.
// Between two batches one word of shared memory tells whether the main thread wants something.

import { type Responder, TRANSPORT } from '../../dns/responder.ts'
import { type Libc, MSG_DONTWAIT, MSG_WAITFORONE, POLLIN } from '../../system/libc.ts'
import { readClock } from '../clock.ts'
import type { CounterSlice } from '../counters.ts'
import { type Arena, SLOTS } from './arena.ts'
import { POLLFD_WORDS, SocketWatch, WAKE_MS } from './socket-watch.ts'
import type { WorkerSignal } from './worker-signal.ts'

/** No generation. */
const NEVER = -1

/** Batches of one socket in a row before the others are polled. */
const BATCHES_A_TURN = 8

/** Milliseconds for which a worker rests when poll() can't tell which socket is ready, before it tries them all. */
const BLIND_MS = 5

/** The descriptor that poll() leaves out. */
const NO_FD = 0xffffffff

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
  readonly signal: WorkerSignal
  /** Called between two batches when the main thread has announced something. */
  readonly onAnnouncement: () => void
}

/**
 * Answers until `control` says stop.
 *
 * @throws {Error} when a socket has done nothing but fail for some seconds.
 */
export function receiveLoop(parts: LoopParts): void {
  const { libc, sockets, signal, onAnnouncement } = parts
  const batches = sockets.map((socket) => new Batches(parts, socket))
  const [only] = batches
  const poller = sockets.length > 1 ? new Poller(libc, sockets, signal) : null
  // What was announced before the loop began may not have been looked at.
  let generation = NEVER
  while (!signal.stopping) {
    if (poller === null) {
      if (only.answer(MSG_WAITFORONE) === 0) rest(signal, only.watch.waitedInVain())
    } else if (poller.wait()) {
      for (let i = 0; i < batches.length; i++) {
        if (!poller.isReady(i)) continue
        let turn = 0
        while (turn < BATCHES_A_TURN && batches[i].answer(MSG_DONTWAIT) > 0) turn++
        // The other sockets go on meanwhile.
        if (turn === 0) poller.leaveAlone(i, batches[i].watch.wasMisled())
      }
    }
    if (signal.generation !== generation) {
      generation = signal.generation
      onAnnouncement()
    }
  }
}

/** Waits, unless something is announced. */
function rest(signal: WorkerSignal, milliseconds: number): void {
  if (milliseconds > 0) signal.wait(signal.generation, milliseconds)
}

/** Batches of one socket. All sockets of a worker share its arena. */
class Batches {
  readonly #libc: Libc
  readonly #socket: WorkerSocket
  readonly #arena: Arena
  readonly #responder: Responder
  readonly #counters: CounterSlice
  /** Asked about calls that bring nothing. */
  readonly watch: SocketWatch

  constructor({ libc, arena, responder, counters }: LoopParts, socket: WorkerSocket) {
    this.#libc = libc
    this.#socket = socket
    this.#arena = arena
    this.#responder = responder
    this.#counters = counters
    this.watch = new SocketWatch(libc, socket.fd, counters)
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
    if (count <= 0) return 0
    if (this.watch.isUneasy) this.watch.brought()
    const started = this.#counters.startTimer()
    readClock(responder.now)
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

  /** Sends the replies in slots [first, end); one that the kernel refuses twice is left out. */
  #send(first: number, end: number): void {
    const { fd } = this.#socket
    let isSecond = false
    for (let slot = first; slot < end; ) {
      const sent = this.#libc.sendmmsg(fd, this.#arena.vector(slot), end - slot, 0)
      if (sent > 0) {
        slot += sent
        isSecond = false
      } else if (isSecond) {
        // No buffers, a firewall: the client asks again, as UDP clients do.
        this.#counters.countUnsent()
        slot++
        isSecond = false
        // A signal, or an ICMP error of an earlier reply, which the kernel tells once.
      } else isSecond = true
    }
  }
}

/** Waits until one of several sockets has packets. */
class Poller {
  readonly #libc: Libc
  readonly #signal: WorkerSignal
  readonly #sockets: readonly WorkerSocket[]
  /** Longer than needed, so that it is off the JavaScript heap and never moves. */
  readonly #words = new Uint32Array(4096)
  readonly #address: number
  /** When each socket that is left alone is polled again; 0 for the others. */
  readonly #restsUntil: number[]
  /** How many are left alone. */
  #resting = 0
  /** The last poll() failed. */
  #isBlind = false

  constructor(libc: Libc, sockets: readonly WorkerSocket[], signal: WorkerSignal) {
    this.#libc = libc
    this.#signal = signal
    this.#sockets = sockets
    this.#address = libc.addressOf(this.#words)
    this.#restsUntil = sockets.map(() => 0)
    for (const [i, { fd }] of sockets.entries()) {
      this.#words[i * POLLFD_WORDS] = fd
      this.#words[i * POLLFD_WORDS + 1] = POLLIN
    }
  }

  /** Whether any socket may be ready before WAKE_MS are over. */
  wait(): boolean {
    if (this.#resting > 0) this.#wakeUp(performance.now())
    const ready = this.#libc.poll(this.#address, this.#sockets.length, WAKE_MS)
    this.#isBlind = ready < 0
    if (this.#isBlind) rest(this.#signal, BLIND_MS)
    return ready !== 0
  }

  isReady(socket: number): boolean {
    return this.#isBlind || this.#words[socket * POLLFD_WORDS + 1] >>> 16 !== 0
  }

  /** Leaves a socket out for some milliseconds. */
  leaveAlone(socket: number, milliseconds: number): void {
    if (milliseconds === 0 || this.#restsUntil[socket] > 0) return
    this.#words[socket * POLLFD_WORDS] = NO_FD
    this.#restsUntil[socket] = performance.now() + milliseconds
    this.#resting++
  }

  #wakeUp(now: number): void {
    for (const [i, { fd }] of this.#sockets.entries()) {
      const until = this.#restsUntil[i]
      if (until === 0 || until > now) continue
      this.#words[i * POLLFD_WORDS] = fd
      this.#restsUntil[i] = 0
      this.#resting--
    }
  }
}
