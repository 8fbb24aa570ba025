// Counters of the answering half: plain numbers in shared memory that each thread adds to in a slice of its own.
//
//     a slice    outcomes   a row for queries in no zone, then one for each zone; see zone-rows.ts
//                traffic    by transport, family, type and RCODE
//                batches    how many of each size, and the packets in them
//                times      how many queries took up to each bound, and their seconds
//                unsent     replies that the kernel didn't take
//                failed     receives of a socket that had something and gave nothing
//                headers    of proxies that were missing or couldn't be right
//
// Nobody else writes to a slice, so no atomic operation is needed; a reader adds the slices up and may miss the
// last few queries. The numbers are 64-bit floats because these count exactly to 2^53, where a 32-bit number
// wraps within hours.

import { MAX_BATCH } from '../dns/batch.ts'
import { type OutcomeName, outcomeNames } from '../dns/outcome.ts'
import { TRAFFIC_KINDS, trafficNumber } from '../dns/traffic.ts'
import { MAX_THREADS } from '../system/threads.ts'

const OUTCOMES = outcomeNames.length

/** The most packets of the batches that are counted together: powers of two, up to the largest batch. */
export const BATCH_BOUNDS: readonly number[] = Array.from(
  { length: Math.ceil(Math.log2(MAX_BATCH)) + 1 },
  (_, power) => 2 ** power,
)

/** Seconds; what took longer than the last is counted after it. */
export const TIME_BOUNDS = [
  5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 5e-2, 0.25,
] as const

/** Every how many batches, or queries that come alone, the time is taken: nobody notices one in so many. */
const TIMED = 16

/** How often each outcome was met. */
export type OutcomeCounts = Readonly<Record<OutcomeName, number>>

/** What was measured again and again. */
export interface Distribution {
  /** How many were at most each bound and more than the one before; then those above the last bound. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** A slice as plain data, for the thread that counts in it. */
export interface CounterHandle {
  readonly buffer: SharedArrayBuffer
  readonly slice: number
  readonly zones: number
}

/** Where in a slice each part begins. */
class Layout {
  readonly traffic: number
  readonly batches: number
  readonly batchSum: number
  readonly times: number
  readonly timeSum: number
  readonly unsent: number
  readonly failed: number
  readonly headers: number
  readonly length: number

  constructor(zones: number) {
    this.traffic = (zones + 1) * OUTCOMES
    this.batches = this.traffic + TRAFFIC_KINDS
    this.batchSum = this.batches + BATCH_BOUNDS.length + 1
    this.times = this.batchSum + 1
    this.timeSum = this.times + TIME_BOUNDS.length + 1
    this.unsent = this.timeSum + 1
    this.failed = this.unsent + 1
    this.headers = this.failed + 1
    this.length = this.headers + 1
  }
}

/** The slice of one thread. */
export class CounterSlice {
  readonly #counts: Float64Array
  readonly #traffic: number
  readonly #layout: Layout
  #untilTimed = 0

  constructor({ buffer, slice, zones }: CounterHandle) {
    this.#layout = new Layout(zones)
    const { length, traffic } = this.#layout
    this.#counts = new Float64Array(buffer, slice * length * 8, length)
    this.#traffic = traffic
  }

  /**
   * Counts one query.
   *
   * @param zone the row of the zone, −1 for none
   * @param outcome one of OUTCOME
   * @param transport one of TRANSPORT
   * @param type the type that was asked for, 0 where no question was read
   * @param rcode NO_REPLY for silence
   */
  count(zone: number, outcome: number, transport: number, family: 4 | 6, type: number, rcode: number): void {
    this.#counts[(zone + 1) * OUTCOMES + outcome]++
    this.#counts[this.#traffic + trafficNumber(transport, family, type, rcode)]++
  }

  /** Counts a batch of at least one packet. */
  countBatch(packets: number): void {
    const { batches, batchSum } = this.#layout
    this.#counts[batches + 32 - Math.clz32(packets - 1)]++
    this.#counts[batchSum] += packets
  }

  /** Counts a reply that the kernel didn't take. */
  countUnsent(): void {
    this.#counts[this.#layout.unsent]++
  }

  /** Counts a receive that failed. */
  countFailedReceive(): void {
    this.#counts[this.#layout.failed]++
  }

  /** Counts a packet or connection of a proxy that didn't tell for whom it asks. */
  countRefusedHeader(): void {
    this.#counts[this.#layout.headers]++
  }

  /** Begins to take the time now and then; −1 when it isn't taken. */
  startTimer(): number {
    if (--this.#untilTimed >= 0) return -1
    this.#untilTimed = TIMED - 1
    return performance.now()
  }

  /** Counts that these queries took the time since `startTimer`. */
  stopTimer(started: number, queries: number): void {
    if (started < 0) return
    const { times, timeSum } = this.#layout
    const seconds = (performance.now() - started) / 1000
    let bound = 0
    while (bound < TIME_BOUNDS.length && seconds > TIME_BOUNDS[bound]) bound++
    this.#counts[times + bound] += queries
    this.#counts[timeSum] += seconds * queries
  }
}

/** The counters of all threads. */
export class Counters {
  readonly buffer: SharedArrayBuffer
  readonly zones: number
  readonly #layout: Layout
  readonly #counts: Float64Array

  /**
   * @param zones how many rows of zones there are
   * @param buffer the counters of another thread's, to read them here as well
   */
  constructor(zones: number, buffer?: SharedArrayBuffer) {
    this.zones = zones
    this.#layout = new Layout(zones)
    this.buffer = buffer ?? new SharedArrayBuffer(MAX_THREADS * this.#layout.length * 8)
    this.#counts = new Float64Array(this.buffer)
  }

  /** Where one thread counts; a place belongs to one thread at a time and outlives it. */
  handle(slice: number): CounterHandle {
    return { buffer: this.buffer, slice, zones: this.zones }
  }

  /** All queries that one slice has counted. */
  queriesOf(slice: number): number {
    const at = slice * this.#layout.length
    return this.#counts.subarray(at, at + this.#layout.traffic).reduce((sum, count) => sum + count, 0)
  }

  /** The outcomes of queries in the zone of one row, −1 for queries in no zone. */
  of(zone: number): OutcomeCounts {
    const sums = this.#sums((zone + 1) * OUTCOMES, OUTCOMES)
    return Object.fromEntries(outcomeNames.map((name, i) => [name, sums[i]])) as Record<OutcomeName, number>
  }

  /** The outcomes of all queries. */
  total(): OutcomeCounts {
    const sums = outcomeNames.map(() => 0)
    for (const [i, count] of this.#sums(0, (this.zones + 1) * OUTCOMES).entries()) sums[i % OUTCOMES] += count
    return Object.fromEntries(outcomeNames.map((name, i) => [name, sums[i]])) as Record<OutcomeName, number>
  }

  /** Queries by the number of their traffic; see trafficKinds. */
  traffic(): readonly number[] {
    return this.#sums(this.#layout.traffic, TRAFFIC_KINDS)
  }

  /** Packets that came at once. */
  batches(): Distribution {
    const { batches, batchSum } = this.#layout
    return { counts: this.#sums(batches, BATCH_BOUNDS.length + 1), sum: this.#sums(batchSum, 1)[0] }
  }

  /** Seconds that queries took, of those whose time was taken. */
  times(): Distribution {
    const { times, timeSum } = this.#layout
    return { counts: this.#sums(times, TIME_BOUNDS.length + 1), sum: this.#sums(timeSum, 1)[0] }
  }

  /** Replies that the kernel didn't take. */
  unsent(): number {
    return this.#sums(this.#layout.unsent, 1)[0]
  }

  /** Receives that failed. */
  failedReceives(): number {
    return this.#sums(this.#layout.failed, 1)[0]
  }

  /** Packets and connections of proxies that didn't tell for whom they ask. */
  refusedHeaders(): number {
    return this.#sums(this.#layout.headers, 1)[0]
  }

  /** Numbers of a slice, over all slices. */
  #sums(start: number, length: number): number[] {
    const sums = Array.from({ length }, () => 0)
    for (let slice = 0; slice < MAX_THREADS; slice++) {
      const at = slice * this.#layout.length + start
      for (let i = 0; i < length; i++) sums[i] += this.#counts[at + i]
    }
    return sums
  }
}
