// Reads a query: the header is judged first, then one question, then the additional records.
//
// Trusted is nothing. After `parse` says `answer`, all of these hold: the message is a query of opcode QUERY
// with one question, whose name has at most 255 octets in labels of at most 63 without compression, and every
// record behind it lies inside the message. Records other than OPT are skipped.

import { CLASS, FLAG, HEADER_LENGTH, OPCODE, PLAIN_UDP_LIMIT, TYPE } from './protocol.ts'

/** What is to be done with a packet. */
export const VERDICT = {
  /** Say nothing: it is no query, or a reply could loop. */
  ignore: 0,
  /** Reply with FORMERR. */
  formErr: 1,
  /** Reply with NOTIMP. */
  notImp: 2,
  /** Reply with BADVERS (RFC 6891 6.1.3). */
  badVers: 3,
  /** Look at the question. */
  answer: 4,
} as const

/** The most labels of a name of 255 octets, the root not counted. */
const MAX_LABELS = 127

const MAX_NAME = 255

/** Octets of an OPT record with a root owner and without options. */
export const OPT_LENGTH = 11

/** One query; the object is filled anew by each `parse`, and its fields hold only what was read so far. */
export class Query {
  /** Where the message begins in the packet's array. */
  start = 0
  /** The position behind the question, 0 when none was read. */
  questionEnd = 0
  type = 0
  class = 0
  /** Where each label's length octet lies, the leftmost label first. */
  readonly labels = new Uint16Array(MAX_LABELS)
  labelCount = 0
  /** Whether the query has an OPT record. */
  edns = false
  /** The DO bit (RFC 3225 3). */
  dnssecOk = false
  /** What the client can receive over UDP: 512 up (RFC 6891 6.2.3). */
  udpSize = PLAIN_UDP_LIMIT

  /** Reads the message in `packet[start, end)` and returns one of VERDICT. */
  parse(packet: Uint8Array, start: number, end: number): number {
    this.start = start
    this.questionEnd = 0
    this.labelCount = 0
    this.edns = false
    this.dnssecOk = false
    this.udpSize = PLAIN_UDP_LIMIT
    if (end - start < HEADER_LENGTH) return VERDICT.ignore
    const flags = packet[start + 2]
    // A response is never answered: two servers could keep each other busy for ever.
    if ((flags & FLAG.qr) !== 0) return VERDICT.ignore
    if ((flags & FLAG.opcode) !== OPCODE.query) return VERDICT.notImp
    if (read16(packet, start + 4) !== 1) return VERDICT.formErr
    const at = this.#readQuestion(packet, start + HEADER_LENGTH, end)
    if (at < 0) return VERDICT.formErr
    this.questionEnd = at
    const answers = read16(packet, start + 6)
    const authorities = read16(packet, start + 8)
    const additionals = read16(packet, start + 10)
    // Only IXFR carries a record outside the additional section (RFC 1995 3).
    if (answers !== 0 || (authorities !== 0 && this.type !== TYPE.ixfr)) return VERDICT.formErr
    if (authorities + additionals === 0) return at === end ? VERDICT.answer : VERDICT.formErr
    return this.#readRecords(packet, at, end, authorities, additionals)
  }

  /** Reads name, type and class; the position behind them, −1 when they can't be right. */
  #readQuestion(packet: Uint8Array, start: number, end: number): number {
    let at = start
    let labels = 0
    for (;;) {
      if (at >= end) return -1
      const length = packet[at]
      if (length === 0) break
      // A pointer has nothing to point to here, and 0x40 and 0x80 are no label types (RFC 6891 5).
      if (length > 63) return -1
      this.labels[labels++] = at
      at += length + 1
      if (at - start >= MAX_NAME) return -1
    }
    at++
    if (at + 4 > end) return -1
    this.labelCount = labels
    this.type = read16(packet, at)
    this.class = read16(packet, at + 2)
    return at + 4
  }

  #readRecords(
    packet: Uint8Array,
    start: number,
    end: number,
    authorities: number,
    additionals: number,
  ): number {
    let at = start
    let version = 0
    for (let record = 0; record < authorities + additionals; record++) {
      const owner = at
      at = skipName(packet, at, end)
      if (at < 0 || at + 10 > end) return VERDICT.formErr
      const type = read16(packet, at)
      const rdata = at + 10
      const rdataEnd = rdata + read16(packet, at + 8)
      if (rdataEnd > end) return VERDICT.formErr
      if (type === TYPE.opt) {
        // One OPT, in the additional section, owned by the root (RFC 6891 6.1.1, 6.1.2).
        if (this.edns || record < authorities || packet[owner] !== 0) return VERDICT.formErr
        if (!optionsFit(packet, rdata, rdataEnd)) return VERDICT.formErr
        this.edns = true
        this.udpSize = Math.max(PLAIN_UDP_LIMIT, read16(packet, at + 2))
        version = packet[at + 5]
        this.dnssecOk = (packet[at + 6] & 0x80) !== 0
      }
      at = rdataEnd
    }
    if (at !== end) return VERDICT.formErr
    return version === 0 ? VERDICT.answer : VERDICT.badVers
  }
}

/** Whether a question's class is one that holds our zones. */
export const isInternet = (questionClass: number): boolean =>
  questionClass === CLASS.in || questionClass === CLASS.any

/** The position behind a name, which may end in a compression pointer; −1 when it leaves the message. */
function skipName(packet: Uint8Array, start: number, end: number): number {
  let at = start
  for (;;) {
    if (at >= end) return -1
    const length = packet[at]
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > 63) return -1
    at += length + 1
    if (at - start >= MAX_NAME) return -1
  }
}

/** Whether the options of an OPT record fill its RDATA exactly (RFC 6891 6.1.2). */
function optionsFit(packet: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    if (at + 4 > end) return false
    at += 4 + read16(packet, at + 2)
  }
  return at === end
}

function read16(packet: Uint8Array, at: number): number {
  return (packet[at] << 8) | packet[at + 1]
}
