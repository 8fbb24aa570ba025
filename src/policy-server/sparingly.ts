// Says what may happen a thousand times a second once a minute, and how often it happened.

/** Milliseconds between two lines about the same. */
const PAUSE_MS = 60_000

/** Says things, each kind once a minute at most. */
export class Sparingly {
  readonly #say: (kind: string, times: number, last: string) => void
  readonly #now: () => number
  readonly #kinds = new Map<string, { times: number; next: number }>()

  /** @param say is told what happened, how often since it was told of it before, and what came with it last */
  constructor(
    say: (kind: string, times: number, last: string) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#say = say
    this.#now = now
  }

  /** Something of a kind happened; there are few kinds. */
  add(kind: string, last = ''): void {
    const now = this.#now()
    const known = this.#kinds.get(kind) ?? { times: 0, next: Number.NEGATIVE_INFINITY }
    known.times++
    this.#kinds.set(kind, known)
    if (now < known.next) return
    this.#say(kind, known.times, last)
    known.times = 0
    known.next = now + PAUSE_MS
  }
}
