// How dates are written where people read them: in the log, by the commands, and in the status of systemd.

/**
 * A time to the minute, `2026-11-20 06:00 UTC`.
 *
 * @param time in ISO 8601, UTC
 */
export function minuteOf(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
}
