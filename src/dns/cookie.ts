// DNS cookies (RFC 7873) in the interoperable form of RFC 9018: servers that share a secret share cookies.
//
//     client cookie 8 | version 1 | reserved 3 | timestamp 4 | hash 8
//
// The hash is SipHash-2-4 over all that is before it and the client's address.

import type { Client } from './client.ts'
import { read32, read32Little, write32 } from './octets.ts'
import { sipHash, sipHashResult } from './siphash.ts'

/** Octets of a client cookie. */
export const CLIENT_COOKIE = 8

/** Octets of a client cookie with our server cookie. */
export const FULL_COOKIE = 24

const VERSION = 1
const VERSION_AT = 8
const TIMESTAMP_AT = 12
const HASH_AT = 16

/** A server cookie is good for an hour, and for five minutes from the future (RFC 9018 4.3). */
const MAX_AGE = 3600
const MAX_AHEAD = 300

/** A good cookie of half its life is replaced by a new one (RFC 9018 4.3). */
const RENEW_AGE = 1800

/** Makes and verifies cookies for one thread. */
export class Cookies {
  readonly #secrets: readonly Uint8Array[]
  readonly #message = new Uint8Array(HASH_AT + 16)
  /** The last good cookie was signed with another secret than the first. */
  #byOlderSecret = false

  /** @param secrets 16 octets each: the first signs, all of them verify */
  constructor(secrets: readonly Uint8Array[]) {
    this.#secrets = secrets
  }

  get enabled(): boolean {
    return this.#secrets.length > 0
  }

  /**
   * Whether `packet[at, at + length)` is a cookie that this server gave to this client not too long ago.
   *
   * @param now seconds since 1970
   */
  isGood(packet: Uint8Array, at: number, length: number, client: Client, now: number): boolean {
    if (length !== FULL_COOKIE || packet[at + VERSION_AT] !== VERSION) return false
    const age = (now - read32(packet, at + TIMESTAMP_AT)) | 0
    if (age > MAX_AGE || age < -MAX_AHEAD) return false
    for (let i = 0; i < this.#secrets.length; i++) {
      this.#hash(this.#secrets[i], packet, at, client)
      if (
        read32Little(packet, at + HASH_AT) === sipHashResult[0] &&
        read32Little(packet, at + HASH_AT + 4) === sipHashResult[1]
      ) {
        this.#byOlderSecret = i > 0
        return true
      }
    }
    return false
  }

  /** Whether a cookie that was just found to be good is to be replaced: it is old, or so is its secret. */
  isOld(packet: Uint8Array, at: number, now: number): boolean {
    return this.#byOlderSecret || ((now - read32(packet, at + TIMESTAMP_AT)) | 0) > RENEW_AGE
  }

  /** Writes a new server cookie after the client cookie at `out[at…]`; FULL_COOKIE octets in all. */
  write(out: Uint8Array, at: number, client: Client, now: number): void {
    out[at + VERSION_AT] = VERSION
    out[at + VERSION_AT + 1] = 0
    out[at + VERSION_AT + 2] = 0
    out[at + VERSION_AT + 3] = 0
    write32(out, at + TIMESTAMP_AT, now)
    this.#hash(this.#secrets[0], out, at, client)
    for (let i = 0; i < 8; i++) out[at + HASH_AT + i] = (sipHashResult[i >> 2] >>> ((i & 3) * 8)) & 255
  }

  #hash(secret: Uint8Array, packet: Uint8Array, at: number, client: Client): void {
    const message = this.#message
    for (let i = 0; i < HASH_AT; i++) message[i] = packet[at + i]
    write32(message, HASH_AT, client.word0)
    if (client.family === 4) {
      sipHash(secret, message, HASH_AT + 4)
      return
    }
    write32(message, HASH_AT + 4, client.word1)
    write32(message, HASH_AT + 8, client.word2)
    write32(message, HASH_AT + 12, client.word3)
    sipHash(secret, message, HASH_AT + 16)
  }
}
