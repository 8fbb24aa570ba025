// A thread that is kept alive: asked now and then whether it lives, ended when it hangs, and started again when it has
// ended.

import { MessageChannel, type MessagePort, type ResourceLimits, Worker } from 'node:worker_threads'
import { Calls, NoAnswer } from './calls.ts'
import { isComputing } from './kernel-thread.ts'

/** Milliseconds between a death and the next start: doubled with each, and as at first when one lived for the most. */
const RESTART_MS = 1000
const MAX_RESTART_MS = 60_000

/** Milliseconds between two looks whether the thread is alive, and those that it has to say so. */
const PATIENCE: Patience = { look: 10_000, alive: 30_000 }

/** What every such thread offers. */
export interface Pingable {
  /** Tells that it is alive, and which thread it is to the kernel: see `kernelThread`. */
  ping(): number | null
}

/** Milliseconds between two looks, and those for an answer. */
export interface Patience {
  readonly look: number
  readonly alive: number
}

/** What is kept alive. */
export interface KeptThreadOptions<Theirs extends Pingable> {
  /** The file that the thread is started from. */
  readonly entry: URL
  readonly resourceLimits: ResourceLimits
  /** What a thread begins with, besides the port that calls come through; made anew for each. */
  readonly data: () => object
  /** What is offered to the thread. */
  readonly offers: Readonly<Record<string, (...args: never[]) => unknown>>
  /** Makes a new thread do its work; when it rejects, the thread is ended. */
  readonly begin: (calls: Calls<Theirs>) => Promise<void>
  /** Told that the thread has ended and is started again. */
  readonly onDeath: (reason: Error) => void
  /** Told, once each time, that the thread waits for the system and answers nobody; it is left alone until it does. */
  readonly onStuck?: () => void
  readonly patience?: Patience
}

/** Threads one after the other, of which each does what the one before did. */
export class KeptThread<Theirs extends Pingable> {
  readonly #options: KeptThreadOptions<Theirs>
  #thread: OneThread<Theirs> | null = null
  /** While one begins: resolves when it has, or has failed to. */
  #beginning: Promise<unknown> | null = null
  #wait = RESTART_MS
  #timer: NodeJS.Timeout | undefined
  #isStopping = false

  private constructor(options: KeptThreadOptions<Theirs>) {
    this.#options = options
  }

  /**
   * Starts the first one. One that dies or hangs before it has begun is told of and started again like any other:
   * what runs beside it is not to wait for it, and not to end with it.
   *
   * @throws {Error} that `begin` ended in, as where a setting is wrong or a port is taken.
   */
  static async start<Theirs extends Pingable>(
    options: KeptThreadOptions<Theirs>,
  ): Promise<KeptThread<Theirs>> {
    const kept = new KeptThread(options)
    const lost = await kept.#start()
    if (lost !== null) {
      options.onDeath(lost)
      kept.#startLater()
    }
    return kept
  }

  /** Calls the thread that runs; null between two. */
  get calls(): Calls<Theirs> | null {
    return this.#thread?.calls ?? null
  }

  /**
   * Calls the thread that runs. Never rejects: one that comes after it begins with the newest. One that is beginning is
   * called once it has begun, because what it began with may be older; nobody waits for that.
   */
  async tell(call: (calls: Calls<Theirs>) => Promise<unknown>): Promise<void> {
    const tellThread = async (): Promise<void> => {
      const { calls } = this
      if (calls !== null) await call(calls).catch(() => {})
    }
    if (this.#beginning === null) await tellThread()
    else void this.#beginning.then(tellThread)
  }

  /** Ends the thread, and starts no other. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    await this.#thread?.end()
  }

  /** @returns why the thread died or hung before it had begun; null when it has begun */
  async #start(): Promise<Error | null> {
    const started = this.#startOne()
    this.#beginning = started.catch(() => {})
    try {
      return await started
    } finally {
      this.#beginning = null
    }
  }

  async #startOne(): Promise<Error | null> {
    const { begin, onDeath } = this.#options
    const started = performance.now()
    const thread = new OneThread(this.#options)
    try {
      await begin(thread.calls)
    } catch (error) {
      const { reason, hasEnded } = thread
      await thread.end()
      if (reason === null && !hasEnded && !(error instanceof NoAnswer)) throw error
      return reason ?? (error as Error)
    }
    this.#thread = thread
    const { patience = PATIENCE, onStuck = () => {} } = this.#options
    thread.watch(patience, onStuck)
    void thread.ended.then((reason) => {
      this.#thread = null
      if (this.#isStopping) return
      onDeath(reason)
      if (performance.now() - started > MAX_RESTART_MS) this.#wait = RESTART_MS
      this.#startLater()
    })
    return null
  }

  #startLater(): void {
    this.#timer = setTimeout(() => void this.#startAgain(), this.#wait)
    this.#wait = Math.min(MAX_RESTART_MS, this.#wait * 2)
  }

  async #startAgain(): Promise<void> {
    const lost = await this.#start().catch((error: Error) => error)
    if (lost === null || this.#isStopping) return
    this.#options.onDeath(lost)
    this.#startLater()
  }
}

class OneThread<Theirs extends Pingable> {
  readonly calls: Calls<Theirs>
  /** Resolves when it has ended, with why. */
  readonly ended: Promise<Error>
  /** Why it ended; null while it runs, and when it was told to. */
  reason: Error | null = null
  hasEnded = false
  readonly #worker: Worker
  #timer: NodeJS.Timeout | undefined

  constructor({ entry, resourceLimits, data, offers }: KeptThreadOptions<Theirs>) {
    const { port1, port2 } = new MessageChannel()
    const workerData = { ...data(), port: port2 } satisfies { port: MessagePort }
    this.#worker = new Worker(entry, { workerData, transferList: [port2], resourceLimits })
    this.calls = new Calls<Theirs>(port1, offers)
    this.#worker.once('error', (error) => {
      this.reason = error
    })
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.hasEnded = true
        clearInterval(this.#timer)
        this.calls.close()
        resolve(this.reason ?? new Error('it ended unexpectedly'))
      })
    })
  }

  /**
   * Ends the thread when it hangs, but not while it waits for the system, a disk or a file that somebody has locked: it
   * would end only then, and libsql, if it waits there, takes the whole process with it. It goes on by itself.
   */
  watch({ look, alive }: Patience, onStuck: () => void): void {
    const calls: Calls<Pingable> = this.calls
    let thread: number | null = null
    let isStuck = false
    const ask = async (milliseconds: number): Promise<Error | null> => {
      try {
        thread = await calls.callWithin(milliseconds, 'ping')
        isStuck = false
        return null
      } catch (error) {
        return error as Error
      }
    }
    const isLost = async (milliseconds: number): Promise<Error | null> => {
      const silent = await ask(milliseconds)
      if (silent === null || isComputing(thread)) return silent
      if (!isStuck) onStuck()
      isStuck = true
      return null
    }
    let isLooking = false
    const lookAtIt = async (): Promise<void> => {
      if (isLooking) return
      isLooking = true
      // One that has only just gone on computes, too, and answers soon.
      const lost = (await isLost(alive)) === null ? null : await isLost(look)
      isLooking = false
      if (lost === null) return
      this.reason ??= lost
      await this.#worker.terminate()
    }
    void ask(alive)
    this.#timer = setInterval(() => void lookAtIt(), look)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
