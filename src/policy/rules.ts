// The rules: what becomes of a request, from what is remembered of its account, where it comes from, and the time. No
// I/O and no clock, so that a store of any kind can call it within one of its transactions.
//
// A request is judged in this order: exempt, blocked, allow-only, unknown country, score, travel, limits. What is refused
// teaches nothing: its values are remembered as refused, which aren't counted, so that a client that tries again and
// again neither fills the limits of its account nor keeps them full.

import { haversine } from '../score/haversine.ts'
import type { Client } from './client.ts'
import {
  type Changes,
  type Counts,
  type Decision,
  NO_CHANGES,
  type RuleName,
  type Violation,
} from './decision.ts'
import { type Facts, factsOf } from './facts.ts'
import type { Limit, Rules } from './settings.ts'
import {
  type Block,
  type Entry,
  isBlocked,
  KIND,
  KINDS,
  type Kind,
  type LastPlace,
  MOST_ENTRIES,
  PERMANENT,
  type SubjectState,
} from './state.ts'

const HOUR_MS = 3_600_000

/** Two requests are never nearer in time than this, when a speed is made of them. */
const LEAST_HOURS = 1 / 60

/** An entry is touched again when this share of the window is over: what changes nothing need not be written. */
export const TOUCH_SHARE = 1 / 60

/**
 * Judges a request.
 *
 * @param now milliseconds since 1970
 */
export function decide(state: SubjectState, client: Client, rules: Rules, now: number): Decision {
  const { action, would, rule, violations, counts, changes } = judge(state, client, rules, now)
  const block = changes.block ?? (isBlocked(state, now) ? state.block : null)
  return { action, would, rule, violations, counts, block, changes }
}

/** A decision without the block, which is the state's unless it changes. */
type Judged = Omit<Decision, 'block'>

function judge(state: SubjectState, client: Client, rules: Rules, now: number): Judged {
  const facts = factsOf(client, rules)
  const unchanged = (): Pick<Decision, 'counts' | 'changes'> => {
    return { counts: countsOf(state, rules, now), changes: NO_CHANGES }
  }
  if (facts.isExempt) {
    return { action: 'none', would: null, rule: 'exempt', violations: [], ...unchanged() }
  }
  if (isBlocked(state, now) && isHeldBack(state, client, rules)) {
    const changes = rules.mode === 'monitor' ? NO_CHANGES : remembered(state, facts, now)
    return refusedAtOnce(rules, 'blocked', state.block?.reason ?? '', { ...unchanged(), changes })
  }
  if (facts.refusal !== null)
    return refusedAtOnce(rules, facts.refusal.rule, facts.refusal.detail, unchanged())
  const violations: Violation[] = facts.score === null ? [] : [facts.score]
  if (facts.score !== null && facts.score.action !== 'warn') return outcome(rules, violations, unchanged())
  addTravel(violations, state.place, client, rules, now)
  const touched = touch(state, facts, rules, now)
  const counts = countsOf(state, rules, now, touched)
  addLimits(violations, counts, rules, facts.isHome)
  return concluded(state, client, rules, violations, touched, counts, now)
}

/** What is touched: each value of the client, with the entry that it gets when the request passes. */
interface Touched {
  readonly kind: Kind
  readonly value: string
  /** The entry as it is, when it counts; null otherwise. */
  readonly counted: Entry | null
  readonly entry: Entry
}

function concluded(
  state: SubjectState,
  client: Client,
  rules: Rules,
  violations: readonly Violation[],
  touched: readonly Touched[],
  counts: Counts,
  now: number,
): Judged {
  const action = strongest(violations)?.action
  const isRefused = rules.mode === 'enforce' && (action === 'reject' || action === 'defer')
  const entries: Changes['entries'][number][] = []
  for (const { kind, value, counted, entry } of touched) {
    // What is known stays as it is when the request is refused: its time is not moved either.
    if (isRefused && counted === null) entries.push({ kind, value, entry: { ...entry, refused: true } })
    if (!isRefused && counted !== entry) entries.push({ kind, value, entry })
  }
  const blocking = violations.find(({ rule, action: of }) => of === 'reject' && rule !== 'score')
  const { duration } = rules.block
  const block: Block | null =
    isRefused && blocking !== undefined && duration !== 0
      ? { since: now, until: duration === PERMANENT ? PERMANENT : now + duration, reason: reasonOf(blocking) }
      : null
  const place = isRefused ? null : nextPlace(state.place, client, rules, now)
  const removed = entries.flatMap(({ kind, value }) => room(state, kind, value))
  return outcome(rules, violations, { counts, changes: { entries, removed, block, place } })
}

/** The decision that violations lead to; the strongest action counts. */
export function outcome(
  rules: Rules,
  violations: readonly Violation[],
  { counts, changes }: Pick<Decision, 'counts' | 'changes'>,
): Judged {
  const { action = 'none', rule = null } = strongest(violations) ?? {}
  const isWatched = rules.mode === 'monitor'
  const done = isWatched ? 'none' : action
  return { action: done, would: isWatched ? action : null, rule, violations, counts, changes }
}

function refusedAtOnce(
  rules: Rules,
  rule: RuleName,
  detail: string,
  rest: Pick<Decision, 'counts' | 'changes'>,
): Judged {
  return outcome(rules, [{ rule, action: 'reject', detail }], rest)
}

/** The first violation of those with the strongest action; null when there is none. */
function strongest(violations: readonly Violation[]): Violation | null {
  if (violations.length === 0) return null
  for (const strength of ['reject', 'defer', 'warn'] as const) {
    const found = violations.find(({ action }) => action === strength)
    if (found !== undefined) return found
  }
  return null
}

const reasonOf = ({ rule, detail }: Violation): string => (detail === '' ? rule : `${rule} ${detail}`)

/** Whether a block holds for this client: with the scope `new`, not where the address counted when it began. */
function isHeldBack({ block, entries }: SubjectState, { network }: Client, rules: Rules): boolean {
  if (block === null || rules.block.scope === 'account') return true
  const entry = entries[KIND.ip].get(network)
  if (entry === undefined || entry.refused) return true
  return entry.first > block.since || entry.last <= block.since - rules.window
}

function addTravel(
  violations: Violation[],
  before: LastPlace | null,
  { place, country }: Client,
  { travel, actions }: Rules,
  now: number,
): void {
  if (travel.speed === null || actions.travel === 'off' || before === null || place === null) return
  if (before.country === country && !(before.isCity && place.isCity)) return
  const distance = haversine(before.latitude, before.longitude, place.latitude, place.longitude)
  const least = distance - before.radius - place.radius
  const hours = Math.max((now - before.time) / HOUR_MS, LEAST_HOURS)
  if (least < travel.distance || least / hours <= travel.speed) return
  violations.push({
    rule: 'travel',
    action: actions.travel,
    detail: `${Math.round(least / hours)}/${travel.speed} km/h`,
  })
}

/** Only the limits of the client's own class are asked: who is at home is not refused for what happens abroad. */
function addLimits(violations: Violation[], counts: Counts, rules: Rules, isHome: boolean): void {
  const { limits, home, actions } = rules
  const { limit: action } = actions
  if (action === 'off') return
  const look = (rule: RuleName, count: number, limit: Limit): void => {
    if (limit !== null && count > limit) violations.push({ rule, action, detail: `${count}/${limit}` })
  }
  look(
    isHome ? 'home-countries' : 'countries',
    isHome ? counts.homeCountries : counts.countries,
    isHome ? home.countries : limits.countries,
  )
  look(isHome ? 'home-ips' : 'ips', isHome ? counts.homeIps : counts.ips, isHome ? home.ips : limits.ips)
  look('asns', counts.asns, limits.asns)
}

function touch(
  state: SubjectState,
  { values, isHome: home }: Facts,
  rules: Rules,
  now: number,
): readonly Touched[] {
  return values.map(({ kind, value }) => {
    const known = state.entries[kind].get(value)
    const counted = known !== undefined && isCounted(known, rules, now) ? known : null
    if (counted === null) {
      const first = known === undefined || known.refused ? now : known.first
      return { kind, value, counted, entry: { first, last: now, home, refused: false } }
    }
    const isFresh = now - counted.last < rules.window * TOUCH_SHARE
    if (isFresh && counted.home === home) return { kind, value, counted, entry: counted }
    return { kind, value, counted, entry: { ...counted, last: Math.max(counted.last, now), home } }
  })
}

function isCounted({ last, refused }: Entry, { window }: Rules, now: number): boolean {
  return !refused && last > now - window
}

/** Counts what counts, with the values of a request as if it passed. */
function countsOf(state: SubjectState, rules: Rules, now: number, touched: readonly Touched[] = []): Counts {
  const away = [0, 0, 0]
  const home = [0, 0, 0]
  const add = (kind: Kind, entry: Entry, by: number): void => {
    const counts = entry.home ? home : away
    counts[kind] += by
  }
  for (const kind of KINDS) {
    for (const entry of state.entries[kind].values()) if (isCounted(entry, rules, now)) add(kind, entry, 1)
  }
  for (const { kind, counted, entry } of touched) {
    if (counted !== null) add(kind, counted, -1)
    add(kind, entry, 1)
  }
  return {
    ips: away[KIND.ip],
    countries: away[KIND.country],
    homeIps: home[KIND.ip],
    homeCountries: home[KIND.country],
    asns: away[KIND.asn] + home[KIND.asn],
  }
}

/** What a block remembers: values that are new to it, as long as there is room; nothing that is known is moved. */
function remembered(state: SubjectState, { values, isHome: home }: Facts, now: number): Changes {
  const entries = values.flatMap(({ kind, value }) => {
    const known = state.entries[kind]
    if (known.has(value) || known.size >= MOST_ENTRIES) return []
    return [{ kind, value, entry: { first: now, last: now, home, refused: true } }]
  })
  return { ...NO_CHANGES, entries }
}

/** The entry that makes room for a new value; refused ones go first, then the oldest, then in the order of their names. */
function room(state: SubjectState, kind: Kind, value: string): readonly { kind: Kind; value: string }[] {
  const known = state.entries[kind]
  if (known.has(value) || known.size < MOST_ENTRIES) return []
  const [oldest] = [...known].sort(
    ([v, a], [w, b]) => Number(b.refused) - Number(a.refused) || a.last - b.last || (v < w ? -1 : 1),
  )
  return [{ kind, value: oldest[0] }]
}

/** The place of a request that passed, when it is news. */
function nextPlace(
  before: LastPlace | null,
  { place, country }: Client,
  { travel, window }: Rules,
  now: number,
): LastPlace | null {
  if (travel.speed === null || place === null || country === null) return null
  const isSame = before !== null && before.latitude === place.latitude && before.longitude === place.longitude
  if (isSame && now - before.time < window * TOUCH_SHARE) return null
  return { ...place, country, time: now }
}
