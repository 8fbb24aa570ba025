// What a day was like, once a day: who was refused, by which rule, from where, and who is blocked.

import { counted } from '../../counted.ts'
import type { KeptStore } from '../kept-store.ts'
import { untilText } from '../log-lines.ts'
import type { PolicyEvent, SubjectReport } from '../store.ts'
import { inLine, type MailText } from './notice.ts'

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000]

/** Events that are read at a time, and at most. */
const [SLICE, MAX_EVENTS] = [1000, 20_000]

/** Accounts that are named. */
const MAX_NAMED = 50

/** A day. */
export interface Day {
  /** Its end, in milliseconds since 1970. */
  readonly time: number
  /** The newest first. */
  readonly events: readonly PolicyEvent[]
  /** Whether there were more than are read. */
  readonly isCut: boolean
  /** Those that are blocked at its end, as far as they are named. */
  readonly blocked: readonly SubjectReport[]
}

/** Whether it is time for a digest: within the hour that begins with its time, so that one that was missed is not told at night. */
export function isDigestDue(minutes: number | null, now: number): boolean {
  if (minutes === null) return false
  const since = (((now - minutes * MINUTE_MS) % DAY_MS) + DAY_MS) % DAY_MS
  return since < HOUR_MS
}

/** Reads the day that ends now. */
export async function readDay(store: KeptStore, now: number): Promise<Day> {
  const events: PolicyEvent[] = []
  let isCut = false
  for (let before = ''; ; ) {
    const slice = await store.use((it) => it.events({ before, since: now - DAY_MS, limit: SLICE }))
    events.push(...slice)
    isCut = slice.length === SLICE
    if (!isCut || events.length >= MAX_EVENTS) break
    before = slice[slice.length - 1].id
  }
  const query = { blocked: true, text: '', after: '', limit: MAX_NAMED }
  const blocked = await store.use((it) => it.list(query, now))
  // What is only watched is not told.
  return { time: now, events: events.filter(({ action }) => !action.startsWith('would ')), isCut, blocked }
}

/** The same as mail and as JSON. */
export function digestOf(
  { time, events, isCut, blocked }: Day,
  host: string,
): { readonly mail: MailText; readonly json: string } {
  const accounts = mostRefused(events)
  const rules = Object.fromEntries(mostOften(events.map(({ rule }) => rule)))
  const countries = Object.fromEntries(mostOften(events.map(({ country }) => country ?? '--')))
  const named = accounts.slice(0, MAX_NAMED)
  const summary = { refusals: events.length, accounts: accounts.length, isCut }
  const json = JSON.stringify({
    event: 'digest',
    time: untilText(time),
    host,
    ...summary,
    rules,
    countries,
    mostRefused: named,
    blocked: blocked.map(({ user, state: { block } }) => ({
      user,
      until: block === null ? null : untilText(block.until),
      reason: block?.reason ?? '',
    })),
  })
  const lines = [
    `In the 24 hours until ${untilText(time)}: ${isCut ? `${events.length} or more refusals` : counted(events.length, 'refusal')} of ${counted(accounts.length, 'account')}.`,
    'What a block refuses after its beginning is not counted.',
    '',
    ...section('By rule', mostOften(events.map(({ rule }) => rule)).map(row)),
    ...section('By country', mostOften(events.map(({ country }) => country ?? '--')).map(row)),
    ...section(
      'By account',
      named.map(({ user, refusals, countries: from }) => `${refusals}  ${user}  (${from.join(', ')})`),
    ),
    ...section(
      'Blocked now',
      blocked.map(
        ({ user, state: { block } }) =>
          `${user}  ${block === null ? '' : `until ${untilText(block.until)}: ${block.reason}`}`,
      ),
    ),
    `Told by ${host}; asnzone policy history has each of them.`,
    '',
  ]
  const subject = `[asnzone] ${counted(events.length, 'refusal')} of ${counted(accounts.length, 'account')} in a day`
  return { mail: { subject: inLine(subject), text: lines.map(inLine).join('\n'), html: null }, json }
}

interface Refused {
  readonly user: string
  readonly refusals: number
  readonly countries: readonly string[]
}

function mostRefused(events: readonly PolicyEvent[]): readonly Refused[] {
  const byUser = new Map<string, PolicyEvent[]>()
  for (const event of events) {
    const of = byUser.get(event.user)
    if (of === undefined) byUser.set(event.user, [event])
    else of.push(event)
  }
  return [...byUser]
    .map(([user, of]) => {
      return {
        user,
        refusals: of.length,
        countries: [...new Set(of.map(({ country }) => country ?? '--'))].sort(),
      }
    })
    .sort((a, b) => b.refusals - a.refusals || (a.user < b.user ? -1 : 1))
}

/** How often each comes, the most frequent first. */
function mostOften(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([v, a], [w, b]) => b - a || (v < w ? -1 : 1))
}

const row = ([value, count]: readonly [string, number]): string => `${count}  ${value}`

function section(title: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : [`${title}:`, ...rows.map((text) => `  ${text}`), '']
}
