// The thread that tells people, as the policy thread sees it: started when there is something to tell for the first time,
// and again when it has ended.

import { KeptThread } from '../../system/kept-thread.ts'
import type { Delivery } from './deliver.ts'
import type { Outcome } from './queue.ts'

/** Megabytes of heap. */
const [HEAP_MB, YOUNG_HEAP_MB] = [64, 4]

/** Milliseconds that a try may take, its own half a minute and the way there and back. */
const TRY_MS = 40_000

/** Milliseconds that the start of a thread may take. */
const START_MS = 30_000

/** What the thread offers. */
export interface TellingThreadCalls {
  /** Tells somebody. Never rejects. */
  deliver(delivery: Delivery): Promise<Outcome>
  ping(): number | null
}

/** Tells people in a thread of its own. */
export class TellingClient {
  readonly #onDeath: (reason: Error) => void
  #thread: Promise<KeptThread<TellingThreadCalls>> | null = null
  #isStopped = false

  /** @param onDeath told that the thread has ended and is started again */
  constructor(onDeath: (reason: Error) => void) {
    this.#onDeath = onDeath
  }

  /** Tells somebody. Never rejects. */
  async deliver(delivery: Delivery): Promise<Outcome> {
    try {
      const { calls } = await this.#started()
      if (calls === null) throw new Error('the thread that sends notices is started again')
      return await calls.callWithin(TRY_MS, 'deliver', delivery)
    } catch (error) {
      return { kind: 'failed', reason: (error as Error).message, isFinal: false }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#thread?.then((thread) => thread.stop()).catch(() => {})
  }

  async #started(): Promise<KeptThread<TellingThreadCalls>> {
    if (this.#isStopped) throw new Error('the service is being stopped')
    this.#thread ??= KeptThread.start<TellingThreadCalls>({
      entry: new URL('./telling-thread.js', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
      data: () => ({}),
      offers: {},
      begin: async (thread) => {
        await thread.callWithin(START_MS, 'ping')
      },
      onDeath: this.#onDeath,
    })
    try {
      return await this.#thread
    } catch (error) {
      // The next one tries again.
      this.#thread = null
      throw error
    }
  }
}
