// Bytes in, bytes out: a query is answered in place, in the buffer that it arrived in.
//
// The question stays where it is, so that it comes back octet for octet (RFC 1035 4.1.2, 0x20). The header is
// changed where it differs and records are written behind the question:
//
//     header   question                 answer or authority            OPT        TSIG
//     12       name 0 type class        C00C type class ttl len rdata   0 41 …    only for signed queries
//
// Nothing here throws, allocates or does I/O. All state is scratch that belongs to one responder, and one responder
// belongs to one thread; only the counts of rate limiting are shared by all threads.

import { prefixLengthOf, recordOf, type Table } from '../table/table.ts'
import { readOwner } from '../zones/owner.ts'
import { OWNER, QueriedName } from '../zones/queried-name.ts'
import type { Zone } from '../zones/zone.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { AccessList } from './access-list.ts'
import { Chaos } from './chaos.ts'
import { Client } from './client.ts'
import { secondNow } from './clock.ts'
import { EdnsReply } from './edns.ts'
import { Lookahead } from './lookahead.ts'
import { OUTCOME } from './outcome.ts'
import {
  CLASS,
  EDNS_UDP_LIMIT,
  EXTENDED_ERROR,
  FLAG,
  HEADER_LENGTH,
  MAX_AMPLIFICATION,
  RCODE,
  TCP_LIMIT,
  TYPE,
} from './protocol.ts'
import { isInternet, Query, VERDICT } from './query.ts'
import { RATE, RateLimiter } from './rate-limit.ts'
import { Reply } from './reply.ts'
import { isTestEntry, TEST_ADDRESS, TEST_TEXT } from './test-entry.ts'
import { NO_REPLY } from './traffic.ts'
import { OPEN_POLICY, type Policy } from './treatment.ts'
import { TsigReply } from './tsig.ts'

/** How a query arrived: what bounds the reply. */
export const TRANSPORT = { udp: 0, tcp: 1 } as const

/** Counts what became of queries. */
export interface OutcomeCounter {
  /**
   * @param zone the row of the zone's definition, −1 for none
   * @param outcome one of OUTCOME
   * @param transport one of TRANSPORT
   * @param type the type that was asked for, 0 where no question was read
   * @param rcode NO_REPLY for silence
   */
  count(zone: number, outcome: number, transport: number, family: 4 | 6, type: number, rcode: number): void
}

/** Takes note of queries, for a log. */
export interface QueryNoter {
  /**
   * Called behind each query; what became of it is in the responder.
   *
   * @param question where the question begins
   * @param questionEnd the position behind it, 0 when it could not be read
   * @param length octets of the reply, 0 for silence
   * @param transport one of TRANSPORT
   */
  note(
    responder: Responder,
    packet: Uint8Array,
    question: number,
    questionEnd: number,
    length: number,
    transport: number,
  ): void
}

/** Counts which records of the table were asked for by address. */
export interface RecordCounter {
  /** @param record 0 for an address of which nothing is known */
  count(record: number): void
}

/** Answers queries about one table for one thread. */
export class Responder {
  #table: Table
  #zoneSet: ZoneSet
  readonly #counter: OutcomeCounter | null
  /** Belongs to the table. */
  #records: RecordCounter | null
  #allow: AccessList | null = null
  #dropDenied = false
  #chaos: Chaos
  #limiter: RateLimiter | null = null
  readonly #noter: QueryNoter | null
  readonly #query = new Query()
  readonly #queried = new QueriedName()
  readonly #reply = new Reply()
  #edns: EdnsReply
  readonly #tsig = new TsigReply()
  readonly #lookahead: Lookahead
  /** The most octets of the reply. */
  #limit = TCP_LIMIT
  /** The most octets of a reply to a client that may not be who it says it is. */
  #amplificationLimit = TCP_LIMIT
  /** Who asks next: front ends fill it before each `respond`; until then it is 127.0.0.1. */
  readonly client = new Client()
  /** What became of the last query: one of OUTCOME. */
  outcome: number = OUTCOME.dropped
  /** The RCODE of the last reply, extended bits included. */
  rcode = 0
  /** The zone of the last reply, null when it was in none. */
  zone: Zone | null = null

  constructor(
    table: Table,
    zoneSet: ZoneSet,
    counter: OutcomeCounter | null = null,
    policy: Policy = OPEN_POLICY,
    noter: QueryNoter | null = null,
    records: RecordCounter | null = null,
  ) {
    this.#table = table
    this.#lookahead = new Lookahead(table)
    this.#zoneSet = zoneSet
    this.#counter = counter
    this.#records = records
    this.#noter = noter
    this.#chaos = new Chaos(policy.identity)
    this.#edns = new EdnsReply(policy)
    this.#treat(policy)
  }

  /** Answers from another table, other zones and by another policy from the next query on. */
  replace(table: Table, zoneSet: ZoneSet, policy: Policy, records: RecordCounter | null = null): void {
    this.#table = table
    this.#lookahead.replace(table)
    this.#zoneSet = zoneSet
    this.#records = records
    this.#chaos = new Chaos(policy.identity)
    this.#edns = new EdnsReply(policy)
    this.#treat(policy)
  }

  #treat({ allow, deny, rateLimit }: Policy): void {
    this.#allow = allow === null ? null : new AccessList(allow)
    this.#dropDenied = deny === 'drop'
    this.#limiter = rateLimit === null ? null : new RateLimiter(rateLimit)
  }

  /**
   * Looks ahead at queries that will be answered next: they are answered alike without, but slower.
   *
   * @param packet must have REPLY_CAPACITY octets from each start on
   * @param starts where each query begins
   * @param count how many of `starts` are queries, at most 64
   */
  lookAhead(packet: Uint8Array, starts: Uint32Array, count: number): void {
    this.#lookahead.look(packet, starts, count)
  }

  /**
   * Answers the query in `packet[start, end)` in place and returns the length of the reply, 0 for silence.
   *
   * @param packet must have REPLY_CAPACITY octets from `start` on, or as many as the query if it is longer
   * @param transport one of TRANSPORT
   */
  respond(packet: Uint8Array, start: number, end: number, transport: number): number {
    this.zone = null
    const isTcp = transport === TRANSPORT.tcp
    const denied = this.#allow !== null && !this.#allow.holds(this.client)
    const unread = denied && this.#dropDenied
    let length = 0
    let type = 0
    if (unread) this.outcome = OUTCOME.dropped
    else {
      length = this.#answer(packet, start, end, isTcp, denied)
      type = this.#query.type
    }
    const limiter = this.#limiter
    if (limiter !== null && length > 0 && !isTcp && !limiter.isExempt(this.client)) {
      length = this.#limitRate(limiter, length)
    }
    const rcode = length > 0 ? this.rcode : NO_REPLY
    this.#counter?.count(this.#zoneRow(), this.outcome, transport, this.client.family, type, rcode)
    if (this.#noter !== null) {
      const questionEnd = unread ? 0 : this.#query.questionEnd
      this.#noter.note(this, packet, start + HEADER_LENGTH, questionEnd, length, transport)
    }
    return length
  }

  #answer(packet: Uint8Array, start: number, end: number, isTcp: boolean, denied: boolean): number {
    const query = this.#query
    const edns = this.#edns
    const verdict = query.parse(packet, start, end)
    if (verdict === VERDICT.ignore) {
      this.outcome = OUTCOME.dropped
      return 0
    }
    edns.begin(query, packet, this.client, isTcp)
    this.#reply.begin(packet, query)
    this.#limit = isTcp ? TCP_LIMIT : Math.min(query.udpSize, EDNS_UDP_LIMIT)
    this.#amplificationLimit = isTcp || edns.knownClient ? TCP_LIMIT : query.length * MAX_AMPLIFICATION
    if (denied) return this.#refuse(EXTENDED_ERROR.prohibited)
    switch (verdict) {
      case VERDICT.formErr:
        return this.#fail(RCODE.formErr, OUTCOME.formErr)
      case VERDICT.notImp:
        return this.#fail(RCODE.notImp, OUTCOME.notImp)
      case VERDICT.badVers:
        return this.#fail(RCODE.badVers, OUTCOME.badVers)
      case VERDICT.notAuth:
        // A TSIG that can't be read makes the whole message one that can't (RFC 8945 5.2).
        if (!this.#tsig.begin(packet, query.tsigAt, end)) return this.#fail(RCODE.formErr, OUTCOME.formErr)
        return this.#fail(RCODE.notAuth, OUTCOME.refused)
      case VERDICT.cookieOnly:
        if (!edns.withCookie) return this.#fail(RCODE.formErr, OUTCOME.formErr)
        return this.#fail(RCODE.noError, OUTCOME.noData)
    }
    if (query.class === CLASS.ch) return this.#answerChaos(packet)
    const zone = isInternet(query.class) ? this.#findZone() : null
    if (zone === null) return this.#refuse(EXTENDED_ERROR.notAuthoritative)
    if (isTransfer(query.type)) return this.#refuse(EXTENDED_ERROR.prohibited)
    return this.#answerInZone(zone)
  }

  /** The zone that answers; what is asked about a cut between two zones is the upper one's (RFC 4035 3.1.4.1). */
  #findZone(): Zone | null {
    const { labels, labelCount, type } = this.#query
    const zoneSet = this.#zoneSet
    const zone = zoneSet.find(this.#reply, labels, labelCount)
    if (type !== TYPE.ds || zone === null || zoneSet.labelsBelow > 0) return zone
    return zoneSet.findAbove(this.#reply, labels, labelCount)
  }

  #answerInZone(zone: Zone): number {
    const query = this.#query
    const reply = this.#reply
    this.zone = zone
    const labelsBelow = this.#zoneSet.labelsBelow
    const exists =
      labelsBelow === 0
        ? this.#answerApex(zone)
        : this.#answerName(zone, labelsBelow) || this.#zoneSet.isBetween
    this.rcode = exists ? RCODE.noError : RCODE.nxDomain
    if (reply.answers > 0) this.outcome = OUTCOME.answer
    else {
      this.outcome = exists ? OUTCOME.noData : OUTCOME.nxDomain
      reply.addAuthority(zone, query.labels[labelsBelow])
    }
    // Old data are marked where that can be seen (RFC 8914 4.4, 4.20); who doesn't want it reads no clock.
    const { staleAfter } = this.#zoneSet
    if (staleAfter !== Number.POSITIVE_INFINITY && this.#edns.present && Date.now() > staleAfter) {
      this.#edns.error = exists ? EXTENDED_ERROR.staleAnswer : EXTENDED_ERROR.staleNxDomain
    }
    // Class ANY can't be answered with authority: the answer may differ in other classes (RFC 1035 3.2.5).
    const authoritative = query.class === CLASS.in ? FLAG.aa : 0
    return labelsBelow === 0 && query.type === TYPE.txt
      ? this.#finishAbout(authoritative)
      : this.#finish(authoritative)
  }

  /** Answers at the apex: SOA, NS and a TXT about the data; ANY is answered with the SOA (RFC 8482 4.1). */
  #answerApex(zone: Zone): boolean {
    const reply = this.#reply
    const { ttl, soaRdata, nsRdata, aboutRdata } = zone.body
    switch (this.#query.type) {
      case TYPE.soa:
      case TYPE.any:
        reply.addAnswer(TYPE.soa, CLASS.in, ttl, soaRdata)
        break
      case TYPE.ns:
        for (let i = 0; i < nsRdata.length; i++) reply.addAnswer(TYPE.ns, CLASS.in, ttl, nsRdata[i])
        break
      case TYPE.txt:
        reply.addAnswer(TYPE.txt, CLASS.in, ttl, aboutRdata)
        break
    }
    return true
  }

  /** Answers below the apex; false when the zone has no such name. */
  #answerName(zone: Zone, labelsBelow: number): boolean {
    const { owner: kind, partial, address } = zone.body
    if (kind === null) return false
    const queried = this.#queried
    const query = this.#query
    const owner = readOwner(this.#reply.packet, query.labels, labelsBelow, kind, partial, queried)
    if (owner === OWNER.none) return false
    if (owner === OWNER.ancestor) return true
    const table = this.#table
    if (owner === OWNER.asn) {
      queried.record = table.findAs(queried.word0)
      queried.prefixLength = 0
    } else {
      const entry =
        owner === OWNER.ipv4
          ? this.#lookahead.find4(queried.word0)
          : table.find6OrEmbedded(queried.word0, queried.word1, queried.word2, queried.word3)
      queried.record = recordOf(entry)
      queried.prefixLength = prefixLengthOf(entry)
      if (address !== null && isTestEntry(queried)) {
        this.#answerTestEntry(zone)
        return true
      }
      this.#records?.count(queried.record)
    }
    if (!zone.lists(table, queried)) return queried.alsoAncestor
    this.#answerSubject(zone)
    return true
  }

  /** ANY is answered with one RRset (RFC 8482 4.1): the text where there is one. */
  #answerSubject(zone: Zone): void {
    const { text, address, ttl } = zone.body
    const { type } = this.#query
    const reply = this.#reply
    if (text !== null && (type === TYPE.txt || type === TYPE.any)) {
      const rdata = reply.beginAnswer(TYPE.txt, CLASS.in, ttl)
      reply.endAnswer(rdata, text.write(reply, rdata, this.#table, this.#queried))
    } else if (address !== null && (type === TYPE.a || type === TYPE.any)) {
      const rdata = reply.beginAnswer(TYPE.a, CLASS.in, ttl)
      if (address.write(reply.packet, rdata, this.#table, this.#queried)) reply.endAnswer(rdata, rdata + 4)
    }
  }

  /** The entry that every address list has for tests (RFC 5782 5). */
  #answerTestEntry(zone: Zone): void {
    const { text, ttl } = zone.body
    const { type } = this.#query
    if (type === TYPE.a || type === TYPE.any) this.#reply.addAnswer(TYPE.a, CLASS.in, ttl, TEST_ADDRESS)
    else if (type === TYPE.txt && text !== null) this.#reply.addAnswer(TYPE.txt, CLASS.in, ttl, TEST_TEXT)
  }

  #answerChaos(packet: Uint8Array): number {
    const query = this.#query
    const rdata = this.#chaos.find(packet, query.start + HEADER_LENGTH)
    if (rdata === null || isTransfer(query.type)) return this.#refuse(EXTENDED_ERROR.notAuthoritative)
    if (query.type === TYPE.txt || query.type === TYPE.any) {
      this.#reply.addAnswer(TYPE.txt, CLASS.ch, 0, rdata)
    }
    this.rcode = RCODE.noError
    this.outcome = this.#reply.answers > 0 ? OUTCOME.answer : OUTCOME.noData
    return this.#finishAbout(FLAG.aa)
  }

  #refuse(error: number): number {
    this.#edns.error = error
    return this.#fail(RCODE.refused, OUTCOME.refused)
  }

  /** A reply without records: the question comes back when it could be read. */
  #fail(rcode: number, outcome: number): number {
    this.rcode = rcode
    this.outcome = outcome
    return this.#finish(0)
  }

  /** Ends a reply that tells about the server: whoever gets it truncated, and reads it, comes over TCP. */
  #finishAbout(authoritative: number): number {
    if (this.#amplificationLimit < this.#limit) this.#limit = this.#amplificationLimit
    return this.#finish(authoritative)
  }

  /** Sets the header, adds OPT and TSIG and returns the length; what is too long is cut behind the question. */
  #finish(authoritative: number): number {
    const query = this.#query
    const reply = this.#reply
    const edns = this.#edns
    const { start } = query
    const records = reply.at - start
    if (records + edns.length > this.#amplificationLimit) edns.omitIdentity()
    // The answer goes before what is said about it.
    if (records + edns.length > this.#limit) edns.error = -1
    if (records + edns.length > this.#limit) {
      this.outcome = OUTCOME.truncated
      return this.#truncate(authoritative)
    }
    this.#setHeader(authoritative, reply.answers, reply.authorities)
    const end = edns.write(reply.packet, reply.at, this.rcode)
    if (query.tsigAt === 0 || this.rcode !== RCODE.notAuth) return end - start
    const { length } = this.#tsig
    if (length === 0 || end - start + length > this.#limit) return end - start
    reply.packet[start + 11]++
    return this.#tsig.write(reply.packet, end) - start
  }

  /** TC, the question and OPT, no half of an RRset (RFC 2181 9). */
  #truncate(authoritative: number): number {
    const query = this.#query
    const { packet, start } = this.#reply
    this.#edns.shorten()
    this.#setHeader(authoritative | FLAG.tc, 0, 0)
    const end = query.questionEnd === 0 ? start + HEADER_LENGTH : query.questionEnd
    return this.#edns.write(packet, end, this.rcode) - start
  }

  #setHeader(flags: number, answers: number, authorities: number): void {
    const { packet, view, start } = this.#reply
    const kept = packet[start + 2] & (FLAG.opcode | FLAG.rd)
    view.setUint16(start + 2, ((FLAG.qr | kept | flags) << 8) | (this.rcode & 15))
    view.setUint32(start + 4, ((this.#query.questionEnd === 0 ? 0 : 1) << 16) | answers)
    view.setUint32(start + 8, (authorities << 16) | (this.#edns.present ? 1 : 0))
  }

  #limitRate(limiter: RateLimiter, length: number): number {
    // A client that has shown our cookie does not lie about its address.
    if (this.#edns.knownClient) return length
    const verdict = limiter.take(this.client, this.outcome, secondNow())
    if (verdict === RATE.send) return length
    this.outcome = OUTCOME.rateLimited
    return verdict === RATE.truncate ? this.#truncate(0) : 0
  }

  #zoneRow(): number {
    return this.zone === null ? -1 : this.zone.body.row
  }
}

/** Zones are not given away whole: they are made when they are asked. */
const isTransfer = (type: number): boolean => type === TYPE.axfr || type === TYPE.ixfr
