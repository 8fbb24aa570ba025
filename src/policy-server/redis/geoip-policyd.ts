// What geoip-policyd has kept of an account: one JSON text a key, in one of three forms.
//
//     {"ForeignIPs":{"192.0.2.9":NS},"ForeignCountries":{"DE":NS},"HomeCountries":{"IPs":{},"Countries":{}},"Locked":false}
//     {"IPs":{"192.0.2.9":NS},"Countries":{"DE":NS},"HomeCountries":null,"Locked":true}        until September 2024
//     {"IPs":[{"192.0.2.9":NS}],"Countries":[{"DE":NS}],"Locked":false}                        until October 2022
//
// NS is when it was last seen, in nanoseconds since 1970.

import { z } from 'zod'
import { type AddressPrefixes, countedNetwork, parseClientAddress } from '../../policy/client-address.ts'
import {
  type Entry,
  KIND,
  type Kind,
  MOST_ENTRIES,
  PERMANENT,
  type SubjectState,
} from '../../policy/state.ts'
import type { SubjectReport } from '../store.ts'

/** Why an account is blocked that geoip-policyd had locked. */
export const IMPORTED = 'imported'

const times = z.record(z.string(), z.number()).nullish()
const seen = z.union([times, z.array(z.record(z.string(), z.number()))])

const form = z.object({
  ForeignIPs: seen,
  ForeignCountries: seen,
  IPs: seen,
  Countries: seen,
  HomeCountries: z.object({ IPs: seen, Countries: seen }).nullish(),
  Locked: z.boolean().nullish(),
})

type Seen = z.infer<typeof seen>

/** How its accounts are read. */
export interface ReadOptions {
  readonly prefixes: AddressPrefixes
  /** Milliseconds for which an entry counts. */
  readonly window: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Reads an account: what still counts of it, and a block without an end if it was locked. Null for what is none.
 *
 * @param user the name that it is to have
 */
export function readGeoipPolicyd(user: string, text: string, options: ReadOptions): SubjectReport | null {
  const parsed = form.safeParse(jsonOf(text))
  if (!parsed.success) return null
  const { ForeignIPs, ForeignCountries, IPs, Countries, HomeCountries, Locked } = parsed.data
  const all = [ForeignIPs, ForeignCountries, IPs, Countries, HomeCountries, Locked]
  if (all.every((it) => it === undefined)) return null
  const { now } = options
  const state: SubjectState = {
    entries: [
      entriesOf(KIND.ip, ForeignIPs ?? IPs, HomeCountries?.IPs, options),
      entriesOf(KIND.country, ForeignCountries ?? Countries, HomeCountries?.Countries, options),
      new Map(),
    ],
    block: Locked === true ? { since: now, until: PERMANENT, reason: IMPORTED } : null,
    place: null,
  }
  const entries = state.entries.flatMap((of) => [...of.values()])
  const first = Math.min(now, ...entries.map((entry) => entry.first))
  const last = Math.max(first, ...entries.map((entry) => entry.last))
  return { user, first, last, requests: 0, refused: 0, state }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function entriesOf(kind: Kind, away: Seen, home: Seen, options: ReadOptions): ReadonlyMap<string, Entry> {
  const { window, now, prefixes } = options
  const entries = new Map<string, Entry>()
  for (const [class_, of] of [
    [false, away],
    [true, home],
  ] as const) {
    for (const [raw, nanoseconds] of pairsOf(of)) {
      const value = kind === KIND.ip ? networkOf(raw, prefixes) : countryOf(raw)
      // Beyond 2^53, but exact to a microsecond.
      const last = Math.min(Math.floor(nanoseconds / 1e6), now)
      if (value === null || last <= now - window) continue
      const known = entries.get(value)
      if (known !== undefined && known.last >= last) continue
      entries.set(value, { first: known?.first ?? last, last, home: class_, refused: false })
    }
  }
  return new Map([...entries].sort(([, a], [, b]) => b.last - a.last).slice(0, MOST_ENTRIES))
}

function pairsOf(of: Seen): readonly (readonly [string, number])[] {
  if (of === null || of === undefined) return []
  return (Array.isArray(of) ? of : [of]).flatMap((it) => Object.entries(it))
}

function networkOf(raw: string, prefixes: AddressPrefixes): string | null {
  const address = parseClientAddress(raw)
  return address === null ? null : countedNetwork(address, prefixes)
}

const countryOf = (raw: string): string | null => (/^[A-Z]{2}$/.test(raw) ? raw : null)
