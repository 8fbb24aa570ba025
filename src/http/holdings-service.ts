// Tells what an AS or a country has to those who ask over HTTP: one walk over the table at a time, a few that wait for
// theirs, and the last answers kept as long as their table is in service.

import { HTTPException } from 'hono/http-exception'
import type { Table } from '../table/table.ts'
import { type Holder, type Holdings, holdingsOf } from './holdings.ts'

/** Answers that are kept; each has some hundred short texts. */
const MAX_KEPT = 32

/** Those that may wait. */
const MAX_WAITING = 8

/** Seconds after which one may ask again who could not be answered. */
const RETRY_SECONDS = '2'

/** Answers of the table in service. */
export class HoldingsService {
  readonly #table: () => Table
  /** By whose they are; of one table, that is not held here. */
  #kept = new Map<string, Promise<Holdings>>()
  #of: WeakRef<Table> | null = null
  #waiting = 0
  /** Resolves when what is looked up now is, and all that waits. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(table: () => Table) {
    this.#table = table
  }

  /** @throws {HTTPException} 503 when too many wait. */
  of(holder: Holder): Promise<Holdings> {
    const table = this.#table()
    if (this.#of?.deref() !== table) {
      this.#of = new WeakRef(table)
      this.#kept = new Map()
    }
    const key = 'asn' in holder ? `AS${holder.asn}` : holder.country
    const known = this.#kept.get(key)
    // The one that was asked for last goes last.
    if (known !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    return this.#lookUp(table, holder, key)
  }

  #lookUp(table: Table, holder: Holder, key: string): Promise<Holdings> {
    if (this.#waiting >= MAX_WAITING) throw tooMany()
    this.#waiting++
    const kept = this.#kept
    const looked = this.#last
      .then(() => holdingsOf(table, holder))
      .finally(() => {
        this.#waiting--
      })
    this.#last = looked.catch(() => kept.delete(key))
    kept.set(key, looked)
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break
      kept.delete(oldest)
    }
    return looked
  }
}

function tooMany(): HTTPException {
  const res = Response.json(
    { error: 'too many ASes and countries are asked for at once' },
    { status: 503, headers: { 'retry-after': RETRY_SECONDS } },
  )
  return new HTTPException(503, { res })
}
