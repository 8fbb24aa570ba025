// The format `plain`, which everybody can make: `TIME ADDRESS spam|ham [REPORTER]`.
//
//     2026-11-27T08:15:00Z 192.0.2.7 spam
//     1795767300 2001:db8::25 ham mx1
//
// The time is seconds since the epoch or ISO 8601; without an offset it is local time. Empty lines and those that begin
// with # are skipped.

import { REPORTER } from '../verdict.ts'
import { type Reader, verdictAddress } from './reader.ts'

const LINE = /^(\S+)[ \t]+(\S+)[ \t]+(spam|ham)(?:[ \t]+(\S+))?[ \t]*$/i
const SECONDS = /^\d{9,11}(?:\.\d{1,9})?$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/

/** Reads a line of verdicts. */
export const plain: Reader = {
  reads: 'lines',
  read: (line, { reporter }) => {
    if (line === '' || line.startsWith('#') || line.trim() === '') return null
    const [, when, who, verdict, name = reporter] = LINE.exec(line) ?? []
    if (when === undefined || !REPORTER.test(name)) return { ignored: 'format' }
    const time = readTime(when)
    if (time === null) return { ignored: 'format' }
    const address = verdictAddress(who)
    if (typeof address !== 'string') return address
    return { time, address, spam: verdict.toLowerCase() === 'spam', weight: 1, undoes: false, reporter: name }
  },
}

/** Seconds since the epoch; null for what is no time. */
export function readTime(text: string): number | null {
  if (SECONDS.test(text)) return Number(text)
  if (!ISO.test(text)) return null
  const time = Date.parse(text.replace(',', '.').replace(/([+-]\d\d)(\d\d)?$/, offset))
  return Number.isNaN(time) || time < 0 ? null : time / 1000
}

/** `+0100` and `+01` as `+01:00`; a date has hyphens, too, but not at its end after a time. */
const offset = (_: string, hours: string, minutes = '00'): string => `${hours}:${minutes}`
