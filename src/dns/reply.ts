// Writes the records of a reply behind the question, and counts them.

import type { Zone } from '../zones/zone.ts'
import { CLASS, HEADER_LENGTH, TYPE } from './protocol.ts'
import type { Query } from './query.ts'

/** Compression pointer: the two upper bits of the first octet. */
const POINTER = 0xc0

/** Octets of a record whose owner is a pointer, up to its RDATA. */
const RECORD_HEADER = 12

/** The records of one reply; the object is filled anew for each query. */
export class Reply {
  packet: Uint8Array = new Uint8Array(0)
  /** The octets of `packet`, for writing several at once. */
  view: DataView = new DataView(new ArrayBuffer(0))
  /** Where the message begins in `packet`. */
  start = 0
  /** Where the next octet goes. */
  at = 0
  /** Records in the answer and the authority section. */
  answers = 0
  authorities = 0

  /** Begins behind the question of a query, or behind the header where there is none. */
  begin(packet: Uint8Array, query: Query): void {
    if (packet !== this.packet) {
      this.packet = packet
      this.view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    }
    this.start = query.start
    this.at = query.questionEnd === 0 ? query.start + HEADER_LENGTH : query.questionEnd
    this.answers = 0
    this.authorities = 0
  }

  /** Begins a record of the question's name and returns where its RDATA goes; `endAnswer` ends it. */
  beginAnswer(type: number, recordClass: number, ttl: number): number {
    return this.#beginRecord(HEADER_LENGTH, type, recordClass, ttl)
  }

  /** Ends the record whose RDATA is `packet[rdata, end)`. */
  endAnswer(rdata: number, end: number): void {
    this.#endRecord(rdata, end)
    this.answers++
  }

  /** A record of the question's name with prepared RDATA. */
  addAnswer(type: number, recordClass: number, ttl: number, rdata: Uint8Array): void {
    const at = this.beginAnswer(type, recordClass, ttl)
    copy(rdata, this.packet, at)
    this.endAnswer(at, at + rdata.length)
  }

  /**
   * The SOA of a zone whose apex is at `packet[apex…]`, in the authority section; its TTL is the lower one of its
   * own and its minimum (RFC 2308 3).
   */
  addAuthority(zone: Zone, apex: number): void {
    const { soaRdata, ttl, negativeTtl } = zone.body
    const at = this.#beginRecord(apex - this.start, TYPE.soa, CLASS.in, Math.min(ttl, negativeTtl))
    copy(soaRdata, this.packet, at)
    this.#endRecord(at, at + soaRdata.length)
    this.authorities++
  }

  /** @param owner the offset of the owner name in the message */
  #beginRecord(owner: number, type: number, recordClass: number, ttl: number): number {
    const { view, at } = this
    view.setUint32(at, (((POINTER << 8) | owner) << 16) | type)
    view.setUint16(at + 4, recordClass)
    view.setUint32(at + 6, ttl)
    return at + RECORD_HEADER
  }

  #endRecord(rdata: number, end: number): void {
    this.view.setUint16(rdata - 2, end - rdata)
    this.at = end
  }
}

/** Copies short RDATA; a loop beats a call of `set` below some 50 octets. */
function copy(from: Uint8Array, to: Uint8Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]
}
