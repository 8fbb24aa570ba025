// Requests that wait for their decision: those of one moment are decided together.

import type { Decision } from '../policy/decision.ts'
import type { JudgedRequest } from './store.ts'

/** Requests that are decided together at most, and then share a transaction. */
const MAX_TOGETHER = 64

interface Waiting {
  readonly request: JudgedRequest
  readonly resolve: (decision: Decision) => void
  readonly reject: (error: unknown) => void
}

/** Gathers requests and has them decided. */
export class WaitingRequests {
  readonly #decideAll: (requests: readonly JudgedRequest[]) => readonly Decision[]
  #waiting: Waiting[] = []

  /** @param decideAll decides requests, in their order; where it throws, all of them are told */
  constructor(decideAll: (requests: readonly JudgedRequest[]) => readonly Decision[]) {
    this.#decideAll = decideAll
  }

  /** Has a request decided, with those that come in the same turn of the loop. */
  add(request: JudgedRequest): Promise<Decision> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      // Requests of all connections that are readable now have come when the others are done. Those that need no
      // transaction wait as well: to answer one by one costs more turns of the loop than it saves time.
      if (this.#waiting.length === 1) setImmediate(() => this.#decideSome())
    })
  }

  /** Has all that wait decided now. */
  decideRest(): void {
    while (this.#waiting.length > 0) this.#decideSome()
  }

  #decideSome(): void {
    const together = this.#waiting.slice(0, MAX_TOGETHER)
    this.#waiting = this.#waiting.slice(MAX_TOGETHER)
    if (this.#waiting.length > 0) setImmediate(() => this.#decideSome())
    try {
      const decisions = this.#decideAll(together.map(({ request }) => request))
      for (const [i, { resolve }] of together.entries()) resolve(decisions[i])
    } catch (error) {
      for (const { reject } of together) reject(error)
    }
  }
}
