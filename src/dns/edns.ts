// The OPT record of a reply: what it holds is settled before the reply is written over the query.

import type { Client } from './client.ts'
import { CLIENT_COOKIE, Cookies, FULL_COOKIE } from './cookie.ts'
import { EDNS_UDP_LIMIT, OPTION, TYPE } from './protocol.ts'
import type { Query } from './query.ts'
import type { Policy } from './treatment.ts'

/** Octets of an OPT record without options. */
const OPT_LENGTH = 11

const OPTION_HEADER = 4

/** What the OPT record of one reply will hold; the object is filled anew for each query. */
export class EdnsReply {
  readonly #cookies: Cookies
  readonly #nsid: Uint8Array
  readonly #tcpKeepalive: number
  /** The cookie of the reply. */
  readonly #cookie = new Uint8Array(FULL_COOKIE)
  #present = false
  #dnssecOk = false
  #withCookie = false
  #withNsid = false
  #withKeepalive = false
  /** An extended error (RFC 8914), −1 for none. */
  error = -1
  /** The client has shown a cookie of ours: its address is its own. */
  knownClient = false

  constructor(policy: Policy) {
    this.#cookies = new Cookies(policy.cookieSecrets)
    this.#nsid = Buffer.from(policy.identity.nsid ?? '', 'utf8').subarray(0, 128)
    this.#tcpKeepalive = policy.tcpKeepalive
  }

  /** Settles what a query's reply will hold. Cookies are made now, because the reply overwrites them. */
  begin(query: Query, packet: Uint8Array, client: Client, isTcp: boolean): void {
    this.error = -1
    this.knownClient = false
    this.#present = query.edns
    if (!query.edns) return
    this.#dnssecOk = query.dnssecOk
    this.#withNsid = query.nsid && this.#nsid.length > 0
    this.#withKeepalive = isTcp && query.keepalive && this.#tcpKeepalive > 0
    this.#withCookie = query.cookieLength > 0 && this.#cookies.enabled
    if (this.#withCookie) this.#makeCookie(query, packet, client)
  }

  /** Octets that the record will take. */
  get length(): number {
    if (!this.#present) return 0
    let length = OPT_LENGTH
    if (this.#withCookie) length += OPTION_HEADER + FULL_COOKIE
    if (this.#withNsid) length += OPTION_HEADER + this.#nsid.length
    if (this.#withKeepalive) length += OPTION_HEADER + 2
    if (this.error >= 0) length += OPTION_HEADER + 2
    return length
  }

  get present(): boolean {
    return this.#present
  }

  /** Whether it will hold a cookie. */
  get withCookie(): boolean {
    return this.#present && this.#withCookie
  }

  /** Leaves out who we are, which nobody has a right to. */
  omitIdentity(): void {
    this.#withNsid = false
  }

  /** Leaves out what a truncated reply can do without. */
  shorten(): void {
    this.#withNsid = false
    this.error = -1
  }

  /** Writes the record at `packet[at…]` and returns the position behind it (RFC 6891 6.1.2, RFC 3225 3). */
  write(packet: Uint8Array, at: number, rcode: number): number {
    if (!this.#present) return at
    packet[at] = 0
    packet[at + 1] = 0
    packet[at + 2] = TYPE.opt
    packet[at + 3] = EDNS_UDP_LIMIT >>> 8
    packet[at + 4] = EDNS_UDP_LIMIT & 255
    packet[at + 5] = rcode >>> 4
    packet[at + 6] = 0
    packet[at + 7] = this.#dnssecOk ? 0x80 : 0
    packet[at + 8] = 0
    let to = at + OPT_LENGTH
    if (this.#withCookie) {
      to = writeHeader(packet, to, OPTION.cookie, FULL_COOKIE)
      for (let i = 0; i < FULL_COOKIE; i++) packet[to++] = this.#cookie[i]
    }
    if (this.#withNsid) {
      to = writeHeader(packet, to, OPTION.nsid, this.#nsid.length)
      for (let i = 0; i < this.#nsid.length; i++) packet[to++] = this.#nsid[i]
    }
    if (this.#withKeepalive) to = writeNumber(packet, to, OPTION.keepalive, this.#tcpKeepalive)
    if (this.error >= 0) to = writeNumber(packet, to, OPTION.extendedError, this.error)
    const options = to - at - OPT_LENGTH
    packet[at + 9] = options >>> 8
    packet[at + 10] = options & 255
    return to
  }

  #makeCookie(query: Query, packet: Uint8Array, client: Client): void {
    const now = Math.floor(Date.now() / 1000)
    const { cookieAt, cookieLength } = query
    this.knownClient = this.#cookies.isGood(packet, cookieAt, cookieLength, client, now)
    const keep = this.knownClient && !this.#cookies.isOld(packet, cookieAt, now)
    const octets = keep ? FULL_COOKIE : CLIENT_COOKIE
    for (let i = 0; i < octets; i++) this.#cookie[i] = packet[cookieAt + i]
    if (!keep) this.#cookies.write(this.#cookie, 0, client, now)
  }
}

function writeHeader(packet: Uint8Array, at: number, code: number, length: number): number {
  packet[at] = 0
  packet[at + 1] = code
  packet[at + 2] = 0
  packet[at + 3] = length
  return at + OPTION_HEADER
}

/** An option of one 16-bit number. */
function writeNumber(packet: Uint8Array, at: number, code: number, number: number): number {
  const to = writeHeader(packet, at, code, 2)
  packet[to] = number >>> 8
  packet[to + 1] = number & 255
  return to + 2
}
