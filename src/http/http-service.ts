// HTTP as the main thread sees it: a thread that is told of new data, and started again when it ends or hangs.

import { MessageChannel, Worker } from 'node:worker_threads'
import { Calls } from './calls.ts'
import type { Door, HttpData, HttpTask, HttpThreadCalls, HttpThreadData, MainCalls } from './task.ts'

/** Megabytes of heap: what it has besides is the files that are published, in blocks outside the heap. */
const HEAP_MB = 96
const YOUNG_HEAP_MB = 4

/** Milliseconds that a start may take. */
const START_MS = 60_000

/** Milliseconds between a death and the next start: doubled with each, and as at first when one lived for the most. */
const RESTART_MS = 1000
const MAX_RESTART_MS = 60_000

/** Milliseconds between two looks whether the thread is alive, and those that it has to say so. */
const LOOK_MS = 10_000
const ALIVE_MS = 30_000

/** Settings of the service. */
export interface HttpServiceOptions {
  readonly task: HttpTask
  /** What is in service at the start. */
  readonly data: HttpData
  /** What the thread may call. */
  readonly calls: MainCalls
  /** Told that the thread has ended and is started again. */
  readonly onDeath: (reason: Error) => void
}

/** Answers over HTTP in a thread of its own. */
export class HttpService {
  readonly #options: Omit<HttpServiceOptions, 'data' | 'task'>
  #task: HttpTask
  #data: HttpData
  #thread: HttpThread | null = null
  #wait = RESTART_MS
  #timer: NodeJS.Timeout | undefined
  #isStopping = false

  private constructor({ task, data, ...options }: HttpServiceOptions) {
    this.#options = options
    this.#task = task
    this.#data = data
  }

  /**
   * Starts the thread and binds every address.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when one can't be bound.
   */
  static async start(options: HttpServiceOptions): Promise<HttpService> {
    const service = new HttpService(options)
    await service.#start()
    return service
  }

  /** Where it serves, ports resolved. */
  get doors(): readonly Door[] {
    return this.#task.doors
  }

  /** Shows other data. Never rejects: a thread that is dead begins with the newest. */
  async replace(data: HttpData): Promise<void> {
    this.#data = data
    await this.#thread?.calls.call('replace', data).catch(() => {})
  }

  /** Gives memory back that replaced data have left. Never rejects. */
  async collect(): Promise<void> {
    await this.#thread?.calls.call('collect').catch(() => {})
  }

  /** Stops serving, answers that are under way included. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#timer)
    await this.#thread?.end()
  }

  async #start(): Promise<void> {
    const { calls, onDeath } = this.#options
    const started = performance.now()
    const thread = new HttpThread(this.#task, calls)
    try {
      const ports = await thread.calls.callWithin(START_MS, 'listen', this.#data)
      // The next thread has the same ports, whichever were asked for.
      const doors = this.#task.doors.map((door, i) => ({ ...door, port: ports[i] }))
      this.#task = { ...this.#task, doors }
    } catch (error) {
      await thread.end()
      throw thread.reason ?? error
    }
    this.#thread = thread
    thread.watch()
    void thread.ended.then((reason) => {
      this.#thread = null
      if (this.#isStopping) return
      onDeath(reason)
      if (performance.now() - started > MAX_RESTART_MS) this.#wait = RESTART_MS
      this.#startLater()
    })
  }

  #startLater(): void {
    this.#timer = setTimeout(() => void this.#startAgain(), this.#wait)
    this.#wait = Math.min(MAX_RESTART_MS, this.#wait * 2)
  }

  async #startAgain(): Promise<void> {
    try {
      await this.#start()
    } catch (error) {
      if (this.#isStopping) return
      this.#options.onDeath(error as Error)
      this.#startLater()
    }
  }
}

/** One thread. */
class HttpThread {
  readonly calls: Calls<HttpThreadCalls>
  /** Resolves when it has ended, with why. */
  readonly ended: Promise<Error>
  /** Why it ended; null while it runs, and when it was told to. */
  reason: Error | null = null
  readonly #worker: Worker
  #timer: NodeJS.Timeout | undefined

  constructor(task: HttpTask, calls: MainCalls) {
    const { port1, port2 } = new MessageChannel()
    const data: HttpThreadData = { task, figures: calls.figures(), port: port2 }
    this.#worker = new Worker(new URL('./http-thread.js', import.meta.url), {
      workerData: data,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    })
    this.calls = new Calls<HttpThreadCalls>(port1, { ...calls })
    this.#worker.once('error', (error) => {
      this.reason = error
    })
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        clearInterval(this.#timer)
        this.calls.close()
        resolve(this.reason ?? new Error('it ended without being told to'))
      })
    })
  }

  /** Ends the thread when it hangs. */
  watch(): void {
    this.#timer = setInterval(() => {
      this.calls.callWithin(ALIVE_MS, 'ping').catch((error: Error) => {
        this.reason ??= error
        void this.#worker.terminate()
      })
    }, LOOK_MS)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
