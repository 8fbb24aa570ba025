// How the main thread reaches workers that never return to their event loop: two words of shared memory.

const GENERATION = 0
const STOPPING = 1

/** Shared by the main thread and all workers. */
export class WorkerSignal {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Counts the messages that were sent to the workers; a worker looks for one when this has changed. */
  get generation(): number {
    return Atomics.load(this.#words, GENERATION)
  }

  announce(): void {
    Atomics.add(this.#words, GENERATION, 1)
    Atomics.notify(this.#words, GENERATION)
  }

  /** Blocks the thread until something is announced after `generation`, or some milliseconds are over. */
  wait(generation: number, milliseconds: number): void {
    Atomics.wait(this.#words, GENERATION, generation, milliseconds)
  }

  /** Workers are to end. */
  get stopping(): boolean {
    return Atomics.load(this.#words, STOPPING) !== 0
  }

  stop(): void {
    Atomics.store(this.#words, STOPPING, 1)
    this.announce()
  }
}
