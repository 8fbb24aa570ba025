// Durations as administrators write them: 90s, 15m, 12h, 1d, 6w.

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** What a duration looks like. */
export const DURATION = /^[1-9]\d{0,5}[smhdw]$/

/** Whoever writes more than a thousand years means for ever; what has a year of more than four digits is no time to others. */
const FOR_EVER = 1000 * 365 * UNITS.d

/** A duration that matches DURATION in milliseconds, at most a thousand years. */
export function durationMs(duration: string): number {
  return Math.min(FOR_EVER, Number(duration.slice(0, -1)) * UNITS[duration.slice(-1)])
}

/** A duration as it is set, and in milliseconds. */
export interface Duration {
  readonly text: string
  readonly milliseconds: number
}

/** Reads a duration that matches DURATION. */
export function readDuration(text: string): Duration {
  return { text, milliseconds: durationMs(text) }
}
