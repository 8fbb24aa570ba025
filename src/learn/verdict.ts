// A verdict on one message, as readers of logs, HTTP and mail hand it to the model.

/** One verdict on one message. */
export interface Verdict {
  /** When the message came, in seconds since the epoch. */
  readonly time: number
  /** The address that sent it, as text in canonical form; IPv4 inside IPv6 is IPv4 already. */
  readonly address: string
  readonly spam: boolean
  /** 1 for a machine's verdict, 3 for a person's correction. */
  readonly weight: number
  /** True where a person's correction takes back the machine's verdict of the opposite kind. */
  readonly undoes: boolean
  /** Who says so: a name of `REPORTER`; `LOCAL` where none is given. */
  readonly reporter: string
}

/** Why a line, a message or a verdict teaches nothing. */
export const IGNORED_REASONS = [
  'format',
  'address',
  'private',
  'time-future',
  'time-old',
  'authenticated',
  'no-verdict',
  'quota',
  'excluded',
  'trusted',
  'unknown',
] as const

export type IgnoredReason = (typeof IGNORED_REASONS)[number]

/** What a reader makes of a line: a verdict, or why there is none. */
export type Reading = Verdict | { readonly ignored: IgnoredReason }

/** The name of a reporter. */
export const REPORTER = /^[a-z0-9._-]{1,64}$/

/** Who says so where nobody is named. */
export const LOCAL = 'local'
