// What became of a query, in the terms that counters and metrics use.

/** One number each; the order is the order of the counters. */
export const OUTCOME = {
  /** Records in the answer section. */
  answer: 0,
  /** NOERROR without an answer. */
  noData: 1,
  nxDomain: 2,
  /** The answer did not fit; TC is set. */
  truncated: 3,
  refused: 4,
  formErr: 5,
  notImp: 6,
  badVers: 7,
  /** Silence. */
  dropped: 8,
  /** Held back, or sent truncated, by rate limiting. */
  rateLimited: 9,
} as const

/** The name of an outcome. */
export type OutcomeName = keyof typeof OUTCOME

/** The names of all outcomes, in the order of their numbers. */
export const outcomeNames = Object.keys(OUTCOME) as OutcomeName[]
