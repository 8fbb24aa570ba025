// What the rules go by: the defaults, and what a record replaces of them for some accounts. Plain data, for threads.

import type { AddressPrefixes } from './client-address.ts'
import type { Networks } from './networks.ts'

/** What is done to a request. */
export type Action = 'reject' | 'defer' | 'warn' | 'off'

/** «More than»; null switches a limit off, 0 forbids. */
export type Limit = number | null

/** A set of addresses, by where they are and who runs them. */
export interface Origins {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly countries: ReadonlySet<string>
  readonly networks: Networks
  readonly asns: ReadonlySet<number>
}

/** What is judged for one account. */
export interface Rules {
  readonly mode: 'enforce' | 'monitor'
  /** Milliseconds for which an entry counts after it was last seen. */
  readonly window: number
  readonly prefixes: AddressPrefixes
  readonly limits: { readonly countries: Limit; readonly ips: Limit; readonly asns: Limit }
  readonly home: { readonly codes: ReadonlySet<string>; readonly countries: Limit; readonly ips: Limit }
  /** Where any is named, a client has to be in all of those that are. */
  readonly allowOnly: Origins
  /** Neither counted nor refused. */
  readonly exempt: Origins
  readonly unknownCountry: 'skip' | 'count' | 'refuse'
  /** `speed` in km/h, null for off; `distance` in km below which nothing is said. */
  readonly travel: { readonly speed: number | null; readonly distance: number }
  /** A request is refused whose score is this or less; null for off. */
  readonly scoreBelow: number | null
  /** `duration` in milliseconds, 0 for none, PERMANENT for no end. */
  readonly block: { readonly duration: number; readonly scope: 'account' | 'new' }
  readonly actions: { readonly limit: Action; readonly travel: Action; readonly score: Action }
}
