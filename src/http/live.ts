// What the status page shows: figures of now, and of each of the last seconds.

import { shareOfAddresses } from '../data/coverage.ts'
import { ageInDays, staleSources } from '../data/sources/age.ts'
import { type OutcomeName, outcomeNames } from '../dns/outcome.ts'
import type { OutcomeCounts } from '../server/counters.ts'
import { statusOf } from '../server/status.ts'
import { MinuteByMinute } from './minutes.ts'
import type { ServerView } from './server-view.ts'

/** Seconds that are remembered for a page that is opened. */
const REMEMBERED = 300

/** What was answered in one second. */
export interface Second {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number
  /** Its length: a busy or a sleeping host is late. */
  readonly seconds: number
  readonly outcomes: Readonly<Record<OutcomeName, number>>
}

/** Those that want to be told of each second. */
export type Listener = (second: Second) => void

/** Looks at the counters once a second. */
export class SecondBySecond {
  readonly #total: () => OutcomeCounts
  readonly #listeners = new Set<Listener>()
  readonly #timer: NodeJS.Timeout
  #last: { readonly at: number; readonly total: OutcomeCounts }
  #history: Second[] = []
  /** The last day. */
  readonly minutes = new MinuteByMinute()

  /** @param total the outcomes of all queries so far */
  constructor(total: () => OutcomeCounts) {
    this.#total = total
    this.#last = { at: Date.now(), total: total() }
    this.#timer = setInterval(() => this.#look(), 1000).unref()
  }

  /** The last seconds, the oldest first. */
  get history(): readonly Second[] {
    return this.#history
  }

  /** Tells of each second from now on; the function that is returned ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const { at: before, total: old } = this.#last
    const at = Date.now()
    const total = this.#total()
    this.#last = { at, total }
    const outcomes = Object.fromEntries(outcomeNames.map((name) => [name, total[name] - old[name]]))
    const second: Second = {
      at,
      seconds: Math.max(0.001, (at - before) / 1000),
      outcomes: outcomes as Record<OutcomeName, number>,
    }
    this.#history = [...this.#history.slice(1 - REMEMBERED), second]
    this.minutes.add(second)
    for (const listener of this.#listeners) listener(second)
  }
}

/** What /api/status tells. */
export function describeStatus(running: ServerView): object {
  const { server, reloader, started, maxAge, zones, update, refused, settings } = running
  const { metadata, ok: _, ...status } = statusOf(server, reloader, started)
  const now = Date.now()
  const stale = new Set(staleSources(metadata, maxAge.milliseconds, now))
  return {
    ...status,
    tcp: server.tcpConnections,
    update,
    refused,
    settings,
    maxAge: maxAge.text,
    date: metadata.date,
    sources: metadata.sources.map((source) => ({
      ...source,
      share: source.family === null ? null : shareOfAddresses(source.family, source.addresses),
      age: ageInDays(source, now),
      stale: stale.has(source),
    })),
    zones: zones.map(({ id, owner, apexes, row }) => ({
      id,
      owner,
      apexes,
      queries: server.counters.of(row),
    })),
    elsewhere: server.counters.of(-1),
  }
}
