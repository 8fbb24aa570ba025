// Bytes in, bytes out: a query is answered in place, in the buffer that it arrived in.
//
// The question stays where it is, so that it comes back octet for octet (RFC 1035 4.1.2, 0x20). The header is
// changed where it differs and records are written behind the question:
//
//     header   question                 answer or authority            OPT
//     12       name 0 type class        C00C type class ttl len rdata   0 41 1232 …
//
// Nothing here throws, allocates or does I/O. All state is scratch that belongs to one responder, and one
// responder belongs to one thread.

import { prefixLengthOf, recordOf, type Table } from '../table/table.ts'
import type { Catalogue } from '../zones/catalogue.ts'
import { readOwner } from '../zones/owner.ts'
import { OWNER, Subject } from '../zones/subject.ts'
import type { Zone } from '../zones/zone.ts'
import { OUTCOME } from './outcome.ts'
import { CLASS, EDNS_UDP_LIMIT, FLAG, HEADER_LENGTH, RCODE, TCP_LIMIT, TYPE } from './protocol.ts'
import { isInternet, OPT_LENGTH, Query, VERDICT } from './query.ts'

/** How a query arrived: what bounds the reply. */
export const TRANSPORT = { udp: 0, tcp: 1 } as const

/** Compression pointer to the question's name. */
const POINTER = 0xc0

/** Counts what became of queries. */
export interface OutcomeCounter {
  /** @param zone the index of the zone's definition, −1 for none; @param outcome one of OUTCOME */
  count(zone: number, outcome: number): void
}

/** Answers queries about one table for one thread. */
export class Responder {
  #table: Table
  #catalogue: Catalogue
  readonly #query = new Query()
  readonly #subject = new Subject()
  #packet: Uint8Array = new Uint8Array(0)
  /** Where the next octet of the reply goes. */
  #at = 0
  /** Records written to the answer section; without any the reply is negative. */
  #answers = 0
  /** The RCODE of the last reply, extended bits included. */
  rcode = 0
  /** What became of the last query: one of OUTCOME. */
  outcome: number = OUTCOME.dropped
  /** The zone of the last reply, null when it was in none. */
  zone: Zone | null = null
  readonly #counter: OutcomeCounter | null

  constructor(table: Table, catalogue: Catalogue, counter: OutcomeCounter | null = null) {
    this.#table = table
    this.#catalogue = catalogue
    this.#counter = counter
  }

  /** Answers from another table from the next query on. */
  replace(table: Table, catalogue: Catalogue): void {
    this.#table = table
    this.#catalogue = catalogue
  }

  /**
   * Answers the query in `packet[start, end)` in place and returns the length of the reply, 0 for silence.
   *
   * @param packet must have REPLY_CAPACITY octets from `start` on, or as many as the query if it is longer
   * @param transport one of TRANSPORT
   */
  respond(packet: Uint8Array, start: number, end: number, transport: number): number {
    this.#packet = packet
    this.zone = null
    const length = this.#reply(start, end, transport)
    this.#counter?.count(this.zone === null ? -1 : (this.zone as Zone).body.index, this.outcome)
    return length
  }

  #reply(start: number, end: number, transport: number): number {
    const query = this.#query
    switch (query.parse(this.#packet, start, end)) {
      case VERDICT.ignore:
        this.outcome = OUTCOME.dropped
        return 0
      case VERDICT.formErr:
        return this.#fail(RCODE.formErr, OUTCOME.formErr)
      case VERDICT.notImp:
        return this.#fail(RCODE.notImp, OUTCOME.notImp)
      case VERDICT.badVers:
        return this.#fail(RCODE.badVers, OUTCOME.badVers)
    }
    const { type } = query
    const zone = isInternet(query.class)
      ? this.#catalogue.find(this.#packet, query.labels, query.labelCount)
      : null
    if (zone === null || type === TYPE.axfr || type === TYPE.ixfr) {
      return this.#fail(RCODE.refused, OUTCOME.refused)
    }
    this.zone = zone
    this.#at = query.questionEnd
    this.#answers = 0
    const labelsBelow = this.#catalogue.labelsBelow
    const exists = labelsBelow === 0 ? this.#answerApex(zone) : this.#answerName(zone, labelsBelow)
    this.rcode = exists ? RCODE.noError : RCODE.nxDomain
    if (this.#answers > 0) this.outcome = OUTCOME.answer
    else this.outcome = exists ? OUTCOME.noData : OUTCOME.nxDomain
    const negatives = this.#answers === 0 ? 1 : 0
    if (negatives === 1) this.#writeSoa(zone, labelsBelow, zone.body.negativeTtl)
    // Class ANY can't be answered with authority: the answer may differ in other classes (RFC 1035 3.2.5).
    const authoritative = query.class === CLASS.in ? FLAG.aa : 0
    const limit = transport === TRANSPORT.tcp ? TCP_LIMIT : Math.min(query.udpSize, EDNS_UDP_LIMIT)
    return this.#finish(authoritative, this.#answers, negatives, limit)
  }

  /** Answers at the apex: SOA, NS and a TXT about the data; ANY is answered with the SOA (RFC 8482 4.1). */
  #answerApex(zone: Zone): boolean {
    switch (this.#query.type) {
      case TYPE.soa:
      case TYPE.any:
        this.#writeSoa(zone, 0, zone.body.ttl)
        this.#answers = 1
        break
      case TYPE.ns:
        for (let i = 0; i < zone.body.nsRdata.length; i++)
          this.#writeRecord(TYPE.ns, zone.body.ttl, zone.body.nsRdata[i])
        break
      case TYPE.txt:
        this.#writeRecord(TYPE.txt, zone.body.ttl, zone.body.aboutRdata)
        break
    }
    return true
  }

  /** Answers below the apex; false when the name does not exist. */
  #answerName(zone: Zone, labelsBelow: number): boolean {
    if (zone.body.owner === null) return false
    const subject = this.#subject
    const query = this.#query
    const owner = readOwner(
      this.#packet,
      query.labels,
      labelsBelow,
      zone.body.owner,
      zone.body.partial,
      subject,
    )
    if (owner === OWNER.none) return false
    if (owner === OWNER.ancestor) return true
    const table = this.#table
    if (owner === OWNER.asn) {
      subject.record = table.findAs(subject.word0)
      subject.prefixLength = 0
    } else {
      const entry =
        owner === OWNER.ipv4
          ? table.find4(subject.word0)
          : table.find6(subject.word0, subject.word1, subject.word2, subject.word3)
      subject.record = recordOf(entry)
      subject.prefixLength = prefixLengthOf(entry)
    }
    if (!zone.lists(table, subject)) return subject.alsoAncestor
    const { type } = query
    // ANY is answered with one RRset (RFC 8482 4.1): the text where there is one.
    if (zone.body.text !== null && (type === TYPE.txt || type === TYPE.any)) this.#writeText(zone)
    else if (zone.body.address !== null && (type === TYPE.a || type === TYPE.any)) this.#writeAddress(zone)
    return true
  }

  #writeText(zone: Zone): void {
    if (zone.body.text === null) return
    const rdata = this.#beginRecord(TYPE.txt, zone.body.ttl)
    this.#endRecord(rdata, zone.body.text.write(this.#packet, rdata, this.#table, this.#subject))
  }

  #writeAddress(zone: Zone): void {
    if (zone.body.address === null) return
    const start = this.#at
    const rdata = this.#beginRecord(TYPE.a, zone.body.ttl)
    if (zone.body.address.write(this.#packet, rdata, this.#table, this.#subject))
      this.#endRecord(rdata, rdata + 4)
    else this.#at = start
  }

  #writeRecord(type: number, ttl: number, rdata: Uint8Array): void {
    const start = this.#beginRecord(type, ttl)
    this.#packet.set(rdata, start)
    this.#endRecord(start, start + rdata.length)
  }

  /** The SOA of a zone whose apex is `labelsBelow` labels into the question's name. */
  #writeSoa(zone: Zone, labelsBelow: number, ttl: number): void {
    const packet = this.#packet
    const query = this.#query
    const at = this.#at
    const apex = query.labels[labelsBelow] - query.start
    const rdata = this.#beginRecord(TYPE.soa, ttl)
    packet[at] = POINTER | (apex >>> 8)
    packet[at + 1] = apex & 255
    const soa = zone.body.soaRdata
    for (let i = 0; i < soa.length; i++) packet[rdata + i] = soa[i]
    this.#finishRecord(rdata, rdata + soa.length)
  }

  /** Writes a record of the question's name up to its RDATA and returns where that begins. */
  #beginRecord(type: number, ttl: number): number {
    const packet = this.#packet
    const at = this.#at
    packet[at] = POINTER
    packet[at + 1] = HEADER_LENGTH
    packet[at + 2] = type >>> 8
    packet[at + 3] = type & 255
    packet[at + 4] = 0
    packet[at + 5] = CLASS.in
    packet[at + 6] = ttl >>> 24
    packet[at + 7] = (ttl >>> 16) & 255
    packet[at + 8] = (ttl >>> 8) & 255
    packet[at + 9] = ttl & 255
    return at + 12
  }

  #endRecord(rdata: number, end: number): void {
    this.#finishRecord(rdata, end)
    this.#answers++
  }

  #finishRecord(rdata: number, end: number): void {
    const packet = this.#packet
    const length = end - rdata
    packet[rdata - 2] = length >>> 8
    packet[rdata - 1] = length & 255
    this.#at = end
  }

  /** A reply without records: the question comes back when it could be read. */
  #fail(rcode: number, outcome: number): number {
    const query = this.#query
    this.rcode = rcode
    this.outcome = outcome
    this.#at = query.questionEnd === 0 ? query.start + HEADER_LENGTH : query.questionEnd
    return this.#finish(0, 0, 0, TCP_LIMIT)
  }

  /** Sets the header, adds OPT and returns the length; what is too long is cut behind the question. */
  #finish(authoritative: number, answers: number, authorities: number, limit: number): number {
    const packet = this.#packet
    const query = this.#query
    const { start, edns } = query
    let truncated = 0
    let records = answers
    let negatives = authorities
    if (this.#at - start + (edns ? OPT_LENGTH : 0) > limit) {
      // TC, the question and OPT, no half of an RRset (RFC 2181 9).
      truncated = FLAG.tc
      this.outcome = OUTCOME.truncated
      records = 0
      negatives = 0
      this.#at = query.questionEnd
    }
    packet[start + 2] = FLAG.qr | (packet[start + 2] & (FLAG.opcode | FLAG.rd)) | authoritative | truncated
    packet[start + 3] = this.rcode & 15
    packet[start + 4] = 0
    packet[start + 5] = query.questionEnd === 0 ? 0 : 1
    packet[start + 6] = 0
    packet[start + 7] = records
    packet[start + 8] = 0
    packet[start + 9] = negatives
    packet[start + 10] = 0
    packet[start + 11] = edns ? 1 : 0
    if (edns) this.#writeOpt()
    return this.#at - start
  }

  /** OPT with our own size and the DO bit of the query (RFC 6891 6.1.2, 7; RFC 3225 3). */
  #writeOpt(): void {
    const packet = this.#packet
    const at = this.#at
    packet[at] = 0
    packet[at + 1] = 0
    packet[at + 2] = TYPE.opt
    packet[at + 3] = EDNS_UDP_LIMIT >>> 8
    packet[at + 4] = EDNS_UDP_LIMIT & 255
    packet[at + 5] = this.rcode >>> 4
    packet[at + 6] = 0
    packet[at + 7] = this.#query.dnssecOk ? 0x80 : 0
    packet[at + 8] = 0
    packet[at + 9] = 0
    packet[at + 10] = 0
    this.#at = at + OPT_LENGTH
  }
}
