// The option that shows that a client's address is its own (RFC 7873): a cookie of the client, and one of ours.

import { CLIENT_COOKIE, Cookies, FULL_COOKIE } from '../cookie.ts'
import { copyOctets } from '../octets.ts'
import type { Circumstances, EdnsOption } from './option.ts'

/** Lengths of a cookie with a server cookie of any server (RFC 7873 4). */
const MIN_WITH_SERVER_COOKIE = 16
const MAX_WITH_SERVER_COOKIE = 40

/** COOKIE. */
export class CookieOption implements EdnsOption {
  readonly code = 10
  readonly maxOctets = FULL_COOKIE
  readonly #cookies: Cookies
  /** The cookie of the reply. */
  readonly #cookie = new Uint8Array(FULL_COOKIE)
  /** Where the query's lies. */
  #at = 0
  #length = 0
  /** The client has shown a cookie of ours; meant for the reply that was begun last. */
  isKnown = false

  /** @param secrets 16 octets each: the first signs, all of them verify; none for no cookies */
  constructor(secrets: readonly Uint8Array[]) {
    this.#cookies = new Cookies(secrets)
  }

  /** A client cookie alone, or with a server cookie (RFC 7873 5.2.2); of several the first counts (RFC 7873 5.2). */
  read(_: Uint8Array, at: number, length: number, isFirst: boolean): boolean {
    const isLength =
      length === CLIENT_COOKIE || (length >= MIN_WITH_SERVER_COOKIE && length <= MAX_WITH_SERVER_COOKIE)
    if (isLength && isFirst) {
      this.#at = at
      this.#length = length
    }
    return isLength
  }

  begin(packet: Uint8Array, { client, now }: Circumstances): number {
    const cookies = this.#cookies
    if (!cookies.enabled) return -1
    const second = Math.floor(now.milliseconds / 1000)
    this.isKnown = cookies.isGood(packet, this.#at, this.#length, client, second)
    const isKept = this.isKnown && !cookies.isOld(packet, this.#at, second)
    copyOctets(packet, this.#at, this.#at + (isKept ? FULL_COOKIE : CLIENT_COOKIE), this.#cookie, 0)
    if (!isKept) cookies.write(this.#cookie, 0, client, second)
    return FULL_COOKIE
  }

  write(packet: Uint8Array, at: number): void {
    copyOctets(this.#cookie, 0, FULL_COOKIE, packet, at)
  }
}
