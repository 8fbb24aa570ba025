// What becomes of a request, and what has to be remembered of it.

import type { Action } from './settings.ts'
import type { Block, Entry, Kind, LastPlace } from './state.ts'

/** What decided. */
export type RuleName =
  | 'exempt'
  | 'blocked'
  | 'allow-only'
  | 'unknown-country'
  | 'score'
  | 'travel'
  | 'countries'
  | 'ips'
  | 'home-countries'
  | 'home-ips'
  | 'asns'

/** A rule that a request is against. */
export interface Violation {
  readonly rule: RuleName
  readonly action: Exclude<Action, 'off'>
  /** What it says of itself, `3/2` for more than two countries, say. */
  readonly detail: string
}

/** How many values of a kind count. */
export interface Counts {
  readonly ips: number
  readonly countries: number
  readonly homeIps: number
  readonly homeCountries: number
  readonly asns: number
}

/** What becomes of a request. */
export interface Decision {
  readonly action: 'reject' | 'defer' | 'warn' | 'none'
  /** What would have become of it, where rules are only watched; null where they count. */
  readonly would: 'reject' | 'defer' | 'warn' | 'none' | null
  /** What decided; null when nothing did. */
  readonly rule: RuleName | null
  readonly violations: readonly Violation[]
  readonly counts: Counts
  /** The block that is in force when it is decided, one that it begins with this included; null for none. */
  readonly block: Block | null
  /** What has to be remembered. */
  readonly changes: Changes
}

/** What a decision changes of a state. */
export interface Changes {
  readonly entries: readonly { readonly kind: Kind; readonly value: string; readonly entry: Entry }[]
  /** Entries that made room. */
  readonly removed: readonly { readonly kind: Kind; readonly value: string }[]
  /** A block that begins; null when none does. */
  readonly block: Block | null
  /** Where the account is now; null when that is not news. */
  readonly place: LastPlace | null
}

/** Nothing to be remembered. */
export const NO_CHANGES: Changes = { entries: [], removed: [], block: null, place: null }

/** Whether there is anything to be remembered. */
export function isChange({ entries, removed, block, place }: Changes): boolean {
  return entries.length > 0 || removed.length > 0 || block !== null || place !== null
}
