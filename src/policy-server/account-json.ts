// Accounts as JSON, for the control socket, REST and the pages: times in ISO 8601, UTC, entries as lists.

import { type Entry, isBlocked, KIND, type SubjectState } from '../policy/state.ts'
import { untilText } from './log-lines.ts'
import type { PolicyEvent, SubjectReport } from './store.ts'
import type { AccountDetails, RecordText } from './surface.ts'

/** An address, a country or an AS that an account came from. */
export interface EntryJson {
  readonly value: string
  readonly first: string
  readonly last: string
  readonly home: boolean
  /** Whether it only asked to be let in, and isn't counted. */
  readonly refused: boolean
}

/** What is kept of an account. */
export interface AccountJson {
  readonly user: string
  readonly first: string
  readonly last: string
  readonly requests: number
  readonly refused: number
  /** Null when it isn't blocked now; `until` is `permanent` where there is no end. */
  readonly block: { readonly since: string; readonly until: string; readonly reason: string } | null
  /** The newest first, and so are the others. */
  readonly ips: readonly EntryJson[]
  readonly countries: readonly EntryJson[]
  readonly asns: readonly EntryJson[]
}

/** An event of the history. */
export type EventJson = Omit<PolicyEvent, 'time'> & { readonly time: string }

/** All that is known of an account. */
export interface AccountDetailsJson extends AccountJson {
  readonly events: readonly EventJson[]
  readonly record: RecordText | null
  /** Logins with a wrong password of late; null for none. */
  readonly failures: { readonly count: number; readonly last: string } | null
}

/**
 * An account as JSON.
 *
 * @param now milliseconds since 1970: a block that has ended is none
 */
export function accountJson(report: SubjectReport, now: number): AccountJson {
  const { user, first, last, requests, refused, state } = report
  const entries = (kind: 0 | 1 | 2): EntryJson[] => entriesJson(state, kind)
  return {
    user,
    first: untilText(first),
    last: untilText(last),
    requests,
    refused,
    block: isBlocked(state, now) ? blockJson(state) : null,
    ips: entries(KIND.ip),
    countries: entries(KIND.country),
    asns: entries(KIND.asn),
  }
}

/** An account with its events and its record. */
export function detailsJson(details: AccountDetails, now: number): AccountDetailsJson {
  const { report, events, record, failures } = details
  return {
    ...accountJson(report, now),
    events: events.map(eventJson),
    record,
    failures: failures === null ? null : { count: failures.count, last: untilText(failures.last) },
  }
}

/** An event as JSON. */
export function eventJson({ time, ...event }: PolicyEvent): EventJson {
  return { time: untilText(time), ...event }
}

function blockJson({ block }: SubjectState): AccountJson['block'] {
  if (block === null) return null
  const { since, until, reason } = block
  return { since: untilText(since), until: untilText(until), reason }
}

function entriesJson(state: SubjectState, kind: 0 | 1 | 2): EntryJson[] {
  const newestFirst = ([, a]: [string, Entry], [, b]: [string, Entry]): number => b.last - a.last
  return [...state.entries[kind]].sort(newestFirst).map(([value, { first, last, home, refused }]) => {
    return { value, first: untilText(first), last: untilText(last), home, refused }
  })
}
