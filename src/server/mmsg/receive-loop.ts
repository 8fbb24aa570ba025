// The loop of a worker: receive a batch, answer it in place, send the replies, for ever.
//
// A worker with one socket blocks in recvmmsg until a packet comes (MSG_WAITFORONE: then take what else is
// there) or the socket's timeout ends. A worker with several polls, and stays with a socket that has packets.
// Who has nothing to do polls until a packet comes or its bell is rung, so that it sleeps for as long as nobody asks.
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

/** Milliseconds after which a worker that has nothing to do looks around although nobody has rung. */
const IDLE_MS = 1000

/** Milliseconds for which a worker goes on with what was announced before it looks for packets again. */
const STEPS_MS = 0.5

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
  /** The descriptor that is readable when something was announced; negative where there is none. */
  readonly bell: number
  /** Does what the main thread has announced, in steps that are carried out between two batches. */
  readonly carryOut: () => Iterator<void>
}

/**
 * Answers until `control` says stop.
 *
 * @throws {Error} when a socket has done nothing but fail for some seconds.
 */
export function receiveLoop(parts: LoopParts): void {
  const { sockets, proxies = null, signal, bell, carryOut } = parts
  const batches = sockets.map((socket) =>
    proxies === null ? new Batches(parts, socket) : new ProxiedBatches(parts, socket, proxies),
  )
  const only = batches.length === 1 ? batches[0] : null
  const poller = new Poller(parts)
  // What was announced before the loop began may not have been looked at.
  let generation = NEVER
  let work: Iterator<void> | null = null
  while (!signal.stopping) {
    if (work !== null) {
      // What is begun is not left lying for want of packets.
      for (const batch of batches) batch.answer(MSG_DONTWAIT)
    } else if (only !== null) {
      if (only.answer(MSG_WAITFORONE) === 0) {
        const failed = only.watch.waitedInVain()
        if (failed > 0) rest(signal, failed)
        else if (bell >= 0) poller.wait()
      }
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
      work ??= carryOut()
    }
    if (work !== null && goOn(work)) work = null
  }
}

/** Goes on with some work for a moment; whether it is done. */
function goOn(work: Iterator<void>): boolean {
  const end = performance.now() + STEPS_MS
  do {
    if (work.next().done) return true
  } while (performance.now() < end)
  return false
}

/** Waits, unless something is announced. */
function rest(signal: WorkerSignal, milliseconds: number): void {
  signal.wait(signal.generation, milliseconds)
}

/** Waits until a socket has packets, or the bell is rung. */
class Poller {
  readonly #libc: Libc
  readonly #signal: WorkerSignal
  readonly #sockets: readonly WorkerSocket[]
  readonly #bell: number
  /** Longer than needed, so that it is off the JavaScript heap and never moves. */
  readonly #words = new Uint32Array(4096)
  readonly #address: number
  /** Milliseconds of a wait while no socket is left alone. */
  readonly #patience: number
  /** When each socket that is left alone is polled again; 0 for the others. */
  readonly #restsUntil: number[]
  /** How many are left alone. */
  #resting = 0
  /** The last poll() failed. */
  #isBlind = false

  constructor({ libc, sockets, signal, bell }: LoopParts) {
    this.#libc = libc
    this.#signal = signal
    this.#sockets = sockets
    this.#bell = sockets.length
    this.#address = libc.addressOf(this.#words)
    this.#restsUntil = sockets.map(() => 0)
    for (const [i, { fd }] of sockets.entries()) {
      this.#words[i * POLLFD_WORDS] = fd
      this.#words[i * POLLFD_WORDS + 1] = POLLIN
    }
    // poll() passes over a negative descriptor.
    this.#words[this.#bell * POLLFD_WORDS] = bell
    this.#words[this.#bell * POLLFD_WORDS + 1] = POLLIN
    this.#patience = bell < 0 ? WAKE_MS : IDLE_MS
  }

  /** Whether any socket may be ready; the others' turn comes when the bell is rung, or after a while. */
  wait(): boolean {
    if (this.#resting > 0) this.#wakeUp(performance.now())
    const patience = this.#resting > 0 ? WAKE_MS : this.#patience
    const ready = this.#libc.poll(this.#address, this.#sockets.length + 1, patience)
    this.#isBlind = ready < 0
    if (this.#isBlind) rest(this.#signal, BLIND_MS)
    else if (this.#hasEvents(this.#bell)) this.#hush()
    return ready !== 0
  }

  isReady(socket: number): boolean {
    return this.#isBlind || this.#hasEvents(socket)
  }

  #hasEvents(entry: number): boolean {
    return this.#words[entry * POLLFD_WORDS + 1] >>> 16 !== 0
  }

  /** What was announced is looked for after each wait: the bell itself says nothing more. */
  #hush(): void {
    this.#libc.read(this.#words[this.#bell * POLLFD_WORDS], this.#address + this.#words.byteLength - 8, 8)
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
