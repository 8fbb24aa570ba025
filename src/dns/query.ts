// Reads a query: the header is checked first, then one question, then the additional records.
//
// Trusted is nothing. After `parse` says `answer`, all of these hold: the message is a query of opcode QUERY
// with one question, whose name has at most 255 octets in labels of at most 63 without compression; every
// record behind it lies inside the message and the message ends with the last one; options fill the OPT
// record. Records other than OPT and TSIG are skipped, and so are options that are not known.

import { CLIENT_COOKIE } from './cookie.ts'
import { CLASS, FLAG, HEADER_LENGTH, OPCODE, OPTION, PLAIN_UDP_LIMIT, TYPE } from './protocol.ts'

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
  /** Reply with NOTAUTH: the query is signed with a key, and we have none (RFC 8945 5.2.1). */
  notAuth: 4,
  /** No question, but a cookie: reply with a cookie alone (RFC 7873 5.4). */
  cookieOnly: 5,
  /** Look at the question. */
  answer: 6,
} as const

/** The most labels of a name of 255 octets, the root not counted. */
const MAX_LABELS = 127

const MAX_NAME = 255

/** Lengths of a cookie with a server cookie (RFC 7873 4). */
const MIN_FULL_COOKIE = 16
const MAX_FULL_COOKIE = 40

/** One query; the object is filled anew by each `parse`, and its fields hold only what was read so far. */
export class Query {
  /** Where the message begins in the packet's array. */
  start = 0
  /** Octets of the message. */
  length = 0
  /** The position behind the question, 0 when none was read. */
  questionEnd = 0
  type = 0
  class = 0
  /** Where each label's length octet lies, the leftmost label first. */
  readonly labels = new Uint32Array(MAX_LABELS)
  labelCount = 0
  /** Whether the query has an OPT record. */
  edns = false
  /** The DO bit (RFC 3225 3). */
  dnssecOk = false
  /** What the client can receive over UDP: 512 up (RFC 6891 6.2.3). */
  udpSize = PLAIN_UDP_LIMIT
  /** Where the cookie begins, and its length; 0 without one. */
  cookieAt = 0
  cookieLength = 0
  /** The client asks who we are (RFC 5001). */
  nsid = false
  /** The client knows the keepalive option (RFC 7828). */
  keepalive = false
  /** Where a TSIG record begins, its owner first; 0 without one. */
  tsigAt = 0
  #version = 0

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
    // Octets behind the message were put there by somebody: NSD and gdnsd look away, Knot doesn't.
    if (at !== end) return VERDICT.formErr
    if (this.#version !== 0) return VERDICT.badVers
    if (questions === 0) return this.cookieLength > 0 ? VERDICT.cookieOnly : VERDICT.formErr
    return this.tsigAt === 0 ? VERDICT.answer : VERDICT.notAuth
  }

  #clear(start: number, end: number): void {
    this.start = start
    this.length = end - start
    this.questionEnd = 0
    this.type = 0
    this.labelCount = 0
    this.edns = false
    this.dnssecOk = false
    this.udpSize = PLAIN_UDP_LIMIT
    this.cookieLength = 0
    this.nsid = false
    this.keepalive = false
    this.tsigAt = 0
    this.#version = 0
  }

  /** Reads name, type and class; the position behind them, −1 when they can't be right. */
  #readQuestion(packet: Uint8Array, start: number, end: number): number {
    const { labels } = this
    // Four octets of type and class and the root label have to follow the last label.
    const last = Math.min(end - 5, start + MAX_NAME - 1)
    let at = start
    let count = 0
    for (;;) {
      if (at > last) return -1
      const length = packet[at]
      if (length === 0) break
      // A pointer has nothing to point to here, and 0x40 and 0x80 are no label types (RFC 6891 5).
      if (length > 63) return -1
      labels[count++] = at
      at += length + 1
    }
    at++
    this.labelCount = count
    this.type = read16(packet, at)
    this.class = read16(packet, at + 2)
    return at + 4
  }

  /** Reads a record; the position behind it, −1 when it can't be right. */
  #readRecord(packet: Uint8Array, owner: number, end: number, additional: boolean): number {
    const at = skipName(packet, owner, end)
    if (at < 0 || at + 10 > end) return -1
    const type = read16(packet, at)
    const rdata = at + 10
    const rdataEnd = rdata + read16(packet, at + 8)
    if (type === TYPE.opt) {
      // One OPT, in the additional section (RFC 6891 6.1.1).
      if (this.edns || !additional) return -1
      // Whatever is wrong with it from here on: the reply has one, too (RFC 6891 7).
      this.edns = true
      this.udpSize = Math.max(PLAIN_UDP_LIMIT, read16(packet, at + 2))
      this.#version = packet[at + 5]
      this.dnssecOk = (packet[at + 6] & 0x80) !== 0
      // It is owned by the root (RFC 6891 6.1.2); the options of another version may look different.
      if (packet[owner] !== 0 || rdataEnd > end) return -1
      if (this.#version === 0 && !this.#readOptions(packet, rdata, rdataEnd)) return -1
    }
    if (rdataEnd > end) return -1
    if (type === TYPE.tsig) {
      if (!additional) return -1
      this.tsigAt = owner
    }
    return rdataEnd
  }

  /** Reads options, which have to fill the OPT record exactly (RFC 6891 6.1.2); false when one can't be right. */
  #readOptions(packet: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      if (at + 4 > end) return false
      const code = read16(packet, at)
      const data = at + 4
      const length = read16(packet, at + 2)
      at = data + length
      if (at > end) return false
      switch (code) {
        case OPTION.cookie:
          if (!isCookieLength(length)) return false
          // Of several the first counts (RFC 7873 5.2).
          if (this.cookieLength === 0) {
            this.cookieAt = data
            this.cookieLength = length
          }
          break
        case OPTION.nsid:
          this.nsid = true
          break
        case OPTION.keepalive:
          this.keepalive = true
          break
        case OPTION.clientSubnet:
          if (!isClientSubnet(packet, data, length)) return false
      }
    }
    return true
  }
}

/** Whether a question's class is one that holds our zones. */
export const isInternet = (questionClass: number): boolean =>
  questionClass === CLASS.in || questionClass === CLASS.any

/** The position behind a name, which may end in a compression pointer; −1 when it leaves the message. */
export function skipName(packet: Uint8Array, start: number, end: number): number {
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

/** A client cookie alone, or with a server cookie (RFC 7873 5.2.2). */
function isCookieLength(length: number): boolean {
  return length === CLIENT_COOKIE || (length >= MIN_FULL_COOKIE && length <= MAX_FULL_COOKIE)
}

/**
 * An ECS option that can be right: scope 0, an address of just the octets that the prefix takes, no bit set
 * behind the prefix (RFC 7871 6). It is then ignored, as everybody gets the same answers.
 */
function isClientSubnet(packet: Uint8Array, at: number, length: number): boolean {
  if (length < 4) return false
  const family = read16(packet, at)
  const prefix = packet[at + 2]
  const max = family === 1 ? 32 : 128
  if (packet[at + 3] !== 0 || prefix > max) return false
  if (family > 2) return true
  if (length - 4 !== (prefix + 7) >> 3) return false
  return (prefix & 7) === 0 || (packet[at + length - 1] & (255 >> (prefix & 7))) === 0
}

function read16(packet: Uint8Array, at: number): number {
  return (packet[at] << 8) | packet[at + 1]
}
