// The model: what a site's own verdicts say of an address, from its country to its /24. Pure: the time comes in.
//
//     w   = 1 / (1 + v/C)                          v: what was learned of this very address so far, C = 5
//     S_k += w·y, H_k += w·(1 − y)                 for all mail, country, AS, prefix and /24 or /48; decayed by T
//     m   = (S + 1) / (S + H + 2)                  of all mail
//     m_k = (S_k + K·m_parent) / (S_k + H_k + K)   K = 3; a level that nothing is known of passes its parent's on
//     R   = 10·log10(m/(1 − m) · (1 − m_all)/m_all)
//
// K is how many messages the opinion of the level above is worth. With two reporters or more, none of them weighs more in
// an m_k than all that it is weighed against, the others and K, so that its share is half at most; how they are told
// apart costs nothing where there is one.

import type { KeyTable } from './key-table.ts'
import { ADDRESS_HIGH, ALL_HIGH, ALL_LOW, ofReporter } from './keys.ts'
import type { PlaceKeys } from './place.ts'

/** How many messages the parent's opinion is worth. */
export const K = 3

/** How many verdicts on one address count in full, so to speak: of 100 16 are counted, of 1,000 27. */
export const C = 5

/** How many messages all mail is reckoned with before the first. */
const ALL_PRIOR = 2

/** What a reporter must have told to be one. */
const LEAST_OF_REPORTER = 0.1

/** How many levels there are below all mail. */
const LEVEL_COUNT = 4

/** A verdict as the model takes it. */
export interface Lesson {
  /** The keys of the address, see `writePlace`. */
  readonly keys: PlaceKeys
  /** 32 bits that stand for the address. */
  readonly address: number
  /** Seconds since the epoch. */
  readonly time: number
  readonly spam: boolean
  readonly weight: number
  /** Takes a verdict of the opposite kind back. */
  readonly undoes: boolean
  /** The number of the reporter, from 0. */
  readonly reporter: number
}

/** What a level says. */
export interface LevelSays {
  /** Decayed counts, limited to half the say of a reporter. */
  spam: number
  ham: number
  /** The share of spam to expect; the parent's where nothing is known. */
  share: number
}

/** What a place was found to be. */
export interface Judgement {
  readonly all: LevelSays
  /** From the country to the network. */
  readonly levels: readonly [LevelSays, LevelSays, LevelSays, LevelSays]
  /** In decibels: 10 is ten times the odds of spam than on average here. */
  readonly decibels: number
}

/** The share of spam as decibels over that of all mail. */
export function decibelsOf(share: number, all: number): number {
  return 10 * Math.log10((share / (1 - share)) * ((1 - all) / all))
}

/** What is told is a whole number of decibels between these. */
export const MAX_TOLD = 30

/** The answer to decibels: negative for spam, as scores are. */
export const scoreOf = (decibels: number): number =>
  -Math.round(Math.max(-MAX_TOLD, Math.min(MAX_TOLD, decibels))) || 0

const nothing = (): LevelSays => ({ spam: 0, ham: 0, share: 0 })

/** The model over a table of keys. */
export class Model {
  readonly keys: KeyTable
  readonly #cap: number
  readonly #reporters: () => number
  /** Told of the place of each key that a lesson has changed. */
  readonly #touched: (at: number) => void

  /**
   * @param reporters how many there may be: those with a lower number are looked at
   * @param cap `C`; Infinity counts each verdict in full
   */
  constructor(
    keys: KeyTable,
    reporters: () => number = () => 1,
    touched: (at: number) => void = () => {},
    cap = C,
  ) {
    this.keys = keys
    this.#reporters = reporters
    this.#touched = touched
    this.#cap = cap
  }

  /** Learns a verdict. The table must have room for the address and five keys, see `hasRoom`. */
  learn({ keys, address, time, spam, weight, undoes, reporter }: Lesson): void {
    const table = this.keys
    const seen = table.place(ADDRESS_HIGH, address)
    const before = table.spamThen(seen) * table.left(seen, time)
    const counts = 1 / (1 + before / this.#cap)
    table.add(seen, weight, 0, time)
    this.#touched(seen)
    const added = weight * counts
    const takenBack = undoes ? counts : 0
    this.#add(ALL_HIGH, ALL_LOW, reporter, spam, added, takenBack, time)
    for (let level = 0; level < LEVEL_COUNT; level++) {
      const high = keys[level * 2]
      if (high !== 0) this.#add(high, keys[level * 2 + 1], reporter, spam, added, takenBack, time)
    }
  }

  /** Whether any reporter has told something of a key. */
  isKnown(high: number, low: number): boolean {
    for (let reporter = 0; reporter < this.#reporters(); reporter++) {
      if (this.keys.find(ofReporter(high, reporter), low) >= 0) return true
    }
    return false
  }

  /** Whether a lesson finds room. */
  get hasRoom(): boolean {
    return this.keys.count + LEVEL_COUNT + 2 <= this.keys.max
  }

  /** What is to be expected of a place. */
  judge(keys: PlaceKeys, now: number): Judgement {
    const all = nothing()
    const levels = [nothing(), nothing(), nothing(), nothing()] as const
    const reporters = this.#told(now)
    this.#sum(ALL_HIGH, ALL_LOW, now, reporters, ALL_PRIOR, all)
    all.share = (all.spam + 1) / (all.spam + all.ham + ALL_PRIOR)
    let parent = all.share
    for (let level = 0; level < LEVEL_COUNT; level++) {
      const says = levels[level]
      const high = keys[level * 2]
      if (high !== 0) this.#sum(high, keys[level * 2 + 1], now, reporters, K, says)
      const count = says.spam + says.ham
      says.share = count === 0 ? parent : (says.spam + K * parent) / (count + K)
      parent = says.share
    }
    return { all, levels, decibels: decibelsOf(parent, all.share) }
  }

  /** The numbers of the reporters that have told anything. */
  #told(now: number): readonly number[] {
    const told: number[] = []
    for (let reporter = 0; reporter < this.#reporters(); reporter++) {
      const at = this.keys.find(ofReporter(ALL_HIGH, reporter), ALL_LOW)
      if (at >= 0 && this.#weight(at, now) >= LEAST_OF_REPORTER) told.push(reporter)
    }
    return told
  }

  #weight(at: number, now: number): number {
    return (this.keys.spamThen(at) + this.keys.hamThen(at)) * this.keys.left(at, now)
  }

  /** The counts of a key, those of a reporter limited to what the others and `prior` weigh, where there are several. */
  #sum(
    high: number,
    low: number,
    now: number,
    reporters: readonly number[],
    prior: number,
    into: LevelSays,
  ): void {
    const table = this.keys
    let total = 0
    if (reporters.length > 1) {
      for (const reporter of reporters) {
        const at = table.find(ofReporter(high, reporter), low)
        if (at >= 0) total += this.#weight(at, now)
      }
    }
    for (const reporter of reporters) {
      const at = table.find(ofReporter(high, reporter), low)
      if (at < 0) continue
      const weight = this.#weight(at, now)
      const most = reporters.length > 1 ? total - weight + prior : weight
      const counted = weight > most ? most / weight : 1
      const left = table.left(at, now) * counted
      into.spam += table.spamThen(at) * left
      into.ham += table.hamThen(at) * left
    }
  }

  #add(
    high: number,
    low: number,
    reporter: number,
    spam: boolean,
    added: number,
    takenBack: number,
    time: number,
  ): void {
    const table = this.keys
    const at = table.place(ofReporter(high, reporter), low)
    table.add(at, spam ? added : 0, spam ? 0 : added, time)
    this.#touched(at)
    if (takenBack === 0) return
    const wrong = this.#whoSaid(high, low, !spam, time)
    if (wrong < 0) return
    table.add(wrong, spam ? 0 : -takenBack, spam ? -takenBack : 0, time)
    this.#touched(wrong)
  }

  /** The place of the key of the reporter who has said most of one kind; -1 where nobody has. */
  #whoSaid(high: number, low: number, spam: boolean, now: number): number {
    const table = this.keys
    let most = 0
    let found = -1
    for (let reporter = 0; reporter < this.#reporters(); reporter++) {
      const at = table.find(ofReporter(high, reporter), low)
      if (at < 0) continue
      const said = (spam ? table.spamThen(at) : table.hamThen(at)) * table.left(at, now)
      if (said <= most) continue
      most = said
      found = at
    }
    return found
  }
}
