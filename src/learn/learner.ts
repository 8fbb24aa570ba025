// Takes verdicts in: judges each at the door, counts those that teach nothing by reason, and learns the others in batches.

import { type Cidr, parseCidr } from '../table/cidr-text.ts'
import type { Table } from '../table/table.ts'
import { isWithin, readSender } from './address.ts'
import { productRows } from './bake.ts'
import { type Excluded, type ExcludeSetting, excludedBy } from './excluded.ts'
import { LEAST } from './key-table.ts'
import { type PlaceKeys, writePlace } from './place.ts'
import { writeProduct } from './product.ts'
import type { LearnState } from './state.ts'
import { IGNORED_REASONS, type IgnoredReason, type Reading, type Verdict } from './verdict.ts'

/** Seconds that the clock of a reporter may be ahead. */
const CLOCKS_DIFFER = 300

/** What is learned and what isn't. */
export interface LearnSettings {
  /** Seconds after which a verdict counts half. */
  readonly halfLife: number
  /** The most verdicts of a reporter on one day. */
  readonly quota: number
  readonly excluded: Excluded
  /** Networks of our own hosts: what they pass on comes from somebody else, and is not to be learned of them. */
  readonly trusted: readonly Cidr[]
  /** Whether verdicts are kept for --check. */
  readonly keep: boolean
}

/** What of the setting `learn` a learner heeds; plain data, for other threads. */
export interface LearnerSetting extends Pick<LearnSettings, 'halfLife' | 'quota'> {
  readonly exclude: ExcludeSetting
  /** As CIDR. */
  readonly trusted: readonly string[]
  readonly keepVerdicts: boolean
}

/** What the setting says is learned. */
export function learnSettings({
  halfLife,
  quota,
  exclude,
  trusted,
  keepVerdicts,
}: LearnerSetting): LearnSettings {
  return {
    halfLife,
    quota,
    excluded: excludedBy(exclude),
    trusted: trusted.map(parseCidr),
    keep: keepVerdicts,
  }
}

/** What became of verdicts. */
export interface LearnCounts {
  spam: number
  ham: number
  readonly ignored: Record<IgnoredReason, number>
}

/** Counts of nothing. */
export const noCounts = (): LearnCounts => ({
  spam: 0,
  ham: 0,
  ignored: Object.fromEntries(IGNORED_REASONS.map((reason) => [reason, 0])) as LearnCounts['ignored'],
})

/** Learns into one state. */
export class Learner {
  readonly state: LearnState
  /** Of all batches. */
  readonly counts = noCounts()
  readonly #table: () => Table
  readonly #settings: LearnSettings
  readonly #now: () => number
  readonly #keys: PlaceKeys = new Uint32Array(8)

  /**
   * @param table of now: what an address belongs to
   * @param now seconds since the epoch
   */
  constructor(state: LearnState, table: () => Table, settings: LearnSettings, now: () => number) {
    this.state = state
    this.#table = table
    this.#settings = settings
    this.#now = now
  }

  /**
   * Learns a batch: all of it or nothing. It is on the disk when this returns.
   *
   * @returns what became of it
   * @throws {AsnzoneError} `ASNZONE_DATA` when the state can't be written.
   */
  learn(readings: readonly Reading[]): LearnCounts {
    const counts = noCounts()
    if (readings.length === 0) return counts
    const now = this.#now()
    this.state.transaction(() => {
      this.state.makeRoom(now)
      for (const reading of readings) {
        const ignored = 'ignored' in reading ? reading.ignored : this.#take(reading, now)
        if (ignored !== null) counts.ignored[ignored]++
        else if ((reading as Verdict).spam) counts.spam++
        else counts.ham++
      }
    })
    // Only now is it sure that they have been learned.
    this.counts.spam += counts.spam
    this.counts.ham += counts.ham
    for (const reason of IGNORED_REASONS) this.counts.ignored[reason] += counts.ignored[reason]
    return counts
  }

  /**
   * Writes what the compile reads.
   *
   * @returns how many rows there are
   * @throws {Error} of the file system
   */
  writeProduct(directory: string): number {
    const rows = this.state.transaction(() =>
      productRows(this.state.model, this.#table(), this.#now(), this.#settings.excluded),
    )
    writeProduct(directory, rows)
    return rows.length
  }

  /** Whether an address is one of our own hosts, which pass on what others have sent. */
  isTrusted(words: ArrayLike<number>): boolean {
    return this.#settings.trusted.some((network) => isWithin(words, network))
  }

  /** Null when it was learned. */
  #take(verdict: Verdict, now: number): IgnoredReason | null {
    const { time, address, spam, weight, undoes } = verdict
    const { halfLife, quota, excluded, keep } = this.#settings
    if (time > now + CLOCKS_DIFFER) return 'time-future'
    // It would be dropped at once.
    if (2 ** ((time - now) / halfLife) < LEAST) return 'time-old'
    const sender = readSender(address)
    if (sender === null) return 'address'
    if (this.isTrusted(sender.words)) return 'trusted'
    if (!writePlace(this.#table(), sender.words, this.#keys)) return 'unknown'
    if (excluded.has(this.#table(), sender.words)) return 'excluded'
    const reporter = this.state.reporter(verdict.reporter)
    if (reporter === null || !this.state.mayTell(reporter, quota, now)) return 'quota'
    if (!this.state.model.hasRoom) this.state.makeRoom(now)
    this.state.model.learn({
      keys: this.#keys,
      address: this.state.hashOf(sender.text),
      time: Math.min(Math.floor(time), Math.floor(now)),
      spam,
      weight,
      undoes,
      reporter: reporter.number,
    })
    if (keep) this.state.keep({ time, address: sender.text, spam, weight })
    return null
  }
}
