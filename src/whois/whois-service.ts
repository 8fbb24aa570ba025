// The whois server as the main thread sees it: a thread that is told of new data, and started again when it ends or hangs.

import { KeptThread } from '../system/kept-thread.ts'
import type { StreamDoor } from '../system/stream-listener.ts'
import { WhoisCounts, type WhoisFigures } from './counts.ts'
import type { WhoisData, WhoisThreadCalls, WhoisThreadData } from './task.ts'

/** Megabytes of heap. */
const HEAP_MB = 64
const YOUNG_HEAP_MB = 8

/** Milliseconds that a start may take. */
const START_MS = 60_000

/** Settings of the service. */
export interface WhoisServiceOptions {
  /** Where it is asked, for one thread: descriptors are closed with it, so that each needs its own. */
  readonly doors: () => readonly StreamDoor[]
  /** What it answers with at first. */
  readonly data: WhoisData
  /** Told that the thread has ended and is started again. */
  readonly onDeath: (reason: Error) => void
}

/** Answers whois clients in a thread of its own. */
export class WhoisService {
  #data: WhoisData
  readonly #counts = new WhoisCounts()
  #thread: KeptThread<WhoisThreadCalls> | null = null

  private constructor(data: WhoisData) {
    this.#data = data
  }

  /**
   * Starts the thread; resolves when it answers.
   *
   * @throws {Error} when a socket can't be listened on.
   */
  static async start({ doors, data, onDeath }: WhoisServiceOptions): Promise<WhoisService> {
    const service = new WhoisService(data)
    service.#thread = await KeptThread.start<WhoisThreadCalls>({
      entry: new URL('./whois-thread.js', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
      data: (): Omit<WhoisThreadData, 'port'> => ({ doors: doors(), counts: service.#counts.buffer }),
      offers: {},
      begin: (thread) => thread.callWithin(START_MS, 'begin', service.#data),
      onDeath: (reason) => {
        service.#counts.open = 0
        onDeath(reason)
      },
    })
    return service
  }

  /** What it has counted since the server was started. */
  get figures(): WhoisFigures {
    return this.#counts.figures
  }

  /** Answers with other data. Never rejects: a thread that is dead begins with the newest. */
  async replace(data: WhoisData): Promise<void> {
    this.#data = data
    await this.#thread?.tell((thread) => thread.call('replace', data))
  }

  /** Gives memory back that replaced data has left. Never rejects. */
  async collect(): Promise<void> {
    await this.#thread?.tell((thread) => thread.call('collect'))
  }

  /** Stops answering. */
  async stop(): Promise<void> {
    await this.#thread?.stop()
  }
}
