// What is to be told and could not be yet. It is bounded, and tries again after 1, 5 and 25 minutes; it has no timer of
// its own, but is looked at once a minute.

import type { Channel } from './settings.ts'

/** Messages that may wait, on all channels. */
const MAX_WAITING = 100

/** Milliseconds from a try to the next one. */
const WAITS_MS = [60_000, 300_000, 1_500_000] as const

/** Something to be told. */
export interface Message {
  readonly channel: Channel
  /** The account that it is about; null for several. */
  readonly user: string | null
  /** Names it to who is told: two tries of one message have the same. */
  readonly id: string
}

/** What came of a try. */
export type Outcome =
  /** `refused`: whom the other side did not take it for, and why. */
  | { readonly kind: 'sent'; readonly refused?: string | undefined }
  /** `isFinal`: the other side won't ever take it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isFinal: boolean }

/** What a queue works with. */
export interface QueueParts<Told extends Message> {
  /** Tells somebody; never rejects. */
  readonly deliver: (message: Told) => Promise<Outcome>
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Told of each try. `isOver`: no other one follows. */
  readonly onOutcome: (message: Told, outcome: Outcome, isOver: boolean) => void
}

interface Waiting<Told> {
  readonly message: Told
  readonly tries: number
  /** When it is tried, and how long that was to be waited for. */
  readonly due: number
  readonly wait: number
}

/** Messages in their order, of which each channel carries one at a time. */
export class TellingQueue<Told extends Message> {
  readonly #parts: QueueParts<Told>
  #waiting: Waiting<Told>[] = []
  readonly #busy = new Set<Channel>()
  /** Messages under way. */
  readonly #sending = new Set<Told>()

  constructor(parts: QueueParts<Told>) {
    this.#parts = parts
  }

  /** How many have not been told yet. */
  get length(): number {
    return this.#waiting.length + this.#sending.size
  }

  /** Adds a message; false when there is no room. */
  add(message: Told): boolean {
    if (this.length >= MAX_WAITING) return false
    this.#waiting.push({ message, tries: 0, due: this.#parts.clock(), wait: 0 })
    this.look()
    return true
  }

  /** Removes what waits and is about an account; what is under way is not tried again. */
  forget(user: string): void {
    this.#waiting = this.#waiting.filter(({ message }) => message.user !== user)
    for (const message of this.#sending) if (message.user === user) this.#sending.delete(message)
  }

  /** Begins with what is due. */
  look(): void {
    const now = this.#parts.clock()
    for (const waiting of [...this.#waiting]) {
      const { message, due, wait } = waiting
      // A clock that was put back holds nothing up.
      const isDue = now >= due || now < due - wait
      if (!isDue || this.#busy.has(message.channel)) continue
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      void this.#send(waiting)
    }
  }

  async #send({ message, tries }: Waiting<Told>): Promise<void> {
    const { deliver, clock, onOutcome } = this.#parts
    this.#busy.add(message.channel)
    this.#sending.add(message)
    const outcome = await deliver(message)
    this.#busy.delete(message.channel)
    const isWanted = this.#sending.delete(message)
    const wait = WAITS_MS[tries]
    const isOver = outcome.kind === 'sent' || outcome.isFinal || wait === undefined || !isWanted
    if (!isOver) this.#waiting.push({ message, tries: tries + 1, due: clock() + wait, wait })
    onOutcome(message, outcome, isOver)
    this.look()
  }
}
