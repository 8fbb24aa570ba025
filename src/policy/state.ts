// What is remembered of an account: the addresses, countries and ASes that it came from lately, and whether it is blocked.

/** What is counted: the place of a kind's entries in a state, and its number in the stores. */
export const KIND = { ip: 0, country: 1, asn: 2 } as const

/** One of KIND. */
export type Kind = (typeof KIND)[keyof typeof KIND]

/** Every kind. */
export const KINDS: readonly Kind[] = [KIND.ip, KIND.country, KIND.asn]

/** Entries that are kept of a kind; the oldest make room. */
export const MOST_ENTRIES = 64

/** A block without an end. */
export const PERMANENT = -1

/** An address, a country or an AS that an account came from. Times are milliseconds since 1970. */
export interface Entry {
  readonly first: number
  readonly last: number
  /** Whether its country was one of the account's home countries. */
  readonly home: boolean
  /** Whether it only ever asked to be let in: it is remembered, and not counted. */
  readonly refused: boolean
}

/** A block: until when nothing is accepted, and why. */
export interface Block {
  readonly since: number
  /** PERMANENT for no end. */
  readonly until: number
  readonly reason: string
}

/** Where an account was last, for impossible travel. */
export interface LastPlace {
  readonly latitude: number
  readonly longitude: number
  /** How far off that may be, in km. */
  readonly radius: number
  readonly isCity: boolean
  readonly country: string
  readonly time: number
}

/** What is remembered of an account. */
export interface SubjectState {
  /** By kind, then by value. */
  readonly entries: readonly [
    ReadonlyMap<string, Entry>,
    ReadonlyMap<string, Entry>,
    ReadonlyMap<string, Entry>,
  ]
  readonly block: Block | null
  readonly place: LastPlace | null
}

/** An account of which nothing is known. */
export const NO_STATE: SubjectState = {
  entries: [new Map(), new Map(), new Map()],
  block: null,
  place: null,
}

/** Whether a block is in force. */
export function isBlocked({ block }: SubjectState, now: number): boolean {
  return block !== null && (block.until === PERMANENT || now < block.until)
}
