// The loop of a worker: receive a batch, answer it in place, send the replies, for ever.
//
// A worker with one socket blocks in recvmmsg until a packet comes (MSG_WAITFORONE: then take what else is
// there) or the socket's timeout ends. A worker with several polls, and stays with a socket that has packets.
// What a socket that brings nothing has to say is in socket-watch.ts: no decision here depends on errno.
// Between two batches one word of shared memory tells whether the main thread wants something.

import type { Networks } from '../../dns/access-list.ts'
import type { Responder } from '../../dns/responder.ts'
import { type Libc, MSG_DONTWAIT, MSG_WAITFORONE, POLLIN } from '../../system/libc.ts'
import type { CounterSlice } from '../counters.ts'
import type { Arena } from './arena.ts'
import { Batches } from './batches.ts'
import { ProxiedBatches } from './proxied-batches.ts'
import { POLLFD_WORDS, WAKE_MS } from './socket-watch.ts'
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
  /** Who has to tell for whom it asks; null for nobody. */
  readonly proxies?: Networks | null
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
  const { libc, sockets, proxies = null, signal, onAnnouncement } = parts
  const batches = sockets.map((socket) =>
    proxies === null ? new Batches(parts, socket) : new ProxiedBatches(parts, socket, proxies),
  )
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
