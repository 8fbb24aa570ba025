// Counters of the answering half: plain numbers in shared memory that each thread adds to in a slice of its own.
//
// Nobody else writes to a slice, so no atomic operation is needed; a reader adds the slices up and may miss the
// last few queries. A slice is a row of outcomes for queries in no zone, then a row for each zone definition.
// They are 64-bit floats because these count exactly to 2^53, where a 32-bit number wraps within hours.

import { type OutcomeName, outcomeNames } from '../dns/outcome.ts'

const OUTCOMES = outcomeNames.length

/** Threads that may count at a time: the most workers, and the main thread. */
export const MAX_SLICES = 65

/** How often each outcome was met. */
export type OutcomeCounts = Readonly<Record<OutcomeName, number>>

/** A slice as plain data, for the thread that counts in it. */
export interface CounterPlace {
  readonly buffer: SharedArrayBuffer
  readonly slice: number
  readonly zones: number
}

/** The slice of one thread. */
export class CounterSlice {
  readonly #counts: Float64Array

  constructor({ buffer, slice, zones }: CounterPlace) {
    const length = (zones + 1) * OUTCOMES
    this.#counts = new Float64Array(buffer, slice * length * 8, length)
  }

  /**
   * Counts one query.
   *
   * @param zone the index of the zone's definition, −1 for none
   * @param outcome one of OUTCOME
   */
  count(zone: number, outcome: number): void {
    this.#counts[(zone + 1) * OUTCOMES + outcome]++
  }
}

/** The counters of all threads. */
export class Counters {
  readonly buffer: SharedArrayBuffer
  readonly zones: number

  /** @param zones how many zone definitions there are */
  constructor(zones: number) {
    this.zones = zones
    this.buffer = new SharedArrayBuffer(MAX_SLICES * (zones + 1) * OUTCOMES * 8)
  }

  /** Where one thread counts; a place belongs to one thread at a time and outlives it. */
  place(slice: number): CounterPlace {
    return { buffer: this.buffer, slice, zones: this.zones }
  }

  /** The outcomes of queries in one zone definition, −1 for queries in no zone, over all threads. */
  of(zone: number): OutcomeCounts {
    const counts = new Float64Array(this.buffer)
    const sums: number[] = outcomeNames.map(() => 0)
    for (let slice = 0; slice < MAX_SLICES; slice++) {
      const row = (slice * (this.zones + 1) + zone + 1) * OUTCOMES
      for (let i = 0; i < OUTCOMES; i++) sums[i] += counts[row + i]
    }
    return Object.fromEntries(outcomeNames.map((name, i) => [name, sums[i]])) as Record<OutcomeName, number>
  }
}
