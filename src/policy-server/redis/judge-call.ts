// What the program in Redis is asked, and what it answers.

import type { Client } from '../../policy/client.ts'
import type { Changes, Decision, RuleName, Violation } from '../../policy/decision.ts'
import type { Facts } from '../../policy/facts.ts'
import { outcome } from '../../policy/rules.ts'
import type { Rules } from '../../policy/settings.ts'
import type { Block, Kind } from '../../policy/state.ts'
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
export function composeAsk(
  client: Client,
  rules: Rules,
  { isHome, refusal, score, values }: Facts,
  { store, now, unlessNew }: AskOptions,
): string {
  const ofRequest = JSON.stringify({
    values: values.map(({ kind, value }) => `${KIND_LETTERS[kind]}:${value}`),
    store: store || undefined,
    now: now ?? undefined,
    unlessNew: unlessNew || undefined,
    refusal: refusal === null ? undefined : [refusal.rule, refusal.detail],
    score: score === null ? undefined : [score.action, score.detail],
    place: rules.travel.speed === null ? undefined : composePlace(client),
  })
  return `${ofRequest.slice(0, -1)},${(isHome ? askedAtHome : askedAway)(rules)}`
}

const askedAway = once((rules) => composeRules(rules, false))
const askedAtHome = once((rules) => composeRules(rules, true))

/** Hardly any two requests differ in their rules: what these ask for is written once, and goes with them. */
function once(compose: (rules: Rules) => string): (rules: Rules) => string {
  const composed = new WeakMap<Rules, string>()
  return (rules) => {
    const known = composed.get(rules)
    if (known !== undefined) return known
    const text = compose(rules)
    composed.set(rules, text)
    return text
  }
}

/** What rules ask for, to be put after what else is asked. */
function composeRules(
  { mode, window, limits, home, actions, travel, block }: Rules,
  isHome: boolean,
): string {
  const text = JSON.stringify({
    monitor: mode === 'monitor' || undefined,
    window,
    onlyNew: block.scope === 'new' || undefined,
    duration: block.duration === 0 ? undefined : block.duration,
    home: isHome || undefined,
    limit: actions.limit === 'off' ? undefined : actions.limit,
    countries: (isHome ? home.countries : limits.countries) ?? undefined,
    ips: (isHome ? home.ips : limits.ips) ?? undefined,
    asns: limits.asns ?? undefined,
    travel:
      travel.speed === null
        ? undefined
        : {
            action: actions.travel === 'off' ? undefined : actions.travel,
            speed: travel.speed,
            text: String(travel.speed),
            distance: travel.distance,
          },
  })
  return text.slice(1)
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

/** A block, or nothing. */
type BlockReply = readonly [] | readonly [since: string, until: string, reason: string]

/** What the program answers; the second half is absent when there is nothing in it. */
type Reply = readonly [
  word: string,
  time: string,
  foreign: number,
  ips: number,
  countries: number,
  homeIps: number,
  homeCountries: number,
  asns: number,
  violations?: readonly (readonly [RuleName, Violation['action'], string])[],
  entries?: readonly (readonly [field: string, text: string])[],
  removed?: readonly string[],
  begins?: BlockReply,
  held?: BlockReply,
  placed?: number,
]

const NO_ANSWER = 'what it says is no answer of the program of asnzone'

/**
 * Reads the answer of the program.
 *
 * @throws {Error} when it is none.
 */
export function readJudged(reply: unknown, client: Client, rules: Rules): Judged {
  if (!Array.isArray(reply)) throw new Error(NO_ANSWER)
  const [word, time, foreign, ips, countries, homeIps, homeCountries, asns, ...more] =
    reply as unknown as Reply
  if (word === 'new') return { isNew: true }
  const numbers = [Number(time), foreign, ips, countries, homeIps, homeCountries, asns]
  if (word !== 'judged' || !numbers.every(Number.isInteger)) throw new Error(NO_ANSWER)
  const now = Number(time)
  const counts = { ips, countries, homeIps, homeCountries, asns }
  const [violated = [], entries = [], removed = [], begins = [], held = [], placed = 0] = more
  const changes: Changes = {
    entries: entries.flatMap(([field, text]) => {
      const entry = parseEntry(text)
      return entry === null ? [] : [{ kind: kindOf(field), value: nameOf(field), entry }]
    }),
    removed: removed.map((field) => ({ kind: kindOf(field), value: nameOf(field) })),
    block: blockOf(begins),
    place:
      placed === 1 && client.place !== null
        ? { ...client.place, country: client.country ?? '', time: now }
        : null,
  }
  const judged = violated.map(([rule, action, detail]) => ({ rule, action, detail }))
  const { action, would, rule, violations } = outcome(rules, judged, { counts, changes })
  const block = changes.block ?? blockOf(held)
  // All in one literal: an object that is put together from others costs V8 a dictionary for each request.
  const decision = { action, would, rule, violations, counts, block, changes }
  return { isNew: false, decision, now, foreign }
}

function blockOf([since, until, reason]: BlockReply): Block | null {
  return reason === undefined ? null : { since: Number(since), until: Number(until), reason }
}

const kindOf = (field: string): Kind => KIND_LETTERS.indexOf(field[0]) as Kind

const nameOf = (field: string): string => field.slice(2)
