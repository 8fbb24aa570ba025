// The OPT record of a query and that of its reply (RFC 6891): here the options are put together, and nowhere else.
//
//     0 root   1 type 41   3 UDP size   5 RCODE   6 version   7 flags   9 length   11 code length data, again and again
//
// What a reply's record will hold is settled before the reply is written over the query. What makes up most traffic,
// a record without options, costs no call of any option.

import { TYPE } from '../../zones/record-type.ts'
import type { Client } from '../client.ts'
import type { Now } from '../now.ts'
import { read16, write16 } from '../octets.ts'
import { EDNS_UDP_LIMIT, PLAIN_UDP_LIMIT } from '../protocol.ts'
import type { Policy } from '../treatment.ts'
import { ClientSubnetOption } from './client-subnet.ts'
import { CookieOption } from './cookie.ts'
import { ExtendedErrorOption } from './extended-error.ts'
import { KeepaliveOption } from './keepalive.ts'
import { NsidOption } from './nsid.ts'
import type { EdnsOption } from './option.ts'

/** Octets of an OPT record without options. */
const FIXED_OCTETS = 11

/** Octets of an option before its data: code and length. */
const OPTION_HEADER = 4

/** Options have codes below this; others are unknown and ignored. */
const KNOWN_CODES = 32

const DNSSEC_OK = 0x80

/** The OPT record of one query and its reply; the object is filled again for each. */
export class Opt {
  #cookie: CookieOption
  #nsid: NsidOption
  readonly #error = new ExtendedErrorOption()
  /** All options, in the order in which a reply has them. */
  #options: readonly EdnsOption[]
  /** The place of each code in #options, −1 for none. */
  readonly #places = new Int8Array(KNOWN_CODES).fill(-1)
  readonly #circumstances: { client: Client; now: Now; isTcp: boolean }
  /** What the query's and the reply's record have: a bit for each place in #options. */
  #asked = 0
  #told = 0
  /** Octets of data of each option that is told. */
  readonly #octets: Uint16Array
  /** Octets that the reply's record takes; 0 where there is none. */
  length = 0
  /** Whether the query has one, and so the reply. */
  present = false
  /** The version that the query is of (RFC 6891 6.1.3). */
  version = 0
  /** The DO bit (RFC 3225 3). */
  dnssecOk = false
  /** What the client can receive over UDP: 512 up (RFC 6891 6.2.3). */
  udpSize = PLAIN_UDP_LIMIT

  constructor(policy: Policy, client: Client, now: Now) {
    this.#cookie = new CookieOption(policy.cookieSecrets)
    this.#nsid = new NsidOption(policy.identity.nsid)
    this.#options = this.#composed(policy)
    for (const [place, { code }] of this.#options.entries()) this.#places[code] = place
    this.#octets = new Uint16Array(this.#options.length)
    this.#circumstances = { client, now, isTcp: false }
  }

  /** Tells what another policy says from the next query on. */
  replace(policy: Policy): void {
    this.#cookie = new CookieOption(policy.cookieSecrets)
    this.#nsid = new NsidOption(policy.identity.nsid)
    this.#options = this.#composed(policy)
  }

  #composed({ tcpKeepalive }: Policy): readonly EdnsOption[] {
    const keepalive = new KeepaliveOption(tcpKeepalive)
    return [this.#cookie, this.#nsid, keepalive, new ClientSubnetOption(), this.#error]
  }

  /** The most octets of a reply's record: every option, as long as it gets. */
  get maxLength(): number {
    const told = this.#options.filter(({ maxOctets }) => maxOctets >= 0)
    return told.reduce((sum, { maxOctets }) => sum + OPTION_HEADER + maxOctets, FIXED_OCTETS)
  }

  /** Forgets the query before. */
  clear(): void {
    this.present = false
    this.version = 0
    this.dnssecOk = false
    this.udpSize = PLAIN_UDP_LIMIT
    this.length = 0
    this.#asked = 0
    this.#told = 0
    this.#cookie.isKnown = false
  }

  /**
   * Reads a query's record; false when it can't be right. Whatever is wrong with it: the reply has one, too (RFC 6891
   * 7).
   *
   * @param owner where the record begins
   * @param at where its type is
   * @param rdataEnd where it says that it ends
   * @param end where the message ends
   */
  read(packet: Uint8Array, owner: number, at: number, rdataEnd: number, end: number): boolean {
    this.present = true
    this.udpSize = Math.max(PLAIN_UDP_LIMIT, read16(packet, at + 2))
    this.version = packet[at + 5]
    this.dnssecOk = (packet[at + 6] & DNSSEC_OK) !== 0
    // It is owned by the root (RFC 6891 6.1.2); the options of another version may look different.
    if (packet[owner] !== 0 || rdataEnd > end) return false
    return this.version !== 0 || this.#readOptions(packet, at + 10, rdataEnd)
  }

  /** Reads options, which have to fill the record exactly (RFC 6891 6.1.2); false when one can't be right. */
  #readOptions(packet: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; ) {
      if (at + OPTION_HEADER > end) return false
      const code = read16(packet, at)
      const length = read16(packet, at + 2)
      const data = at + OPTION_HEADER
      at = data + length
      if (at > end) return false
      const place = code < KNOWN_CODES ? this.#places[code] : -1
      if (place < 0) continue
      const bit = 1 << place
      if (!this.#options[place].read(packet, data, length, (this.#asked & bit) === 0)) return false
      this.#asked |= bit
    }
    return true
  }

  /** Settles what the reply's record will hold, while the query is still there. */
  begin(packet: Uint8Array, isTcp: boolean): void {
    if (!this.present) return
    this.length = FIXED_OCTETS
    if (this.#asked === 0) return
    this.#circumstances.isTcp = isTcp
    for (let place = 0; place < this.#options.length; place++) {
      if ((this.#asked & (1 << place)) === 0) continue
      const octets = this.#options[place].begin(packet, this.#circumstances)
      if (octets >= 0) this.#tell(place, octets)
    }
  }

  /** Whether the query has a cookie that can be one. */
  get hasCookie(): boolean {
    return this.#has(this.#asked, this.#cookie)
  }

  /** Whether the reply will have a cookie. */
  get tellsCookie(): boolean {
    return this.#has(this.#told, this.#cookie)
  }

  /** Whether the client has shown a cookie of ours: its address is its own. */
  get isClientKnown(): boolean {
    return this.#cookie.isKnown
  }

  /** Says why the reply is what it is: one of EXTENDED_ERROR. */
  tellError(error: number): void {
    if (!this.present) return
    this.omitError()
    this.#error.error = error
    this.#tell(this.#places[this.#error.code], this.#error.maxOctets)
  }

  /** Leaves out why the reply is what it is. */
  omitError(): void {
    this.#omit(this.#error)
  }

  /** Leaves out who we are, which nobody has a right to. */
  omitIdentity(): void {
    this.#omit(this.#nsid)
  }

  /** Writes the reply's record at `packet[at…]` and returns the position after it (RFC 6891 6.1.2, RFC 3225 3). */
  write(packet: Uint8Array, at: number, rcode: number): number {
    if (!this.present) return at
    packet[at] = 0
    write16(packet, at + 1, TYPE.opt)
    write16(packet, at + 3, EDNS_UDP_LIMIT)
    packet[at + 5] = rcode >>> 4
    packet[at + 6] = 0
    packet[at + 7] = this.dnssecOk ? DNSSEC_OK : 0
    packet[at + 8] = 0
    write16(packet, at + 9, this.length - FIXED_OCTETS)
    if (this.#told !== 0) this.#writeOptions(packet, at + FIXED_OCTETS)
    return at + this.length
  }

  #writeOptions(packet: Uint8Array, start: number): void {
    let at = start
    for (let place = 0; place < this.#options.length; place++) {
      if ((this.#told & (1 << place)) === 0) continue
      const option = this.#options[place]
      const octets = this.#octets[place]
      write16(packet, at, option.code)
      write16(packet, at + 2, octets)
      option.write(packet, at + OPTION_HEADER)
      at += OPTION_HEADER + octets
    }
  }

  #tell(place: number, octets: number): void {
    this.#told |= 1 << place
    this.#octets[place] = octets
    this.length += OPTION_HEADER + octets
  }

  #omit(option: EdnsOption): void {
    if (!this.#has(this.#told, option)) return
    const place = this.#places[option.code]
    this.#told &= ~(1 << place)
    this.length -= OPTION_HEADER + this.#octets[place]
  }

  #has(bits: number, { code }: EdnsOption): boolean {
    return (bits & (1 << this.#places[code])) !== 0
  }
}
