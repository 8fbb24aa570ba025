// The intervals that queries are counted in: for ever, and by year, month and day.

/** The interval of everything since the beginning. */
export const TOTAL = 'total'

/** How intervals are written, for error messages. */
export const INTERVAL_FORMS = 'total, YYYY, YYYY-MM or YYYY-MM-DD'

/** The intervals that a time lies in, in local time: `total`, `2026`, `2026-11` and `2026-11-21`. */
export function intervalsOf(time: Date): readonly [string, string, string, string] {
  const two = (number: number): string => String(number).padStart(2, '0')
  const year = String(time.getFullYear())
  const month = `${year}-${two(time.getMonth() + 1)}`
  return [TOTAL, year, month, `${month}-${two(time.getDate())}`]
}

/** Before the first of these years there was no asnzone: such a clock isn't set yet, as on a host without a battery. */
const YEARS = { first: 2026, last: 9999 } as const

/** The intervals that a query of a time is counted in: `total` alone where that can't be the time. */
export function countedIntervals(time: Date): readonly string[] {
  const year = time.getFullYear()
  return year >= YEARS.first && year <= YEARS.last ? intervalsOf(time) : [TOTAL]
}

/** Whether a text names an interval. */
export function isInterval(text: string): boolean {
  if (text === TOTAL) return true
  const parts = /^\d{4}(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text)
  if (parts === null) return false
  const [, month = '01', day = '01'] = parts
  const date = `${text.slice(0, 4)}-${month}-${day}`
  const time = Date.parse(`${date}T00:00:00Z`)
  // A day that a month doesn't have is one of the next month to some, and none to others.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}
