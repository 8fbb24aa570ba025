// Response rate limiting: replies to one network are held to a number per second, whichever thread and zone they are
// from.
//
// UDP clients can lie about their address; what is sent to a victim is bounded here, as BIND, NSD and Knot do.
// Replies to a network (IPv4 /24, IPv6 /56) are counted by kind, positive, negative and errors, and all together. A
// second adds so many replies, up to that number; each reply takes one; a count that is empty goes below zero down to
// `window` seconds' worth, so that a flood has to stop for as long before it is answered again. Every `slip`-th reply
// that is held back is sent truncated, so that a real client behind the address can come over TCP. Errors are not:
// TCP would bring the same error.
//
//     a bucket   second of the last reply | positive | negative | errors | all | held back | 2 unused
//
// The counts of all threads lie in one piece of shared memory, two rows of buckets. A network has a bucket in each
// row and shares it with all networks of the same hash; it is limited where both are used up. So no flood makes a
// bucket forget, and who shares a bucket with a victim is limited only if it does so in both rows. The hash has no
// secret: who can forge addresses to hit the buckets of a network can as well forge addresses of that network.
//
// A count is one word that is only replaced as a whole (compare and exchange), so that no thread waits and no reply
// is lost: how many replies were taken since the clock's zero, as if each earlier second had been used up.

import { AccessList } from './access-list.ts'
import type { Client } from './client.ts'
import { OUTCOME } from './outcome.ts'
import type { RateLimit } from './treatment.ts'

/** What becomes of a reply. */
export const RATE = { send: 0, truncate: 1, drop: 2 } as const

/** Buckets of a row: a power of two, as many as half of the hash can tell apart. */
const ROW_BUCKETS = 65536

const BUCKET_WORDS = 8

/** Words of a bucket. */
const SECOND = 0
const POSITIVE = 1
const NEGATIVE = 2
const ERRORS = 3
const ALL = 4
const HELD_BACK = 5

/** Replies that a count can be ahead of the clock, so that a word has room for them twice. */
const MAX = 2 ** 30

/** Memory for the counts of all threads: 4 MB, of which the kernel gives only what is touched. */
export const rateLimitMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer(2 * ROW_BUCKETS * BUCKET_WORDS * 4)

/** Forgets all replies that were counted so far. Memory that was never touched stays so. */
export function forgetReplies(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory)
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) Atomics.store(words, i, 0)
}

/** Counts replies for one thread. */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #exempt: AccessList
  readonly #words: Int32Array
  readonly #window: number

  constructor(limit: RateLimit) {
    this.#limit = limit
    this.#window = Math.min(limit.window, Math.floor(MAX / Math.max(limit.perSecond, limit.all)))
    this.#exempt = new AccessList(limit.exempt)
    this.#words = new Int32Array(limit.memory)
  }

  /** Whether a client is in one of the networks that are never limited. */
  isExempt(client: Client): boolean {
    return this.#exempt.holds(client) && (!client.isProxied || this.#limit.exemptsProxied)
  }

  /**
   * Takes one reply to a client's network and says what becomes of it: one of RATE.
   *
   * @param outcome one of OUTCOME
   * @param now seconds by a clock that only goes forward and that all threads share
   */
  take(client: Client, outcome: number, now: number): number {
    const { perSecond, all, slip } = this.#limit
    const kind = kindOf(outcome)
    const hash = hashOf(client)
    const first = (hash & (ROW_BUCKETS - 1)) * BUCKET_WORDS
    const second = (ROW_BUCKETS + (hash >>> 16)) * BUCKET_WORDS
    const latest = Math.max(this.#begin(first, now), this.#begin(second, now))
    if (
      this.#takeOne(first, second, kind, perSecond, latest) &&
      this.#takeOne(first, second, ALL, all, latest)
    ) {
      return RATE.send
    }
    if (kind === ERRORS || slip === 0) return RATE.drop
    const held = (Atomics.add(this.#words, first + HELD_BACK, 1) + 1) >>> 0
    return held % slip === 0 ? RATE.truncate : RATE.drop
  }

  /** Takes one of `perSecond` from a count, in both rows; false when neither has one. */
  #takeOne(first: number, second: number, count: number, perSecond: number, now: number): boolean {
    if (perSecond === 0) return true
    const inFirst = this.#takeIn(first + count, perSecond, now)
    const inSecond = this.#takeIn(second + count, perSecond, now)
    return inFirst || inSecond
  }

  #takeIn(at: number, perSecond: number, now: number): boolean {
    const words = this.#words
    const startOfSecond = Math.imul(now, perSecond)
    const max = (this.#window + 1) * perSecond
    for (;;) {
      const seen = Atomics.load(words, at)
      let used = (seen - startOfSecond) | 0
      // Before this second nothing was saved up; further ahead than can be the word has wrapped.
      if (used < 0 || used > max) used = 0
      if (used === max) return false
      if (Atomics.compareExchange(words, at, seen, (startOfSecond + used + 1) | 0) === seen) {
        return used < perSecond
      }
    }
  }

  /**
   * Begins a bucket's second, and says which one counts: a thread that was held up after it read the clock goes by
   * the second of those who came before it, or its replies would be taken as held back from theirs.
   *
   * All begins anew where no reply was taken for so long that nothing can be left of it: a count wraps after some
   * time, and would then look as if it had just been used.
   */
  #begin(bucket: number, now: number): number {
    const words = this.#words
    const last = Atomics.load(words, bucket + SECOND)
    const passed = (now - last) | 0
    if (passed <= 0) return last
    if (passed <= this.#window) {
      Atomics.store(words, bucket + SECOND, now)
      return now
    }
    const { perSecond, all } = this.#limit
    const positive = Atomics.load(words, bucket + POSITIVE)
    const negative = Atomics.load(words, bucket + NEGATIVE)
    const errors = Atomics.load(words, bucket + ERRORS)
    const total = Atomics.load(words, bucket + ALL)
    // Another thread was first, and what it has taken since must stay.
    if (Atomics.compareExchange(words, bucket + SECOND, last, now) !== last) return now
    const start = Math.imul(now, perSecond)
    Atomics.compareExchange(words, bucket + POSITIVE, positive, start)
    Atomics.compareExchange(words, bucket + NEGATIVE, negative, start)
    Atomics.compareExchange(words, bucket + ERRORS, errors, start)
    Atomics.compareExchange(words, bucket + ALL, total, Math.imul(now, all))
    return now
  }
}

/** The kind of a reply. */
function kindOf(outcome: number): number {
  switch (outcome) {
    case OUTCOME.answer:
    case OUTCOME.truncated:
      return POSITIVE
    case OUTCOME.noData:
    case OUTCOME.nxDomain:
      return NEGATIVE
    default:
      return ERRORS
  }
}

/** A hash of an IPv4 /24, no two of which have the same, or of an IPv6 /56. */
function hashOf({ family, word0, word1 }: Client): number {
  return family === 4 ? mix(word0 >>> 8) : mix(mix(word0) ^ (word1 >>> 8))
}

/** Spreads 32 bits over 32 bits (the finisher of MurmurHash3). */
function mix(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
