// The one place that checks what a source says of its time: the header of a response, of a file, a version, an mtime.

import { minuteOf } from '../../minute.ts'

/** How far the clock of a server may be ahead of ours. */
const AHEAD_MS = 3_600_000

/** What is dated earlier has no date: a clock that was never set, a file without a time. */
const EARLIEST = Date.parse('1990-01-01T00:00:00Z')

/** A clock that says less has not been set yet: this program is not older. */
const WRITTEN = Date.parse('2026-01-01T00:00:00Z')

/** Whether the clock can be right. One that can't says nothing of the date of what is there. */
export function canBeRight(now: number): boolean {
  return now >= WRITTEN
}

/** Whether a time in ISO 8601 lies further ahead of `now`, in milliseconds since 1970, than a clock may be wrong. */
export function isAhead(date: string, now: number): boolean {
  return Date.parse(date) > now + AHEAD_MS
}

/** The date, where it can be one of data that are there now; null otherwise. */
export function credibleDate(date: string | null, now: number = Date.now()): string | null {
  if (date === null || isAhead(date, now)) return null
  return Date.parse(date) >= EARLIEST ? date : null
}

/** A line that says that the clock of this host is before what is there already; null where it isn't. */
export function clockWarning(what: string, date: string, now: number = Date.now()): string | null {
  if (!isAhead(date, now)) return null
  return `${what} is of ${minuteOf(date)}, but the clock of this host says ${minuteOf(new Date(now).toISOString())}: set the clock that is wrong`
}

/** A line that says what counts instead of a date that lies ahead; null where it doesn't. */
export function doubtOf(
  name: string,
  date: string | null,
  instead: string,
  now: number = Date.now(),
): string | null {
  if (date === null || !isAhead(date, now)) return null
  return `${name} says that it is of ${minuteOf(date)}, which is in the future: ${instead}`
}
