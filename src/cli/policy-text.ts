// What asnzone policy shows people: verdicts and accounts.

import { counted } from '../counted.ts'
import type { AccountDetailsJson, AccountJson, EntryJson, EventJson } from '../policy-server/account-json.ts'
import type { Verdict } from '../policy-server/surface.ts'
import type { MarkedLine } from '../print.ts'
import { fitted, grouped } from './units.ts'

/** Events that are shown of an account. */
const MAX_EVENTS = 20

const COUNTS = {
  countries: 'countries',
  ips: 'addresses',
  homeCountries: 'home countries',
  homeIps: 'home addresses',
  asns: 'ASes',
} as const

/** What would become of a request, in one line, and why, below. */
export function verdictLines(verdict: Verdict): (string | MarkedLine)[] {
  const { address, country, asn, user, record, counts, limits } = verdict
  const known = [address, country ?? '--', asn === null ? '--' : `AS${asn}`]
  const counted = Object.entries(COUNTS).flatMap(([key, label]) => {
    const most = limits?.[key as keyof typeof COUNTS] ?? null
    const count = counts?.[key as keyof typeof COUNTS] ?? 0
    // Most accounts have no home countries, and nothing to tell of them.
    const isIdle = most === null || (key.startsWith('home') && count === 0)
    return isIdle ? [] : [line(label, `${count} of ${most}`)]
  })
  return [
    markedSummary(summaryOf(verdict)),
    line('account', user ?? '--'),
    line('address', known.join(', ')),
    ...(record === null ? [] : [line('record', record)]),
    ...counted,
    ...(verdict.answer === null ? [] : [line('answer', verdict.answer)]),
  ]
}

/** Who is refused is to be seen at once. */
function markedSummary(text: string): string | MarkedLine {
  if (/^(blocked|refused)\b/.test(text)) return { text, mark: 'bad' }
  return /^(deferred|passes with a warning)\b/.test(text) ? { text, mark: 'odd' } : text
}

function summaryOf({ action, would, rule, detail, unjudged, block }: Verdict): string {
  if (unjudged !== null) return `passes: not judged, ${unjudged}`
  const why = [rule, detail].filter((part) => part !== null && part !== '').join(' ')
  if (rule === 'blocked' && block !== null) {
    const until = block.until < 0 ? 'for good' : `until ${timeOf(new Date(block.until).toISOString())}`
    return `blocked ${until}: ${block.reason}${action === 'none' ? '; passes, since mode is monitor' : ''}`
  }
  if (action === 'reject') return `refused: ${why}`
  if (action === 'defer') return `deferred: ${why}`
  if (would === 'reject' || would === 'defer') return `passes, since mode is monitor: ${why}`
  if (action === 'warn') return `passes with a warning: ${why}`
  return rule === null ? 'passes' : `passes: ${why}`
}

/**
 * Accounts as a table.
 *
 * @param width characters of a line; null where it may have as many as it needs
 */
export function accountTable(
  accounts: readonly AccountJson[],
  width: number | null,
): (string | MarkedLine)[] {
  const rows = accounts.map(({ user, countries, ips, requests, refused, last, block }) => [
    user,
    countries.map(({ value }) => value).join(' ') || '--',
    grouped(ips.length),
    grouped(requests),
    grouped(refused),
    timeOf(last),
    block === null ? '--' : untilOf(block.until),
    block === null ? '--' : block.reason,
  ])
  const head = ['account', 'countries', 'addresses', 'requests', 'refused', 'last', 'blocked until', 'by']
  const [first, ...blocks] = fitted([head, ...rows], width, [0, 1, 7])
  return [
    ...first,
    ...blocks.flatMap((lines, i) =>
      lines.map((text): string | MarkedLine => (accounts[i].block === null ? text : { text, mark: 'bad' })),
    ),
  ]
}

/**
 * Refusals as a table; hosts are named where there are several.
 *
 * @param width characters of a line; null where it may have as many as it needs
 */
export function historyTable(events: readonly EventJson[], hasHead: boolean, width: number | null): string[] {
  const withHost = events.some(({ host }) => host !== null)
  const rows = events.map(({ time, user, address, country, asn, rule, action, source, host }) => [
    timeOf(time),
    user,
    address,
    country ?? '--',
    asn === null ? '--' : `AS${asn}`,
    rule,
    action,
    source,
    ...(withHost ? [host ?? '--'] : []),
  ])
  const head = ['time', 'account', 'address', 'country', 'AS', 'rule', 'answer', 'asked by']
  const table = [...(hasHead ? [[...head, ...(withHost ? ['host'] : [])]] : []), ...rows]
  return fitted(table, width, [1, 2, 8]).flat()
}

/** All that is kept of an account. */
export function accountLines(account: AccountDetailsJson): (string | MarkedLine)[] {
  const { user, first, last, requests, refused, block, record, events, failures } = account
  return [
    user,
    block === null
      ? line('blocked', 'no')
      : { text: line('blocked', `until ${untilOf(block.until)}: ${block.reason}`), mark: 'bad' },
    line('first', timeOf(first)),
    line('last', timeOf(last)),
    line('requests', `${grouped(requests)}, ${grouped(refused)} of them refused`),
    ...(failures === null
      ? []
      : [
          line(
            'wrong password',
            `${counted(failures.count, 'time', 'times', grouped)}, last ${timeOf(failures.last)}`,
          ),
        ]),
    ...(record === null ? [] : [line('record', String(record.sender))]),
    ...entryLines('countries', account.countries),
    ...entryLines('addresses', account.ips),
    ...entryLines('ASes', account.asns),
    ...events
      .slice(0, MAX_EVENTS)
      .map(({ time, rule, action, address, country }) =>
        line('event', `${timeOf(time)}  ${action} by ${rule}, ${address}, ${country ?? '--'}`),
      ),
  ]
}

function entryLines(label: string, entries: readonly EntryJson[]): string[] {
  return entries.map(({ value, last, home, refused }, i) => {
    const marks = [...(home ? ['home'] : []), ...(refused ? ['refused, not counted'] : [])]
    const mark = marks.length === 0 ? '' : `  (${marks.join(', ')})`
    return line(i === 0 ? label : '', `${value}  ${timeOf(last)}${mark}`)
  })
}

const line = (label: string, text: string): string => `  ${label.padEnd(15)}${text}`

/** `2026-11-20 06:00:07 UTC`. */
const timeOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`

const untilOf = (until: string): string => (until === 'permanent' ? 'for good' : timeOf(until))
