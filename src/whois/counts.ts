// What the whois server counts, in memory that is shared with the main thread: it goes on when the thread is started again.

/** What became of a query: `unknown` has no AS, `error` is no query. */
export type WhoisResult = 'answer' | 'unknown' | 'error'

/** What became of connections: displaced by newer ones, closed because they took too long, of clients that may not ask. */
export type WhoisFate = 'accepted' | 'displaced' | 'late' | 'refused'

const NAMES = ['answer', 'unknown', 'error', 'accepted', 'displaced', 'late', 'refused', 'open'] as const

/** What is told of a whois server. */
export interface WhoisFigures {
  readonly queries: Readonly<Record<WhoisResult, number>>
  readonly connections: Readonly<Record<WhoisFate, number>>
  /** Connections that are open. */
  readonly open: number
}

/** The counts; one thread writes, any may read. */
export class WhoisCounts {
  readonly buffer: SharedArrayBuffer
  readonly #counts: Float64Array

  constructor(buffer = new SharedArrayBuffer(NAMES.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#counts = new Float64Array(buffer)
  }

  count(what: WhoisResult | WhoisFate): void {
    this.#counts[NAMES.indexOf(what)]++
  }

  set open(connections: number) {
    this.#counts[NAMES.indexOf('open')] = connections
  }

  get figures(): WhoisFigures {
    const of = (name: (typeof NAMES)[number]): number => this.#counts[NAMES.indexOf(name)]
    return {
      queries: { answer: of('answer'), unknown: of('unknown'), error: of('error') },
      connections: {
        accepted: of('accepted'),
        displaced: of('displaced'),
        late: of('late'),
        refused: of('refused'),
      },
      open: of('open'),
    }
  }
}
