// HTTP as the main thread sees it: a thread that is told of new data, and started again when it ends or hangs.

import { KeptThread } from '../system/kept-thread.ts'
import type {
  Door,
  HttpData,
  HttpTask,
  HttpThreadCalls,
  HttpThreadData,
  MainCalls,
  MainFigures,
} from './task.ts'

/** Megabytes of heap: what it has besides is the files that are published, in blocks outside the heap. */
const HEAP_MB = 96
const YOUNG_HEAP_MB = 4

/** Milliseconds that a start may take. */
const START_MS = 60_000

/** Settings of the service. */
export interface HttpServiceOptions {
  readonly task: HttpTask
  /** What is in service at the start. */
  readonly data: HttpData
  /** What only the main thread knows, when a thread starts. */
  readonly figures: () => MainFigures
  /** What the thread may call. */
  readonly calls: MainCalls
  /** Told that the thread has ended and is started again. */
  readonly onDeath: (reason: Error) => void
  /** Told that the thread waits for the system, and answers nobody until it goes on. */
  readonly onStuck: () => void
}

/** Answers over HTTP in a thread of its own. */
export class HttpService {
  #task: HttpTask
  #data: HttpData
  #thread: KeptThread<HttpThreadCalls> | null = null

  private constructor({ task, data }: HttpServiceOptions) {
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
    const { calls, figures, onDeath, onStuck } = options
    service.#thread = await KeptThread.start<HttpThreadCalls>({
      entry: new URL('./http-thread.js', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
      data: (): Omit<HttpThreadData, 'port'> => ({ task: service.#task, figures: figures() }),
      offers: { ...calls },
      begin: async (thread) => {
        const ports = await thread.callWithin(START_MS, 'listen', service.#data)
        // The next thread has the same ports, whichever were asked for.
        const doors = service.#task.doors.map((door, i) => ({ ...door, port: ports[i] }))
        service.#task = { ...service.#task, doors }
      },
      onDeath,
      onStuck,
    })
    return service
  }

  /** Where it serves, ports resolved. */
  get doors(): readonly Door[] {
    return this.#task.doors
  }

  /** Shows other data. Never rejects: a thread that is dead begins with the newest. */
  async replace(data: HttpData): Promise<void> {
    this.#data = data
    await this.#thread?.tell((thread) => thread.call('replace', data))
  }

  /** Gives memory back that replaced data has left. Never rejects. */
  async collect(): Promise<void> {
    await this.#thread?.tell((thread) => thread.call('collect'))
  }

  /** Stops serving, answers that are under way included. */
  async stop(): Promise<void> {
    await this.#thread?.stop()
  }
}
