// The policy service as the main thread sees it: a thread that is told of new data and settings, and started again when
// it ends or hangs.

import { AsnzoneError } from '../errors.ts'
import type { Calls } from '../system/calls.ts'
import { KeptThread } from '../system/kept-thread.ts'
import type { StreamDoor } from '../system/stream-listener.ts'
import type {
  PolicyConduct,
  PolicyMainCalls,
  PolicyTask,
  PolicyThreadCalls,
  PolicyThreadData,
} from './task.ts'

/** Megabytes of heap. */
const HEAP_MB = 256
const YOUNG_HEAP_MB = 16

/** Milliseconds that a start, and an end, may take. */
const START_MS = 60_000
const STOP_MS = 2000

/** Milliseconds that the thread may take for a decision besides its time for the store. */
const SLACK_MS = 1000

/** Settings of the service. */
export interface PolicyServiceOptions {
  readonly task: Omit<PolicyTask, 'doors'>
  /** Where it is asked, for one thread: descriptors are closed with it, so that each needs its own. */
  readonly doors: () => readonly StreamDoor[]
  /** The data in service at the start. */
  readonly table: SharedArrayBuffer
  readonly conduct: PolicyConduct
  /** What the thread may call. */
  readonly calls: PolicyMainCalls
  /** Told that the thread has ended and is started again. */
  readonly onDeath: (reason: Error) => void
  /** Told that the thread waits for the system, and answers nobody until it goes on. */
  readonly onStuck: () => void
}

/** Answers mail servers in a thread of its own. */
export class PolicyService {
  #table: SharedArrayBuffer
  #conduct: PolicyConduct
  #thread: KeptThread<PolicyThreadCalls> | null = null

  private constructor({ table, conduct }: PolicyServiceOptions) {
    this.#table = table
    this.#conduct = conduct
  }

  /**
   * Starts the thread; resolves when it answers.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when a newer asnzone has written the store.
   * @throws {Error} when a socket can't be listened on.
   */
  static async start(options: PolicyServiceOptions): Promise<PolicyService> {
    const service = new PolicyService(options)
    const { task, doors, calls, onDeath, onStuck } = options
    service.#thread = await KeptThread.start<PolicyThreadCalls>({
      entry: new URL('./policy-thread.js', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
      data: (): Omit<PolicyThreadData, 'port'> => ({ task: { ...task, doors: doors() } }),
      offers: { ...calls },
      begin: (thread) => thread.callWithin(START_MS, 'begin', service.#table, service.#conduct),
      onDeath,
      onStuck,
    })
    return service
  }

  /**
   * Asks the service: `service.ask.call('check', …)`, with the functions of surface.ts. What takes longer than two
   * seconds rejects.
   *
   * @throws {AsnzoneError} `ASNZONE_POLICY` between two threads.
   */
  get ask(): Calls<PolicyThreadCalls> {
    const calls = this.#thread?.calls ?? null
    if (calls === null) throw new AsnzoneError('ASNZONE_POLICY', 'the policy service is being started again')
    return calls
  }

  /** Milliseconds after which a decision is not to be expected any more. */
  get patience(): number {
    return this.#conduct.timeout + SLACK_MS
  }

  /** Judges by other data. Never rejects: a thread that is dead begins with the newest. */
  async replace(table: SharedArrayBuffer): Promise<void> {
    this.#table = table
    await this.#thread?.tell((thread) => thread.call('replace', table))
  }

  /** Goes by other settings and records. Never rejects. */
  async conductAs(conduct: PolicyConduct): Promise<void> {
    this.#conduct = conduct
    await this.#thread?.tell((thread) => thread.call('conductAs', conduct))
  }

  /** Gives memory back that replaced data has left. Never rejects. */
  async collect(): Promise<void> {
    await this.#thread?.tell((thread) => thread.call('collect'))
  }

  /** Stops answering. */
  async stop(): Promise<void> {
    await this.#thread?.calls?.callWithin(STOP_MS, 'stop').catch(() => {})
    await this.#thread?.stop()
  }
}
