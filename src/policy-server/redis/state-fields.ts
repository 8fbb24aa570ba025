// How an account is kept in a hash: a field for each thing, so that one can be changed without reading the others.
//
//     i:192.0.2.1     FIRST,LAST,HOME,REFUSED           an address, or the network that counts as one
//     c:DE, a:3320    the same                          a country, an AS
//     b               SINCE,UNTIL,REASON                a block; UNTIL is -1 for no end
//     p               LAT,LON,RADIUS,CITY,COUNTRY,TIME  where the account was last
//     s               FIRST,LAST,REQUESTS,REFUSED,WINDOW
//
// Times and the window are milliseconds, HOME, REFUSED and CITY are 0 or 1. The program in decide-script.ts reads and
// writes the same.

import { type Entry, KINDS, type Kind, type SubjectState } from '../../policy/state.ts'
import type { SubjectReport } from '../store.ts'

/** Fields that a hash of ours may have, far more than it ever has: one with more is somebody else's. */
export const MOST_FIELDS = 1000

/** What fields of a kind begin with, by the number of the kind. */
export const KIND_LETTERS = ['i', 'c', 'a'] as const as readonly string[]

/** What may stand after the letter, in both languages that read it. */
const VALUES = [/^[\da-f:./]+$/, /^[A-Z-]{2}$/, /^\d{1,10}$/] as const
export const LUA_FORMS = ['^i:[%x:./]+$', '^c:[A-Z-][A-Z-]$', '^a:%d+$'] as const

/** Reads an entry; null for what is none. */
export function parseEntry(text: string): Entry | null {
  const found = /^(\d{1,15}),(\d{1,15}),([01]),([01])$/.exec(text)
  if (found === null) return null
  const [, first, last, home, refused] = found
  return { first: Number(first), last: Number(last), home: home === '1', refused: refused === '1' }
}

/** What is kept of an account, from the fields and values of its hash. Fields that aren't ours are passed over. */
export function parseReport(
  user: string,
  fields: readonly (readonly [string, string])[],
): SubjectReport | null {
  const entries = KINDS.map((kind) => new Map(fields.flatMap((field) => entryOf(field, kind))))
  const of = new Map(fields)
  const sums = /^(\d+),(\d+),(\d+),(\d+),\d+$/.exec(of.get('s') ?? '')?.map(Number)
  if (sums === undefined) return null
  const [, first, last, requests, refused] = sums
  const state: SubjectState = {
    entries: [entries[0], entries[1], entries[2]],
    block: parseBlock(of.get('b')),
    place: parsePlace(of.get('p')),
  }
  return { user, first, last, requests, refused, state }
}

/** The fields and values of an account, one after the other. */
export function composeFields(report: SubjectReport, window: number): string[] {
  const { first, last, requests, refused, state } = report
  const { block, place } = state
  const entries = KINDS.flatMap((kind) =>
    [...state.entries[kind]].flatMap(([value, entry]) => [
      `${KIND_LETTERS[kind]}:${value}`,
      [entry.first, entry.last, Number(entry.home), Number(entry.refused)].join(','),
    ]),
  )
  const blocked = block === null ? [] : ['b', [block.since, block.until, block.reason].join(',')]
  const placed =
    place === null
      ? []
      : [
          'p',
          [
            place.latitude,
            place.longitude,
            place.radius,
            Number(place.isCity),
            place.country,
            place.time,
          ].join(','),
        ]
  return [...entries, ...blocked, ...placed, 's', [first, last, requests, refused, window].join(',')]
}

function entryOf([field, text]: readonly [string, string], kind: Kind): (readonly [string, Entry])[] {
  if (!field.startsWith(`${KIND_LETTERS[kind]}:`)) return []
  const [value, entry] = [field.slice(2), parseEntry(text)]
  return entry === null || !VALUES[kind].test(value) ? [] : [[value, entry]]
}

function parseBlock(text = ''): SubjectState['block'] {
  const found = /^(\d+),(-?\d+),(.*)$/.exec(text)
  return found === null ? null : { since: Number(found[1]), until: Number(found[2]), reason: found[3] }
}

function parsePlace(text = ''): SubjectState['place'] {
  const found = /^([^,]+),([^,]+),([^,]+),([01]),([^,]*),(\d+)$/.exec(text)
  if (found === null) return null
  const [latitude, longitude, radius] = found.slice(1, 4).map(Number)
  if ([latitude, longitude, radius].some(Number.isNaN)) return null
  return { latitude, longitude, radius, isCity: found[4] === '1', country: found[5], time: Number(found[6]) }
}
