// Response rate limiting: replies to one network, of one kind, in one zone are held to a number a second.
//
// UDP clients can lie about their address; what is sent to a victim is bounded here, as BIND, NSD and Knot do.
// Each network (IPv4 /24, IPv6 /56) has a bucket for each zone and outcome. A second adds `perSecond` replies,
// up to that number; each reply takes one; a bucket that is empty goes below zero down to `window` seconds'
// worth, so that a flood has to stop for as long before it is answered again. Every `slip`-th reply that is
// held back is sent truncated, so that a real client behind the address can come over TCP.

import { LRUCache } from 'lru-cache'
import { AccessList } from './access-list.ts'
import type { Client } from './client.ts'
import type { RateLimit } from './policy.ts'

/** What becomes of a reply. */
export const RATE = { send: 0, truncate: 1, drop: 2 } as const

/** Buckets that one thread keeps; the least recently used one makes room. */
const MAX_BUCKETS = 65536

/** Room for outcomes (below 16) and zones (−1 up to 1,022) in a bucket's key. */
const KINDS = 16
const ZONES = 1024

interface Bucket {
  balance: number
  /** The second of the last reply. */
  second: number
  limited: number
}

/** The buckets of one thread. */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #exempt: AccessList
  /** None before a client comes that is not exempt: most servers see none, and it takes 2 MB. */
  #buckets: LRUCache<number, Bucket> | null = null

  constructor(limit: RateLimit) {
    this.#limit = limit
    this.#exempt = new AccessList(limit.exempt)
  }

  /** Whether a client is in one of the networks that are never limited. */
  isExempt(client: Client): boolean {
    return this.#exempt.holds(client)
  }

  /**
   * Takes one reply from a client's bucket and says what becomes of it: one of RATE.
   *
   * @param zone the index of the zone's definition, −1 for none
   * @param outcome one of OUTCOME
   * @param now seconds by a clock that only goes forward
   */
  take(client: Client, zone: number, outcome: number, now: number): number {
    const { perSecond, window, slip } = this.#limit
    const key = (networkOf(client) * ZONES + (zone + 1)) * KINDS + outcome
    this.#buckets ??= new LRUCache({ max: MAX_BUCKETS })
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = { balance: perSecond, second: now, limited: 0 }
      this.#buckets.set(key, bucket)
    }
    const seconds = now - bucket.second
    if (seconds > 0) {
      bucket.balance = Math.min(perSecond, bucket.balance + seconds * perSecond)
      bucket.second = now
    }
    if (bucket.balance > -window * perSecond) bucket.balance--
    if (bucket.balance >= 0) return RATE.send
    bucket.limited++
    return slip > 0 && bucket.limited % slip === 0 ? RATE.truncate : RATE.drop
  }
}

/** An IPv4 /24 as itself, an IPv6 /56 as a hash beside them: 33 bits. */
function networkOf(client: Client): number {
  if (client.family === 4) return client.word0 >>> 8
  const hash = Math.imul(client.word0 ^ Math.imul(client.word1 >>> 8, 0x9e3779b1), 0x85ebca6b)
  return 2 ** 32 + ((hash ^ (hash >>> 15)) >>> 0)
}
