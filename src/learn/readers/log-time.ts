// When a line of a log was written, and by whom: what syslog, journalctl and mail filters put before it.

import { readTime } from './plain.ts'

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /
const SYSLOG = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)? /
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `journalctl -o short-full` and `with-unit`: the weekday in any language. What is neither UTC nor a number is what one's
 * own time zone is called, as journalctl knows no other.
 */
const FULL =
  /^[\p{L}\p{M}\p{N}.]{1,16} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) (?:(UTC)|([+-]\d\d(?:\d\d)?)|[A-Za-z]{3,6}) /u

/** `journalctl -o short-unix`. */
const UNIX = /^(\d{9,11}\.\d{1,9}) /

/** Seconds that a clock may be ahead before a time without a year is taken for one of the year before. */
const AHEAD = 86_400

/**
 * The pattern of what stands after the time in the log of a system, where a program has written the line: the host, the
 * program and its number; with the facility before the host on FreeBSD, and before the program with BusyBox.
 *
 * @param program how its name begins
 */
export const writtenBy = (program: string): string =>
  String.raw`(?:<\w+\.\w+> )?\S+ (?:\w+\.\w+ )?(?:[\w.-]*\/)*${program}[\w.@-]*(?:\[\d+\])?: `

/** How any program begins in the log of a system. */
const ANYBODY = new RegExp(`^${writtenBy(String.raw`\w`)}`)

/**
 * Who has written a line.
 *
 * @param own how the program begins that is asked for, after the time
 * @param now seconds since the epoch
 * @returns null for a line that begins like none of a log
 */
export function authorOf(line: string, own: RegExp, now: number): 'own' | 'others' | null {
  const logged = readLogLine(line, now)
  if (logged === null) return null
  if (own.test(logged.rest)) return 'own'
  return ANYBODY.test(logged.rest) ? 'others' : null
}

/** A line of a log. */
export interface LogLine {
  /** Seconds since the epoch. */
  readonly time: number
  /** What comes after the time and a blank. */
  readonly rest: string
}

/**
 * A line with its time: ISO 8601 with T or a blank, that of syslog, which has no year and is local, or what else journalctl
 * writes. Names of months are English: what others call them can't be told for all languages.
 *
 * @param now seconds since the epoch, for the year
 * @returns null for a line that begins otherwise
 */
export function readLogLine(line: string, now: number): LogLine | null {
  for (const [pattern, timeOf] of FORMS) {
    const match = pattern.exec(line)
    if (match === null) continue
    const time = timeOf(match, now)
    return time === null ? null : { time, rest: line.slice(match[0].length) }
  }
  return null
}

/** How lines begin, the commonest first, and when that was. */
const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray, now: number) => number | null])[] = [
  [ISO, ([, day, time]) => readTime(`${day}T${time}`)],
  [SYSLOG, ofSyslog],
  [
    FULL,
    ([, day, time, utc, offset]) => readTime(`${day}T${time}${utc === undefined ? (offset ?? '') : 'Z'}`),
  ],
  [UNIX, ([, seconds]) => readTime(seconds)],
]

function ofSyslog([, name, ...rest]: RegExpExecArray, now: number): number | null {
  const month = MONTHS.indexOf(name)
  if (month < 0) return null
  const [day, hour, minute, second] = rest.map(Number)
  const year = new Date(now * 1000).getFullYear()
  const inYear = (of: number): number => new Date(of, month, day, hour, minute, second).getTime() / 1000
  // A clock that has just gone into the new year is ahead, and one in December is of the year before.
  for (const of of [year + 1, year]) if (inYear(of) <= now + AHEAD) return inYear(of)
  return inYear(year - 1)
}
