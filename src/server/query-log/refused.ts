// The clients that got no answer last, as the writer of the query log sees them: one entry for each client and what became
// of its queries, so that one that asks without end does not hide the others.

import { OUTCOME, outcomeNames } from '../../dns/outcome.ts'

/** Entries that are remembered. */
const MAX_ENTRIES = 20

/** What it is to get no answer. */
const UNANSWERED: readonly number[] = [OUTCOME.refused, OUTCOME.rateLimited, OUTCOME.dropped]

/** A client that got no answer, by what the query log has of it. */
export interface RefusedClient {
  readonly client: string
  /** What became of its queries: `refused`, `rateLimited` or `dropped`. */
  readonly outcome: string
  /** The name and the type that it asked for last; null where they could not be read, or were not. */
  readonly asked: string | null
  /** When that was, in ISO 8601, UTC. */
  readonly at: string
  /** How many queries of it were logged since it came onto the list. */
  readonly queries: number
}

/** The last of them. */
export class RefusedClients {
  readonly #entries = new Map<string, RefusedClient>()
  #isNew = false

  /**
   * Takes note of a line of the query log, if it tells of one.
   *
   * @param became one of OUTCOME: of most lines no more than this is looked at
   */
  note(line: string, became: number): void {
    if (!UNANSWERED.includes(became)) return
    const [at, client, , name, type] = line.split(' ')
    const outcome = outcomeNames[became]
    const key = `${client} ${outcome}`
    const queries = (this.#entries.get(key)?.queries ?? 0) + 1
    const asked = name === '-' ? null : `${name} ${type}`
    this.#entries.delete(key)
    this.#entries.set(key, { client, outcome, asked, at, queries })
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value ?? '')
    this.#isNew = true
  }

  /** Those of now, the last first; null when they are those that were taken before. */
  take(): readonly RefusedClient[] | null {
    if (!this.#isNew) return null
    this.#isNew = false
    return [...this.#entries.values()].reverse()
  }
}
