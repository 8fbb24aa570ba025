// Writes a reply where the query was received: records after the question, then the header, OPT and TSIG.
//
//     header   question                 answer or authority            OPT        TSIG
//     12       name 0 type class        C00C type class ttl len rdata   0 41 …    only for signed queries

import { TYPE } from '../zones/record-type.ts'
import type { Zone } from '../zones/zone.ts'
import type { Opt } from './edns/opt.ts'
import { OUTCOME } from './outcome.ts'
import {
  CLASS,
  EDNS_UDP_LIMIT,
  FLAG,
  HEADER_LENGTH,
  MAX_AMPLIFICATION,
  RCODE,
  TCP_LIMIT,
} from './protocol.ts'
import type { Query } from './query.ts'
import type { TsigReply } from './tsig.ts'

/** Compression pointer: the two upper bits of the first octet. */
const POINTER = 0xc0

/** Octets of a record whose owner is a pointer, up to its RDATA. */
export const RECORD_HEADER = 12

/** One reply; the object is filled again for each query. */
export class Reply {
  readonly #query: Query
  readonly #opt: Opt
  readonly #tsig: TsigReply
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
  /** The RCODE, extended bits included. */
  rcode = 0
  /** What became of the query: one of OUTCOME. */
  outcome: number = OUTCOME.dropped
  /** The most octets. */
  #limit = TCP_LIMIT
  /** The most octets for a client that may not be who it says it is. */
  #amplificationLimit = TCP_LIMIT

  /** @param query and what else of the query comes back; each is filled before the reply is begun */
  constructor(query: Query, opt: Opt, tsig: TsigReply) {
    this.#query = query
    this.#opt = opt
    this.#tsig = tsig
  }

  /** Begins after the question of the query, or after the header where there is none. */
  begin(packet: Uint8Array, isTcp: boolean): void {
    if (packet !== this.packet) {
      this.packet = packet
      this.view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    }
    const query = this.#query
    const opt = this.#opt
    this.start = query.start
    this.at = query.questionEnd === 0 ? query.start + HEADER_LENGTH : query.questionEnd
    this.answers = 0
    this.authorities = 0
    opt.begin(packet, isTcp)
    this.#limit = isTcp ? TCP_LIMIT : Math.min(opt.udpSize, EDNS_UDP_LIMIT)
    this.#amplificationLimit = isTcp || opt.isClientKnown ? TCP_LIMIT : query.length * MAX_AMPLIFICATION
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

  /** Ends a reply of REFUSED, and says why: one of EXTENDED_ERROR. Returns its length. */
  refuse(error: number): number {
    this.#opt.tellError(error)
    return this.fail(RCODE.refused, OUTCOME.refused)
  }

  /** Ends a reply without records, and returns its length: the question comes back when it could be read. */
  fail(rcode: number, outcome: number): number {
    this.rcode = rcode
    this.outcome = outcome
    return this.finish(0)
  }

  /**
   * Ends a reply that tells about the server, and returns its length: a client that gets it truncated, and reads it, comes
   * over TCP.
   */
  finishAbout(authoritative: number): number {
    if (this.#amplificationLimit < this.#limit) this.#limit = this.#amplificationLimit
    return this.finish(authoritative)
  }

  /**
   * Sets the header, adds OPT and TSIG and returns the length; what is too long is cut after the question.
   *
   * @param authoritative FLAG.aa or 0
   */
  finish(authoritative: number): number {
    const query = this.#query
    const opt = this.#opt
    const { start } = query
    const records = this.at - start
    if (records + opt.length > this.#amplificationLimit) opt.omitIdentity()
    // The answer goes before what is said about it.
    if (records + opt.length > this.#limit) opt.omitError()
    if (records + opt.length > this.#limit) {
      this.outcome = OUTCOME.truncated
      return this.truncate(authoritative)
    }
    this.#setHeader(authoritative, this.answers, this.authorities)
    const end = opt.write(this.packet, this.at, this.rcode)
    if (query.tsigAt === 0 || this.rcode !== RCODE.notAuth) return end - start
    const { length } = this.#tsig
    if (length === 0 || end - start + length > this.#limit) return end - start
    this.packet[start + 11]++
    return this.#tsig.write(this.packet, end) - start
  }

  /** Ends a reply with TC, the question and OPT, and no half of an RRset (RFC 2181 9); returns its length. */
  truncate(authoritative: number): number {
    const { questionEnd } = this.#query
    const { packet, start } = this
    this.#opt.omitIdentity()
    this.#opt.omitError()
    this.#setHeader(authoritative | FLAG.tc, 0, 0)
    return (
      this.#opt.write(packet, questionEnd === 0 ? start + HEADER_LENGTH : questionEnd, this.rcode) - start
    )
  }

  #setHeader(flags: number, answers: number, authorities: number): void {
    const { packet, view, start } = this
    const kept = packet[start + 2] & (FLAG.opcode | FLAG.rd)
    view.setUint16(start + 2, ((FLAG.qr | kept | flags) << 8) | (this.rcode & 15))
    view.setUint32(start + 4, ((this.#query.questionEnd === 0 ? 0 : 1) << 16) | answers)
    view.setUint32(start + 8, (authorities << 16) | (this.#opt.present ? 1 : 0))
  }
}

/** Copies short RDATA; a loop beats a call of `set` below some 50 octets. */
function copy(from: Uint8Array, to: Uint8Array, at: number): void {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]
}
