// SOA serials as numbers on a circle (RFC 1982): which is greater, and which one follows after a change.

/** Serials have 32 bits (RFC 1982 2). */
const SERIALS = 2 ** 32

/** The most that a serial may be raised by at once (RFC 1982 3.1). */
const LARGEST_STEP = 2 ** 31 - 1

/** A serial that is further ahead of the hour than a month is of the one before was made by a clock that was wrong. */
const FAR_AHEAD = 10_000

/** A clock that shows an hour before this program was written has not been set yet, and says nothing of the last serial. */
const EARLIEST_HOUR = 2026010100

/** A time in ISO 8601 as an SOA serial: 2026-06-17T19:00Z is 2026061719, the hour in UTC. */
export function serialOf(date: string): number {
  return Number(new Date(date).toISOString().replace(/\D/g, '').slice(0, 10))
}

/** How far one serial is below another one. */
const stepsTo = (from: number, to: number): number => (to - from + SERIALS) % SERIALS

/** Whether a serial is greater than another one (RFC 1982 3.2). */
export function isGreater(serial: number, than: number): boolean {
  const steps = stepsTo(than, serial)
  return steps > 0 && steps <= LARGEST_STEP
}

/**
 * The serial after a change: the hour of the change where that is greater than the last serial, and else one more.
 *
 * A serial of a wrong clock is left in two changes, each of which is a rise: by the largest step, and to the hour.
 *
 * @param hour the time of the change, as `serialOf` writes it
 */
export function nextSerial(last: number, hour: number): number {
  const isSet = hour >= EARLIEST_HOUR
  if (isSet && isGreater(hour, last)) return hour
  return (last + (isSet && stepsTo(hour, last) > FAR_AHEAD ? LARGEST_STEP : 1)) % SERIALS
}
