// Accounts in the SQLite file: read, remembered, as no other process writes, and written.

import type { Changes, Decision } from '../policy/decision.ts'
import { isChange } from '../policy/decision.ts'
import { type Entry, KINDS, type Kind, NO_STATE, type SubjectState } from '../policy/state.ts'
import { eventOf, isEvent } from './event.ts'
import { Lately } from './lately.ts'
import type { Statements, SubjectRow } from './sqlite-schema.ts'
import type { JudgedRequest, SubjectReport } from './store.ts'

/** Addresses, countries and ASes that are remembered of all accounts, and what an account weighs besides: some 10 MB. */
const MAX_REMEMBERED = 60_000
const ACCOUNT_WEIGHT = 3

/** Reads and writes accounts. */
export class Accounts {
  readonly #statements: Statements
  readonly #remembered = new Lately<string, SubjectState>(MAX_REMEMBERED, weightOf)

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** What is kept of an account. */
  stateOf(user: string): SubjectState {
    const known = this.#remembered.get(user)
    if (known !== undefined) return known
    const row = this.#statements.subject.get(user) as SubjectRow | undefined
    const state = row === undefined ? NO_STATE : this.#readState(row)
    this.#remembered.set(user, state)
    return state
  }

  /** What is kept of an account, for those who ask for it. */
  reportOf(row: SubjectRow): SubjectReport {
    const { user, first, last, requests, refused } = row
    return { user, first, last, requests, refused, state: this.#readState(row) }
  }

  /** The account is as a decision, whose transaction has ended, has made it. */
  remember(user: string, state: SubjectState): void {
    this.#remembered.set(user, state)
  }

  /** An account is not as it was, or any may not be. */
  forget(user: string | null): void {
    if (user === null) this.#remembered.clear()
    else this.#remembered.delete(user)
  }

  /** Writes what comes of a decision. */
  write(request: JudgedRequest, decision: Decision): void {
    const { touchSubject, addEvent } = this.#statements
    const { user, now } = request
    const { changes, action } = decision
    const isRefused = action === 'reject' || action === 'defer'
    if (isChange(changes)) {
      touchSubject.run(user, now, now, isRefused ? 1 : 0)
      this.writeChanges(user, changes)
    }
    if (isEvent(decision)) {
      const { time, address, country, asn, rule, action: what, source } = eventOf(request, decision)
      addEvent.run(time, user, address, country, asn, rule, what, source)
    }
  }

  /** Writes what changes of an account. */
  writeChanges(user: string, { entries, removed, block: blocked, place: placed }: Changes): void {
    const { block, place, touchSeen, dropSeen } = this.#statements
    for (const { kind, value } of removed) dropSeen.run(user, kind, value)
    for (const { kind, value, entry } of entries) {
      touchSeen.run(user, kind, value, Number(entry.home), Number(entry.refused), entry.first, entry.last)
    }
    if (blocked !== null) block.run(blocked.since, blocked.until, blocked.reason, user)
    if (placed !== null) {
      const { latitude, longitude, radius, isCity, country, time } = placed
      place.run(latitude, longitude, radius, Number(isCity), country, time, user)
    }
  }

  #readState(row: SubjectRow): SubjectState {
    const entries = [new Map<string, Entry>(), new Map<string, Entry>(), new Map<string, Entry>()] as const
    const { seen } = this.#statements.seen.get(row.user) as { seen: string }
    for (const [kind, value, home, refused, first, last] of JSON.parse(seen) as Seen[]) {
      entries[kind]?.set(value, { first, last, home: home !== 0, refused: refused !== 0 })
    }
    return { entries, block: blockOf(row), place: placeOf(row) }
  }
}

/** A row of `seen`. */
type Seen = [kind: Kind, value: string, home: number, refused: number, first: number, last: number]

function weightOf({ entries }: SubjectState): number {
  return KINDS.reduce((sum, kind) => sum + entries[kind].size, ACCOUNT_WEIGHT)
}

function blockOf(row: SubjectRow): SubjectState['block'] {
  const { block_since: since, block_until: until, block_reason: reason } = row
  return since === null || until === null ? null : { since, until, reason: reason ?? '' }
}

function placeOf({ lat, lon, radius, city, country, placed }: SubjectRow): SubjectState['place'] {
  if (lat === null || lon === null || placed === null) return null
  return {
    latitude: lat,
    longitude: lon,
    radius: radius ?? 0,
    isCity: city === 1,
    country: country ?? '',
    time: placed,
  }
}
