// What a store of the policy service does: it keeps what is remembered of accounts, and judges requests by it.

import type { Client } from '../policy/client.ts'
import type { Decision } from '../policy/decision.ts'
import type { Rules } from '../policy/settings.ts'
import type { SubjectState } from '../policy/state.ts'

/** A request to be judged. */
export interface JudgedRequest {
  /** The account. */
  readonly user: string
  /** Its name as it came, where that is known: what geoip-policyd knew it by. */
  readonly raw?: string | undefined
  readonly client: Client
  readonly rules: Rules
  /** Milliseconds since 1970. */
  readonly now: number
  /** Who asks: `postfix`, `rest` and so on, for the history. */
  readonly source: string
}

/** What is kept of an account. Times are milliseconds since 1970. */
export interface SubjectReport {
  readonly user: string
  readonly first: number
  readonly last: number
  /** Requests that changed something, and those that were refused. */
  readonly requests: number
  readonly refused: number
  readonly state: SubjectState
}

/** A refusal or a block, as it is remembered. */
export interface PolicyEvent {
  /** Its place in the history: one that is less is older. */
  readonly id: string
  readonly time: number
  readonly user: string
  readonly address: string
  readonly country: string | null
  readonly asn: number | null
  readonly rule: string
  readonly action: string
  readonly source: string
  /** The host that refused it; null where there is one only. */
  readonly host: string | null
}

/** Which events are wanted; the newest come first. */
export interface EventQuery {
  /** Those of one account; of all unless given. */
  readonly user?: string | null
  /** Those that are older than the one with this ID; empty for none. */
  readonly before?: string
  /** Those after this time, in milliseconds since 1970. */
  readonly since?: number
  readonly limit: number
}

/** Who may tell somebody of something. */
export interface Claim {
  /** The account that it is about; null for the digest of a day. */
  readonly user: string | null
  /** What of it is told: another token is news at once. Empty for whatever was told before. */
  readonly token: string
  /** For how long the same is no news. */
  readonly milliseconds: number
}

/** Which accounts are wanted. */
export interface ListQuery {
  readonly blocked: boolean
  /** A part of the name. */
  readonly text: string
  /** Names after this one. */
  readonly after: string
  readonly limit: number
}

/** What came of forgetting an account. */
export interface Forgotten {
  /** Whether there was anything. */
  readonly isFound: boolean
  /** Keys that hold what isn't ours: nothing was looked for there. */
  readonly left: readonly string[]
}

/** How many accounts there are. */
export interface StoreCounts {
  readonly users: number | null
  readonly blocked: number | null
}

/** Keeps what is remembered. What can't be done because the store is not available is an error; nothing is half done then. */
export interface Store {
  /** Whether it comes back by itself after it was unavailable; another one is opened anew. */
  readonly mendsItself: boolean
  /** Judges a request and remembers what comes of it; nothing comes between the two. */
  decide(request: JudgedRequest): Promise<Decision>
  /** Judges a request and remembers nothing. */
  look(request: Omit<JudgedRequest, 'source'>): Promise<Decision>
  /** Fails unless decisions can be stored: writes something of the size of one, and removes it. */
  prove(): Promise<void>
  /** What is kept of an account; null for nothing. */
  report(user: string): Promise<SubjectReport | null>
  /** Accounts in the order of their names. */
  list(query: ListQuery, now: number): Promise<readonly SubjectReport[]>
  /** The history, the newest first. */
  events(query: EventQuery): Promise<readonly PolicyEvent[]>
  /** Whether something is to be told: false when this host or another one has told the same already. */
  claim(claim: Claim, now: number): Promise<boolean>
  /** Lifts the block of an account, or of all; tells how many there were. */
  unblock(user: string | null, now: number): Promise<number>
  /** Removes an account. */
  forget(user: string): Promise<Forgotten>
  /**
   * Takes over an account that another store or another program has kept, unless it is known or nothing of it counts;
   * tells whether it did.
   *
   * @param window milliseconds for which its entries count
   */
  adopt(report: SubjectReport, window: number, now: number): Promise<boolean>
  /** The records that were set at run time, as JSON; null when none were. */
  records(): Promise<readonly string[] | null>
  setRecords(records: readonly string[] | null): Promise<void>
  /** How many accounts are kept and how many of them are blocked; null where that is not known. */
  counts(now: number): Promise<StoreCounts>
  /** Removes a slice of what doesn't count any more; tells whether there is more. */
  expire(before: {
    readonly entries: number
    readonly events: number
    readonly now: number
  }): Promise<boolean>
  close(): Promise<void>
}
