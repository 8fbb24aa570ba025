// When a line of a log was written: the times that syslog, journalctl and mail filters put before it.

import { readTime } from './plain.ts'

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?= )/
const SYSLOG = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)? /
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Seconds that a clock may be ahead before a time without a year is taken for one of the year before. */
const AHEAD = 86_400

/**
 * The time of a line: ISO 8601 with T or a blank, or that of syslog, which has no year and is local.
 *
 * @param now seconds since the epoch, for the year
 * @returns seconds since the epoch; null for a line that begins otherwise
 */
export function logTime(line: string, now: number): number | null {
  const iso = ISO.exec(line)
  if (iso !== null) return readTime(`${iso[1]}T${iso[2]}`)
  const [, name = '', ...rest] = SYSLOG.exec(line) ?? []
  const month = MONTHS.indexOf(name)
  if (month < 0) return null
  const [day, hour, minute, second] = rest.map(Number)
  const year = new Date(now * 1000).getFullYear()
  const inYear = (of: number): number => new Date(of, month, day, hour, minute, second).getTime() / 1000
  // A clock that has just gone into the new year is ahead, and one in December is of the year before.
  for (const of of [year + 1, year]) if (inYear(of) <= now + AHEAD) return inYear(of)
  return inYear(year - 1)
}
