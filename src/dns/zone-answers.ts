// Answers questions of class IN from the zones: finds the zone, reads the name, looks it up, writes the records.

import { prefixLengthOf, recordOf, type Table } from '../table/table.ts'
import { readOwner } from '../zones/owner.ts'
import { OWNER, QueriedName } from '../zones/queried-name.ts'
import { TYPE } from '../zones/record-type.ts'
import { isTestEntry } from '../zones/test-entry.ts'
import type { Zone } from '../zones/zone.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { EXTENDED_ERROR } from './edns/extended-error.ts'
import type { Opt } from './edns/opt.ts'
import { Lookahead } from './lookahead.ts'
import type { Now } from './now.ts'
import type { RecordCounter } from './observers.ts'
import { OUTCOME } from './outcome.ts'
import { CLASS, FLAG, isTransfer, RCODE } from './protocol.ts'
import type { Query } from './query.ts'
import type { Reply } from './reply.ts'

/** What is answered from; a reload replaces all of it. */
export interface Served {
  readonly table: Table
  readonly zoneSet: ZoneSet
  /** Belongs to the table. */
  readonly records: RecordCounter | null
}

/** What belongs to the query that is being answered. */
export interface Exchange {
  readonly query: Query
  readonly opt: Opt
  readonly reply: Reply
  readonly now: Now
}

/** The answers of the zones for one responder. */
export class ZoneAnswers {
  readonly #query: Query
  readonly #opt: Opt
  readonly #reply: Reply
  readonly #now: Now
  readonly #queried = new QueriedName()
  readonly lookahead: Lookahead
  #table: Table
  #zoneSet: ZoneSet
  #records: RecordCounter | null
  /** The zone of the last answer, null when there was none; the caller resets it. */
  zone: Zone | null = null

  constructor({ query, opt, reply, now }: Exchange, { table, zoneSet, records }: Served) {
    this.#query = query
    this.#opt = opt
    this.#reply = reply
    this.#now = now
    this.#table = table
    this.#zoneSet = zoneSet
    this.#records = records
    this.lookahead = new Lookahead(table, zoneSet)
  }

  /** Answers from other data from now on. */
  replace({ table, zoneSet, records }: Served): void {
    this.#table = table
    this.#zoneSet = zoneSet
    this.#records = records
    this.lookahead.replace(table, zoneSet)
  }

  /** Answers the query, whose class is one that holds our zones, and returns the length of the reply. */
  answer(): number {
    const zone = this.#findZone()
    if (zone === null) return this.#reply.refuse(EXTENDED_ERROR.notAuthoritative)
    if (isTransfer(this.#query.type)) return this.#reply.refuse(EXTENDED_ERROR.prohibited)
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
    reply.rcode = exists ? RCODE.noError : RCODE.nxDomain
    if (reply.answers > 0) reply.outcome = OUTCOME.answer
    else {
      reply.outcome = exists ? OUTCOME.noData : OUTCOME.nxDomain
      reply.addAuthority(zone, query.labels[labelsBelow])
    }
    // Old data is marked where that can be seen (RFC 8914 4.4, 4.20).
    if (this.#now.milliseconds > this.#zoneSet.staleAfter) {
      this.#opt.tellError(exists ? EXTENDED_ERROR.staleAnswer : EXTENDED_ERROR.staleNxDomain)
    }
    // Class ANY can't be answered with authority: the answer may differ in other classes (RFC 1035 3.2.5).
    const authoritative = query.class === CLASS.in ? FLAG.aa : 0
    return labelsBelow === 0 && query.type === TYPE.txt
      ? reply.finishAbout(authoritative)
      : reply.finish(authoritative)
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
    const { owner: kind, partial, isList } = zone.body
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
          ? this.lookahead.find4(queried.word0)
          : owner === OWNER.ipv6
            ? this.lookahead.find6(queried.word0, queried.word1, queried.word2, queried.word3)
            : findNetwork(table, owner, queried)
      queried.record = recordOf(entry)
      queried.prefixLength = prefixLengthOf(entry)
      if (isList && owner < OWNER.ipv4Network && isTestEntry(queried)) {
        this.#answerTestEntry(zone)
        return true
      }
      this.#records?.count(queried.record)
    }
    if (!zone.lists(table, queried)) return queried.alsoAncestor
    this.#answerQueried(zone)
    return true
  }

  /** ANY is answered with one RRset (RFC 8482 4.1): the first that the zone has. */
  #answerQueried(zone: Zone): void {
    const { answers, ttl } = zone.body
    const asked = this.#query.type
    const reply = this.#reply
    for (let i = 0; i < answers.length; i++) {
      const { type, template } = answers[i]
      if (type !== asked && asked !== TYPE.any) continue
      const rdata = reply.beginAnswer(type, CLASS.in, ttl)
      const end = template.write(reply, rdata, this.#table, this.#queried)
      if (end >= 0) reply.endAnswer(rdata, end)
      return
    }
  }

  /** The entry that every address list has for tests (RFC 5782 5). */
  #answerTestEntry(zone: Zone): void {
    const { answers, ttl } = zone.body
    const asked = this.#query.type
    for (let i = 0; i < answers.length; i++) {
      const { type, testEntry } = answers[i]
      if (type !== asked && asked !== TYPE.any) continue
      this.#reply.addAnswer(type, CLASS.in, ttl, testEntry)
      return
    }
  }
}

/** The entry that all addresses of a network have, 0 for none. */
function findNetwork(table: Table, owner: number, queried: QueriedName): number {
  const { word0, word1, word2, word3, networkLength } = queried
  return owner === OWNER.ipv4Network
    ? table.neighbours.findNetwork4(word0, networkLength)
    : table.neighbours.findNetwork6(word0, word1, word2, word3, networkLength)
}
