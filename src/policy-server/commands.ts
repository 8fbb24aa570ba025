// What commands, pages and programs ask of the policy service: like surface.ts, with results that JSON can hold.

import type { AccountDetailsJson, AccountJson, EventJson } from './account-json.ts'
import type { EventQuery, Forgotten, ListQuery } from './store.ts'
import type { LoginOutcome, LoginQuestion, Question, RecordsInForce, RecordText, Verdict } from './surface.ts'

/** The functions; each takes one argument, or none. */
export interface PolicyCommands {
  check(question: Question): Promise<Verdict>
  /** Judges, and tells what is kept of the account then. */
  query(question: CountedQuestion): Promise<QueryAnswer>
  allow(question: LoginQuestion): Promise<Verdict>
  report(outcome: LoginOutcome): Promise<Verdict | null>
  list(query: ListQuery): Promise<readonly AccountJson[]>
  show(user: string): Promise<AccountDetailsJson | null>
  events(query: EventQuery): Promise<readonly EventJson[]>
  unblock(user: string | null): Promise<number>
  forget(user: string): Promise<Forgotten>
  records(): Promise<RecordsInForce>
  setRecords(records: readonly RecordText[]): Promise<void>
  resetRecords(): Promise<void>
  /** Reads the records of the settings again; resolves with why the old ones stay, null when they don't. */
  reload(): Promise<string | null>
}

/** A question that may count. */
export interface CountedQuestion extends Question {
  readonly isCounted: boolean
}

/** The answer to it. */
export interface QueryAnswer {
  readonly verdict: Verdict
  /** Null where nothing is kept. */
  readonly account: AccountJson | null
}

/** Which function is called. */
export type PolicyCommandName = keyof PolicyCommands

/**
 * The functions of a service that is elsewhere.
 *
 * @param call carries a call out, by its name
 */
export function remoteCommands(
  call: (name: PolicyCommandName, argument: unknown) => Promise<unknown>,
): PolicyCommands {
  const ask =
    <Argument, Result>(name: PolicyCommandName) =>
    (argument?: Argument): Promise<Result> =>
      call(name, argument) as Promise<Result>
  return {
    check: ask('check'),
    query: ask('query'),
    allow: ask('allow'),
    report: ask('report'),
    list: ask('list'),
    show: ask('show'),
    events: ask('events'),
    unblock: ask('unblock'),
    forget: ask('forget'),
    records: ask('records'),
    setRecords: ask('setRecords'),
    resetRecords: ask('resetRecords'),
    reload: ask('reload'),
  }
}
