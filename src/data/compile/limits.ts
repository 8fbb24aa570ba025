// What one data file may bring: a file of two megabytes can be made that unpacks to more rows than memory holds.

/** The most that is taken from one file. */
export interface Limits {
  /** Octets, fetched or unpacked. */
  readonly maxOctets: number
  /** Rows or lines; in a binary file, networks in a row that differ. */
  readonly maxRows: number
  /** Different names, and different places. */
  readonly maxNames: number
}

/** The most that compiling may take. */
export interface CompileLimits extends Limits {
  /** Milliseconds to read all files, and again to write the snapshot: what takes longer is stuck, and is killed. */
  readonly maxTime: number
}

/** Unless told otherwise: the largest files that there are, cities of the world, have half of it. */
export const LIMITS: Limits = { maxOctets: 2 ** 30, maxRows: 10_000_000, maxNames: 1_000_000 }

/**
 * Unless told otherwise: cities of the world take 15 seconds, and a fiftieth of a processor is left over at least for
 * what has the lowest priority.
 */
export const MAX_TIME = '30m'

/**
 * That there is more than a limit allows; who knows file and line adds them.
 *
 * @param what such as `rows`
 */
export function tooMany(max: number, what: string, setting: 'max-rows' | 'max-names'): RangeError {
  return new RangeError(`more than ${max} ${what}; raise ${setting} if that is right`)
}
