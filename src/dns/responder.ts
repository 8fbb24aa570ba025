// Bytes in, bytes out: a query is answered in place, in the buffer that it arrived in.
//
// The question stays where it is, so that it comes back octet for octet (RFC 1035 4.1.2, 0x20). The header is
// changed where it differs and records are written after the question. Here is decided who is answered, and what kind
// of reply a query gets; zone-answers.ts answers from the zones, reply.ts writes.
//
// Nothing here throws, allocates, reads a clock or does I/O. All state is scratch that belongs to one responder, and
// one responder belongs to one thread; only the counts of rate limiting are shared by all threads.

import type { Table } from '../table/table.ts'
import { TYPE } from '../zones/record-type.ts'
import type { Zone } from '../zones/zone.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { AccessList } from './access-list.ts'
import { Chaos } from './chaos.ts'
import { Client } from './client.ts'
import { EXTENDED_ERROR } from './edns/extended-error.ts'
import { Opt } from './edns/opt.ts'
import { Now } from './now.ts'
import type { OutcomeCounter, QueryNoter, RecordCounter } from './observers.ts'
import { OUTCOME } from './outcome.ts'
import { CLASS, FLAG, HEADER_LENGTH, isTransfer, RCODE } from './protocol.ts'
import { isInternet, Query, VERDICT } from './query.ts'
import { RATE, RateLimiter } from './rate-limit.ts'
import { Reply } from './reply.ts'
import { NO_REPLY } from './traffic.ts'
import { OPEN_POLICY, type Policy } from './treatment.ts'
import { TsigReply } from './tsig.ts'
import { ZoneAnswers } from './zone-answers.ts'

/** How a query arrived: what bounds the reply. */
export const TRANSPORT = { udp: 0, tcp: 1 } as const

/** Answers queries about one table for one thread. */
export class Responder {
  readonly #counter: OutcomeCounter | null
  #allow: AccessList | null = null
  #dropDenied = false
  #chaos: Chaos
  #limiter: RateLimiter | null = null
  readonly #noter: QueryNoter | null
  /** Who asks next: front ends fill it before each `respond`; until then it is 127.0.0.1. */
  readonly client = new Client()
  /** When that is: front ends fill it before each batch; until then it is the beginning of 1970. */
  readonly now = new Now()
  readonly #opt: Opt
  readonly #query: Query
  readonly #tsig = new TsigReply()
  readonly #reply: Reply
  readonly #zones: ZoneAnswers
  /** What became of the last query: one of OUTCOME. */
  outcome: number = OUTCOME.dropped

  constructor(
    table: Table,
    zoneSet: ZoneSet,
    counter: OutcomeCounter | null = null,
    policy: Policy = OPEN_POLICY,
    noter: QueryNoter | null = null,
    records: RecordCounter | null = null,
  ) {
    this.#counter = counter
    this.#noter = noter
    this.#chaos = new Chaos(policy.identity)
    this.#treat(policy)
    const { now } = this
    const opt = new Opt(policy, this.client, now)
    const query = new Query(opt)
    const reply = new Reply(query, opt, this.#tsig)
    this.#opt = opt
    this.#query = query
    this.#reply = reply
    this.#zones = new ZoneAnswers({ query, opt, reply, now }, { table, zoneSet, records })
  }

  /** Answers from another table, other zones and by another policy from the next query on. */
  replace(table: Table, zoneSet: ZoneSet, policy: Policy, records: RecordCounter | null = null): void {
    this.#zones.replace({ table, zoneSet, records })
    this.#chaos = new Chaos(policy.identity)
    this.#opt.replace(policy)
    this.#treat(policy)
  }

  #treat({ allow, deny, rateLimit }: Policy): void {
    this.#allow = allow === null ? null : new AccessList(allow)
    this.#dropDenied = deny === 'drop'
    this.#limiter = rateLimit === null ? null : new RateLimiter(rateLimit)
  }

  /** The RCODE of the last reply, extended bits included. */
  get rcode(): number {
    return this.#reply.rcode
  }

  /** The zone of the last reply, null when it was in none. */
  get zone(): Zone | null {
    return this.#zones.zone
  }

  /**
   * Looks ahead at queries that will be answered next: they are answered alike without, but slower.
   *
   * @param packet must have REPLY_CAPACITY octets from each start on
   * @param starts where each query begins
   * @param count how many of `starts` are queries, at most MAX_BATCH
   */
  lookAhead(packet: Uint8Array, starts: Uint32Array, count: number): void {
    this.#zones.lookahead.look(packet, starts, count)
  }

  /**
   * Answers the query in `packet[start, end)` in place and returns the length of the reply, 0 for silence.
   *
   * @param packet must have REPLY_CAPACITY octets from `start` on, or as many as the query if it is longer
   * @param transport one of TRANSPORT
   * @param ahead which of the queries it is that were looked ahead at; any where it is none of them
   */
  respond(packet: Uint8Array, start: number, end: number, transport: number, ahead = 0): number {
    const query = this.#query
    this.#zones.zone = null
    this.#zones.lookahead.turnTo(ahead)
    const isTcp = transport === TRANSPORT.tcp
    const denied = this.#allow !== null && !this.#allow.holds(this.client)
    const unread = denied && this.#dropDenied
    let length = 0
    let type = 0
    if (unread) this.outcome = OUTCOME.dropped
    else {
      length = this.#answer(packet, start, end, isTcp, denied)
      this.outcome = length === 0 ? OUTCOME.dropped : this.#reply.outcome
      type = query.type
    }
    const limiter = this.#limiter
    if (limiter !== null && length > 0 && !isTcp && !limiter.isExempt(this.client)) {
      length = this.#limitRate(limiter, length)
    }
    const rcode = length > 0 ? this.rcode : NO_REPLY
    this.#counter?.count(this.#zoneRow(), this.outcome, transport, this.client.family, type, rcode)
    if (this.#noter !== null) {
      const questionEnd = unread ? 0 : query.questionEnd
      this.#noter.note(this, packet, start + HEADER_LENGTH, questionEnd, length, transport)
    }
    return length
  }

  /**
   * Counts and notes a message that isn't even read, because what stood before it can't be believed.
   *
   * @param start where it begins
   * @param transport one of TRANSPORT
   */
  ignore(packet: Uint8Array, start: number, transport: number): void {
    this.#zones.zone = null
    this.outcome = OUTCOME.dropped
    this.#counter?.count(this.#zoneRow(), this.outcome, transport, this.client.family, 0, NO_REPLY)
    this.#noter?.note(this, packet, start + HEADER_LENGTH, 0, 0, transport)
  }

  #answer(packet: Uint8Array, start: number, end: number, isTcp: boolean, denied: boolean): number {
    const query = this.#query
    const reply = this.#reply
    const verdict = query.parse(packet, start, end)
    if (verdict === VERDICT.ignore) return 0
    reply.begin(packet, isTcp)
    if (denied) return reply.refuse(EXTENDED_ERROR.prohibited)
    switch (verdict) {
      case VERDICT.formErr:
        return reply.fail(RCODE.formErr, OUTCOME.formErr)
      case VERDICT.notImp:
        return reply.fail(RCODE.notImp, OUTCOME.notImp)
      case VERDICT.badVers:
        return reply.fail(RCODE.badVers, OUTCOME.badVers)
      case VERDICT.notAuth:
        // A TSIG that can't be read makes the whole message one that can't (RFC 8945 5.2).
        if (!this.#tsig.begin(packet, query.tsigAt, end)) return reply.fail(RCODE.formErr, OUTCOME.formErr)
        return reply.fail(RCODE.notAuth, OUTCOME.refused)
      case VERDICT.cookieOnly:
        if (!this.#opt.tellsCookie) return reply.fail(RCODE.formErr, OUTCOME.formErr)
        return reply.fail(RCODE.noError, OUTCOME.noData)
    }
    if (query.class === CLASS.ch) return this.#answerChaos(packet)
    if (isInternet(query.class)) return this.#zones.answer()
    return reply.refuse(EXTENDED_ERROR.notAuthoritative)
  }

  #answerChaos(packet: Uint8Array): number {
    const query = this.#query
    const reply = this.#reply
    const rdata = this.#chaos.find(packet, query.start + HEADER_LENGTH)
    if (rdata === null || isTransfer(query.type)) return reply.refuse(EXTENDED_ERROR.notAuthoritative)
    if (query.type === TYPE.txt || query.type === TYPE.any) reply.addAnswer(TYPE.txt, CLASS.ch, 0, rdata)
    reply.rcode = RCODE.noError
    reply.outcome = reply.answers > 0 ? OUTCOME.answer : OUTCOME.noData
    return reply.finishAbout(FLAG.aa)
  }

  #limitRate(limiter: RateLimiter, length: number): number {
    // A client that has shown our cookie does not lie about its address.
    if (this.#opt.isClientKnown) return length
    const verdict = limiter.take(this.client, this.outcome, this.now.steadySecond)
    if (verdict === RATE.send) return length
    this.outcome = OUTCOME.rateLimited
    return verdict === RATE.truncate ? this.#reply.truncate(0) : 0
  }

  #zoneRow(): number {
    const { zone } = this.#zones
    return zone === null ? -1 : zone.body.row
  }
}
