// The memory of one worker: what recvmmsg fills and sendmmsg sends, laid out once.
//
// It is two pieces. The kernel follows the addresses in the first; queries and replies lie in the second, so that
// nothing that is written for a reply, wherever it begins and however long it is, can change an address.
//
//     vector     SLOTS × struct mmsghdr   64 octets each
//     iovecs     SLOTS × struct iovec     16
//     names      SLOTS × sockaddr         32 (a sockaddr_in6 has 28)
//     controls   SLOTS × control data     64 (the address that was asked, on a wildcard)
//
//     packets    SLOTS × packet           PACKET_STRIDE
//
//     struct mmsghdr, in 32-bit words
//     0 name      2 name length   4 iovec   6 iovec count   8 control   10 control length   12 flags   14 length
//
// A query is answered where it was received, so the same header sends the reply: its name already holds the
// client's address and its control data the address that was asked. Only the iovec's length differs.

import { MAX_BATCH } from '../../dns/batch.ts'
import { REPLY_CAPACITY } from '../../dns/reply-capacity.ts'

/** Packets that one call can receive: a batch. */
export const SLOTS = MAX_BATCH

const HEADER_OCTETS = 64
const IOVEC_OCTETS = 16
const NAME_OCTETS = 32
const CONTROL_OCTETS = 64

/**
 * A line more than the capacity: room between a packet and the next, and their first lines don't fall into one set of
 * the cache.
 */
const PACKET_STRIDE = REPLY_CAPACITY + 64

const VECTOR = 0
const IOVECS = VECTOR + SLOTS * HEADER_OCTETS
const NAMES = IOVECS + SLOTS * IOVEC_OCTETS
const CONTROLS = NAMES + SLOTS * NAME_OCTETS
const VECTOR_OCTETS = CONTROLS + SLOTS * CONTROL_OCTETS

const HEADER_WORDS = HEADER_OCTETS / 4
const NAME = 0
const NAME_LENGTH = 2
const IOVEC = 4
const IOVEC_COUNT = 6
const CONTROL = 8
const CONTROL_LENGTH = 10
const LENGTH = 14

/** Octets of control data that hold a struct in_pktinfo or in6_pktinfo: header of 16, then 12 or 20, padded. */
const PACKET_INFO_4 = 32
const PACKET_INFO_6 = 40

/** Where in the control data in_pktinfo and in6_pktinfo hold the number of the interface. */
const INTERFACE_4 = 16
const INTERFACE_6 = 32

/** The memory of one worker. */
export class Arena {
  /** The packets. */
  readonly bytes: Uint8Array = new Uint8Array(SLOTS * PACKET_STRIDE)
  /** Where each slot's packet begins in `bytes`. */
  readonly starts = Uint32Array.from({ length: SLOTS }, (_, slot) => slot * PACKET_STRIDE)
  /** All else. */
  readonly headers: Uint8Array = new Uint8Array(VECTOR_OCTETS)
  readonly #words = new Uint32Array(this.headers.buffer)
  readonly #address: number
  /** Who received last: another one has to ready all slots for its own kind of socket first. */
  user: object | null = null

  /** @param addressOf tells where the memory lies */
  constructor(addressOf: (memory: ArrayBufferView) => number) {
    this.#address = addressOf(this.headers)
    const packets = addressOf(this.bytes)
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = slot * HEADER_WORDS
      this.#point(header + NAME, this.#address + NAMES + slot * NAME_OCTETS)
      this.#point(header + IOVEC, this.#address + IOVECS + slot * IOVEC_OCTETS)
      this.#words[header + IOVEC_COUNT] = 1
      this.#point((IOVECS + slot * IOVEC_OCTETS) / 4, packets + this.packet(slot))
    }
  }

  /** The address of a slot's header, from which on a call receives or sends. */
  vector(slot: number): number {
    return this.#address + slot * HEADER_OCTETS
  }

  /** Where a slot's packet begins in `bytes`. */
  packet(slot: number): number {
    return this.starts[slot]
  }

  /** Readies the first `count` slots for receiving on a socket of a family. */
  reset(count: number, family: 4 | 6, packetInfo: boolean): void {
    const words = this.#words
    for (let slot = 0; slot < count; slot++) {
      const header = slot * HEADER_WORDS
      words[header + NAME_LENGTH] = family === 4 ? 16 : 28
      words[(IOVECS + slot * IOVEC_OCTETS) / 4 + 2] = REPLY_CAPACITY
      if (packetInfo) {
        this.#point(header + CONTROL, this.#address + CONTROLS + slot * CONTROL_OCTETS)
        words[header + CONTROL_LENGTH] = family === 4 ? PACKET_INFO_4 : PACKET_INFO_6
      } else {
        words[header + CONTROL] = 0
        words[header + CONTROL + 1] = 0
        words[header + CONTROL_LENGTH] = 0
      }
    }
  }

  /** How many octets were received into a slot. */
  received(slot: number): number {
    return this.#words[slot * HEADER_WORDS + LENGTH]
  }

  /** Whether a slot's query can be answered at all: a source port of 0 can't. */
  hasSourcePort(slot: number): boolean {
    const port = NAMES + slot * NAME_OCTETS + 2
    return (this.headers[port] | this.headers[port + 1]) !== 0
  }

  /** Where a slot's client address begins in `headers`: 4 or 16 octets. */
  clientAddress(slot: number, family: 4 | 6): number {
    return NAMES + slot * NAME_OCTETS + (family === 4 ? 4 : 8)
  }

  /**
   * Readies a slot for sending a reply of `length` octets; false, and nothing may be sent, where no reply can be so
   * long, because what follows in memory belongs to somebody else.
   */
  setReply(slot: number, length: number): boolean {
    if (!(length > 0 && length <= REPLY_CAPACITY)) return false
    this.#words[(IOVECS + slot * IOVEC_OCTETS) / 4 + 2] = length
    return true
  }

  /** Lets the kernel choose the interface of a reply by its routes; only a link-local client needs the same. */
  forgetInterface(slot: number, family: 4 | 6): void {
    const signal = CONTROLS + slot * CONTROL_OCTETS
    if (family === 4) this.#words[(signal + INTERFACE_4) / 4] = 0
    else {
      const client = NAMES + slot * NAME_OCTETS + 8
      const linkLocal = this.headers[client] === 0xfe && (this.headers[client + 1] & 0xc0) === 0x80
      if (!linkLocal) this.#words[(signal + INTERFACE_6) / 4] = 0
    }
  }

  #point(word: number, address: number): void {
    this.#words[word] = address >>> 0
    this.#words[word + 1] = Math.floor(address / 2 ** 32)
  }
}
