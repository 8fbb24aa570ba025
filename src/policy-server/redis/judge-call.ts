// What the program in Redis is asked, and what it answers.

import type { Client } from '../../policy/client.ts'
import type { Changes, Counts, Decision, RuleName, Violation } from '../../policy/decision.ts'
import { factsOf } from '../../policy/facts.ts'
import { outcome, TOUCH_SHARE } from '../../policy/rules.ts'
import type { Rules } from '../../policy/settings.ts'
import { type Block, type Kind, MOST_ENTRIES } from '../../policy/state.ts'
import { KIND_LETTERS, parseEntry } from './state-fields.ts'

/** How a request is asked. */
export interface AskOptions {
  /** Whether what comes of it is remembered. */
  readonly store: boolean
  /** Milliseconds since 1970; null for the time of the server. */
  readonly now: number | null
  /** Whether to answer `new` and do nothing when nothing is known of the account. */
  readonly unlessNew: boolean
}

/** An answer. */
export type Judged =
  | { readonly isNew: true }
  | {
      readonly isNew: false
      readonly decision: Decision
      /** When it was judged, in milliseconds since 1970. */
      readonly now: number
      /** Fields that aren't ours; -1 when the key is none of ours at all. */
      readonly foreign: number
    }

/** The only argument of the program. What is absent doesn't hold. */
export function composeAsk(client: Client, rules: Rules, { store, now, unlessNew }: AskOptions): string {
  const { isHome, refusal, score, values } = factsOf(client, rules)
  const { limits, home, actions, travel, block } = rules
  const travels = travel.speed !== null && client.place !== null
  return JSON.stringify({
    store,
    now: now ?? undefined,
    unlessNew,
    monitor: rules.mode === 'monitor',
    window: rules.window,
    fresh: rules.window * TOUCH_SHARE,
    most: MOST_ENTRIES,
    scope: block.scope,
    duration: block.duration,
    home: isHome,
    values: values.map(([kind, value]) => [KIND_LETTERS[kind], value]),
    refusal: refusal === null ? undefined : [refusal.rule, refusal.detail],
    score: score === null ? undefined : [score.action, score.detail],
    limit: actions.limit === 'off' ? undefined : actions.limit,
    countries: (isHome ? home.countries : limits.countries) ?? undefined,
    ips: (isHome ? home.ips : limits.ips) ?? undefined,
    asns: limits.asns ?? undefined,
    travel: travels
      ? {
          action: actions.travel === 'off' ? undefined : actions.travel,
          speed: travel.speed,
          text: String(travel.speed),
          distance: travel.distance,
        }
      : undefined,
    place: travels ? composePlace(client) : undefined,
  })
}

/** Numbers as text, so that they are kept as they are. */
function composePlace({ place, country }: Client) {
  if (place === null) return undefined
  return {
    lat: String(place.latitude),
    lon: String(place.longitude),
    radius: String(place.radius),
    city: place.isCity,
    country: country ?? undefined,
  }
}

type Reply = readonly [
  string,
  string,
  readonly (readonly [RuleName, Violation['action'], string])[],
  readonly [number, number, number, number, number],
  readonly (readonly [string, string, string])[],
  readonly (readonly [string, string])[],
  readonly [] | readonly [string, string, string],
  number,
  number,
  readonly [] | readonly [string, string, string],
]

/** Reads the answer of the program. */
export function readJudged(reply: unknown, client: Client, rules: Rules): Judged {
  const [word, time, violations, counts, entries, removed, begins, placed, foreign, held] = reply as Reply
  if (word === 'new') return { isNew: true }
  const now = Number(time)
  const block = blockOf(begins)
  const changes: Changes = {
    entries: entries.flatMap(([letter, value, text]) => {
      const entry = parseEntry(text)
      return entry === null ? [] : [{ kind: kindOf(letter), value, entry }]
    }),
    removed: removed.map(([letter, value]) => ({ kind: kindOf(letter), value })),
    block,
    place:
      placed === 1 && client.place !== null
        ? { ...client.place, country: client.country ?? '', time: now }
        : null,
  }
  const judged = violations.map(([rule, action, detail]) => ({ rule, action, detail }))
  return {
    isNew: false,
    decision: {
      ...outcome(rules, judged, { counts: countsOf(counts), changes }),
      block: block ?? blockOf(held),
    },
    now,
    foreign,
  }
}

function blockOf([since, until, reason]: Reply[6]): Block | null {
  return reason === undefined ? null : { since: Number(since), until: Number(until), reason }
}

const kindOf = (letter: string): Kind => KIND_LETTERS.indexOf(letter) as Kind

function countsOf([ips, countries, homeIps, homeCountries, asns]: Reply[3]): Counts {
  return { ips, countries, homeIps, homeCountries, asns }
}
