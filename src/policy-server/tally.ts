// Counts what the policy service does, for metrics.

import type { Outcome } from './decider.ts'
import type { PolicyFigures } from './surface.ts'

/** Upper bounds of the histogram of durations, in seconds. */
export const DURATION_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2,
]

/** Counts by name. */
class Counts {
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}

/** Counts since the start. */
export class Tally {
  readonly #requests = new Map<string, Counts>()
  readonly #violations = new Counts()
  readonly #unjudged = new Counts()
  /** By bound, and above all bounds. */
  readonly #durations = [...DURATION_BOUNDS, 0].map(() => 0)
  #sum = 0

  /** Counts a request that was answered. */
  add(source: string, { action, rule, unjudged, milliseconds }: Outcome): void {
    let requests = this.#requests.get(source)
    if (requests === undefined) {
      requests = new Counts()
      this.#requests.set(source, requests)
    }
    requests.add(action)
    if (rule !== null && rule !== 'exempt') this.#violations.add(rule)
    if (unjudged !== null) this.#unjudged.add(unjudged)
    const seconds = milliseconds / 1000
    this.#sum += seconds
    let place = 0
    while (place < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[place]) place++
    this.#durations[place]++
  }

  /** Counts octets that could be no request, or a peer that may not ask. */
  addFault(what: string): void {
    this.#unjudged.add(what)
  }

  /** What was counted. */
  get figures(): Pick<PolicyFigures, 'requests' | 'violations' | 'unjudged' | 'duration'> {
    return {
      requests: Object.fromEntries([...this.#requests].map(([source, counts]) => [source, counts.all])),
      violations: this.#violations.all,
      unjudged: this.#unjudged.all,
      duration: { counts: [...this.#durations], sum: this.#sum },
    }
  }
}
