// What may be asked of the policy service besides what mail servers ask it: all that REST, the control socket, the
// commands and the page need. Arguments and results are plain data, so that it is the same whether it is called in the
// policy thread (the `Surface` of service-surface.ts) or from the main thread (`PolicyService.ask`).
//
// Names of accounts are taken as a mail server would send them: they are brought into the form that accounts are kept
// under, so that `Anna+news@Example.org` finds `anna@example.org` where the settings say so. What can't be done because
// the store is not available rejects with an AsnzoneError `ASNZONE_POLICY`; what is wrong with the arguments, with
// `ASNZONE_CONFIG`.

import type { Counts, RuleName } from '../policy/decision.ts'
import type { Block } from '../policy/state.ts'
import type { FailedLogins } from './failures.ts'
import type { EventQuery, Forgotten, ListQuery, PolicyEvent, SubjectReport } from './store.ts'
import type { Channel } from './telling/settings.ts'

/** A question: would this account pass from this address? */
export interface Question {
  readonly user: string
  readonly address: string
}

/** A login that somebody asks about before it is let in. */
export interface LoginQuestion extends Question {
  /** Whether the password was right: a refusal may block the account then. */
  readonly isProven: boolean
}

/** How a login has ended. */
export interface LoginOutcome extends Question {
  /** Whether the password was right, and the login was let in. */
  readonly isSuccess: boolean
}

/** A record as it is written: geoip-policyd's fields and ours, see docs/policy.md. */
export type RecordText = Readonly<Record<string, unknown>>

/** What was decided of a request. */
export interface Verdict {
  /** Names it in the log. */
  readonly id: string
  /** What a mail server is answered, such as `DUNNO` or `REJECT …`; null where it is not answered at all. */
  readonly answer: string | null
  readonly action: 'reject' | 'defer' | 'warn' | 'none'
  /** What it would be if rules were not only watched; null where they count. */
  readonly would: 'reject' | 'defer' | 'warn' | 'none' | null
  /** What decided; null when nothing did. */
  readonly rule: RuleName | null
  /** What the rule says of itself, `3/2` say; '' for nothing. */
  readonly detail: string
  /** Why nothing was judged; null when it was. */
  readonly unjudged: 'no user' | 'unusable address' | 'unknown request' | 'store' | null
  /** The account; null when the request names none. */
  readonly user: string | null
  /** Its name as it came; null when the request names none. */
  readonly asked: string | null
  /** In canonical form; as it came where it is none. */
  readonly address: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null
  readonly asn: number | null
  readonly score: number
  /** Whether the country is one of the account's home countries. */
  readonly isHome: boolean
  /** With this request, as if it passed; null when nothing was judged. */
  readonly counts: Counts | null
  /** What the counts are held against; null for no limit. */
  readonly limits: Readonly<Record<keyof Counts, number | null>> | null
  /** The block in force. */
  readonly block: Block | null
  /** The `sender` of the record that the rules come from; null for the defaults. */
  readonly record: string | null
  readonly milliseconds: number
}

/** What is known of an account. */
export interface AccountDetails {
  readonly report: SubjectReport
  /** The newest first, at most 100. */
  readonly events: readonly PolicyEvent[]
  /** The record that is about it; null for none. */
  readonly record: RecordText | null
  /** Logins with a wrong password of late; null for none. */
  readonly failures: FailedLogins | null
}

/** The records in force. */
export interface RecordsInForce {
  /** `settings`: from the config or the file that it names; `set`: at run time. */
  readonly source: 'settings' | 'set'
  readonly records: readonly RecordText[]
}

/** What was told to people. */
export interface NotifyFigures {
  readonly counts: Readonly<
    Record<Channel, { readonly sent: number; readonly failed: number; readonly dropped: number }>
  >
  /** Messages that have not been told yet. */
  readonly waiting: number
}

/** Figures for metrics and health. */
export interface PolicyFigures {
  /** By source (`postfix`, `rest`, …), then by action. */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By rule. */
  readonly violations: Readonly<Record<string, number>>
  /** What was not a request to be judged, by what was wrong with it. */
  readonly unjudged: Readonly<Record<string, number>>
  /** Seconds that answers took: how many by DURATION_BOUNDS of tally.ts, the last above all of them, and their sum. */
  readonly duration: { readonly counts: readonly number[]; readonly sum: number }
  readonly connections: number
  readonly storeErrors: number
  /** Why the store is not available; null while it is. */
  readonly storeTrouble: string | null
  /** Accounts that are kept, and of them blocked; null while the store is not available. */
  readonly users: number | null
  readonly blocked: number | null
  /** Null where nobody is told. */
  readonly notify: NotifyFigures | null
}

/** The policy service. */
export interface PolicySurface {
  /** Judges a request and remembers nothing, nor logs it. */
  check(question: Question): Promise<Verdict>
  /** Judges a request as if a mail server had sent it: it is counted, remembered and logged. */
  decide(question: Question, source: string): Promise<Verdict>
  /**
   * Judges a login before it is let in, and logs what comes of it. It is not counted: somebody who guesses a password isn't
   * the account. Where the password was right, a refusal is remembered and may begin a block.
   */
  allow(question: LoginQuestion): Promise<Verdict>
  /** Counts a login that was let in as `decide` does; one that failed changes nothing but a count: null then. */
  report(outcome: LoginOutcome): Promise<Verdict | null>
  /** Accounts in the order of their names. */
  list(query: ListQuery): Promise<readonly SubjectReport[]>
  /** What is known of an account; null for nothing. */
  show(user: string): Promise<AccountDetails | null>
  /**
   * The history of an account or of all, the newest first, at most 1,000 at a time. All hosts are in it that share the
   * store.
   */
  events(query: EventQuery): Promise<readonly PolicyEvent[]>
  /** Lifts the block of an account, or of all for null; tells how many there were. */
  unblock(user: string | null): Promise<number>
  /** Removes all that is kept of an account; tells whether there was anything. */
  forget(user: string): Promise<Forgotten>
  records(): Promise<RecordsInForce>
  /** Sets records, which go over those of the settings until they are reset, restarts included. */
  setRecords(records: readonly RecordText[]): Promise<void>
  /** Goes back to the records of the settings. */
  resetRecords(): Promise<void>
  figures(): Promise<PolicyFigures>
}
