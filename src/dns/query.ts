// Reads a query: the header is checked first, then one question, then the additional records.
//
// Trusted is nothing. After `parse` says `answer`, all of these hold: the message is a query of opcode QUERY
// with one question, whose name has at most 255 octets in labels of at most 63 without compression; every
// record after it lies inside the message and the message ends with the last one; options fill the OPT
// record. Records other than OPT and TSIG are skipped.

import { TYPE } from '../zones/record-type.ts'
import { MAX_LABEL, MAX_NAME } from '../zones/wire-name.ts'
import type { Opt } from './edns/opt.ts'
import { read16 } from './octets.ts'
import { CLASS, FLAG, HEADER_LENGTH, OPCODE } from './protocol.ts'

/** What is to be done with a packet. */
export const VERDICT = {
  /** Say nothing: it is not a query, or a reply could loop. */
  ignore: 0,
  /** Reply with FORMERR. */
  formErr: 1,
  /** Reply with NOTIMP. */
  notImp: 2,
  /** Reply with BADVERS (RFC 6891 6.1.3). */
  badVers: 3,
  /** Reply with NOTAUTH: the query is signed with a key, and we have none (RFC 8945 5.2.1). */
  notAuth: 4,
  /** No question, but a cookie: reply with a cookie alone (RFC 7873 5.4). */
  cookieOnly: 5,
  /** Look at the question. */
  answer: 6,
} as const

/** The most labels of a name, the root not counted. */
const MAX_LABELS = (MAX_NAME - 1) >> 1

/** One query; the object is filled again by each `parse`, and its fields hold only what was read so far. */
export class Query {
  /** Where the message begins in the packet's array. */
  start = 0
  /** Octets of the message. */
  length = 0
  /** The position after the question, 0 when none was read. */
  questionEnd = 0
  type = 0
  class = 0
  /** Where each label's length octet lies, the leftmost label first. */
  readonly labels = new Uint32Array(MAX_LABELS)
  labelCount = 0
  /** Where a TSIG record begins, its owner first; 0 without one. */
  tsigAt = 0
  readonly #opt: Opt

  /** @param opt takes the OPT record */
  constructor(opt: Opt) {
    this.#opt = opt
  }

  /** Reads the message in `packet[start, end)` and returns one of VERDICT. */
  parse(packet: Uint8Array, start: number, end: number): number {
    this.#clear(start, end)
    if (end - start < HEADER_LENGTH) return VERDICT.ignore
    const flags = packet[start + 2]
    // A response is never answered: two servers could keep each other busy for ever.
    if ((flags & FLAG.qr) !== 0) return VERDICT.ignore
    const isQuery = (flags & FLAG.opcode) === OPCODE.query
    const verdict = this.#readSections(packet, start, end, isQuery)
    return isQuery ? verdict : VERDICT.notImp
  }

  /** Messages of other opcodes are read for their question and OPT record, which come back (RFC 6891 6.1.1). */
  #readSections(packet: Uint8Array, start: number, end: number, isQuery: boolean): number {
    const questions = read16(packet, start + 4)
    if (questions > 1) return VERDICT.formErr
    let at = start + HEADER_LENGTH
    if (questions === 1) {
      at = this.#readQuestion(packet, at, end)
      if (at < 0) return VERDICT.formErr
      this.questionEnd = at
    }
    const answers = read16(packet, start + 6)
    const authorities = read16(packet, start + 8)
    // Only IXFR carries a record outside the additional section (RFC 1995 3).
    if (isQuery && (answers !== 0 || (authorities !== 0 && this.type !== TYPE.ixfr))) return VERDICT.formErr
    const before = answers + authorities
    const records = before + read16(packet, start + 10)
    for (let record = 0; record < records; record++) {
      // A TSIG record is the last one (RFC 8945 5.1).
      if (this.tsigAt !== 0) return VERDICT.formErr
      at = this.#readRecord(packet, at, end, record >= before)
      if (at < 0) return VERDICT.formErr
    }
    // Octets after the message were put there by somebody: NSD and gdnsd look away, Knot doesn't.
    if (at !== end) return VERDICT.formErr
    if (this.#opt.version !== 0) return VERDICT.badVers
    if (questions === 0) return this.#opt.hasCookie ? VERDICT.cookieOnly : VERDICT.formErr
    return this.tsigAt === 0 ? VERDICT.answer : VERDICT.notAuth
  }

  #clear(start: number, end: number): void {
    this.start = start
    this.length = end - start
    this.questionEnd = 0
    this.type = 0
    this.labelCount = 0
    this.tsigAt = 0
    this.#opt.clear()
  }

  /** Reads name, type and class; the position after them, −1 when they can't be right. */
  #readQuestion(packet: Uint8Array, start: number, end: number): number {
    const { labels } = this
    // Four octets of type and class and the root label have to follow the last label.
    const last = Math.min(end - 5, start + MAX_NAME - 1)
    let at = start
    let count = 0
    for (;;) {
      if (at > last) return -1
      const length = packet[at]
      // Most labels of IPv6 names: the processor guesses it, and need not wait for one length to find the next.
      if (length === 1) {
        labels[count++] = at
        at += 2
        continue
      }
      if (length === 0) break
      // A pointer has nothing to point to here, and 0x40 and 0x80 are not label types (RFC 6891 5).
      if (length > MAX_LABEL) return -1
      labels[count++] = at
      at += length + 1
    }
    at++
    this.labelCount = count
    this.type = read16(packet, at)
    this.class = read16(packet, at + 2)
    return at + 4
  }

  /** Reads a record; the position after it, −1 when it can't be right. */
  #readRecord(packet: Uint8Array, owner: number, end: number, additional: boolean): number {
    const at = skipName(packet, owner, end)
    if (at < 0 || at + 10 > end) return -1
    const type = read16(packet, at)
    const rdata = at + 10
    const rdataEnd = rdata + read16(packet, at + 8)
    if (type === TYPE.opt) {
      // One OPT, in the additional section (RFC 6891 6.1.1).
      if (this.#opt.present || !additional) return -1
      if (!this.#opt.read(packet, owner, at, rdataEnd, end)) return -1
    }
    if (rdataEnd > end) return -1
    if (type === TYPE.tsig) {
      if (!additional) return -1
      this.tsigAt = owner
    }
    return rdataEnd
  }
}

/** Whether a question's class is one that holds our zones. */
export const isInternet = (questionClass: number): boolean =>
  questionClass === CLASS.in || questionClass === CLASS.any

/** The position after a name, which may end in a compression pointer; −1 when it leaves the message. */
export function skipName(packet: Uint8Array, start: number, end: number): number {
  let at = start
  for (;;) {
    if (at >= end) return -1
    const length = packet[at]
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > MAX_LABEL) return -1
    at += length + 1
    if (at - start >= MAX_NAME) return -1
  }
}
