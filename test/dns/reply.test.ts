// Writing a reply: records, header, what is left out of one that is too long; and how long one can get.

import { describe, expect, test } from 'vitest'
import { Client } from '../../src/dns/client.ts'
import { EXTENDED_ERROR } from '../../src/dns/edns/extended-error.ts'
import { Opt } from '../../src/dns/edns/opt.ts'
import { Now } from '../../src/dns/now.ts'
import { OUTCOME } from '../../src/dns/outcome.ts'
import { CLASS, EDNS_UDP_LIMIT, FLAG, RCODE } from '../../src/dns/protocol.ts'
import { Query } from '../../src/dns/query.ts'
import { Reply } from '../../src/dns/reply.ts'
import { MAX_REPLY, REPLY_CAPACITY } from '../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { TsigReply } from '../../src/dns/tsig.ts'
import { MAX_ANSWER_OCTETS } from '../../src/zones/limits.ts'
import { OPTION, option } from '../support/conformance/options.ts'
import { ASKING_FOR_ALL, TALKATIVE } from '../support/conformance/talkative.ts'
import { name, opt, query, readMessage, TYPE } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'

/** A reply that was begun to a query. */
function begun(message: Uint8Array, { policy = TALKATIVE, isTcp = false } = {}) {
  const packet = Buffer.alloc(REPLY_CAPACITY)
  packet.set(message)
  const record = new Opt(policy, new Client(), new Now())
  const read = new Query(record)
  const reply = new Reply(read, record, new TsigReply())
  read.parse(packet, 0, message.length)
  reply.begin(packet, isTcp)
  reply.rcode = RCODE.noError
  return { reply, record, message: (length: number) => readMessage(packet.subarray(0, length)) }
}

const LONG = new Uint8Array(400).fill(1)
const QUESTION = query('www.example.com', { id: 7, flags: 0x0100 })

test('a reply without records has the question, id and RD of its query', () => {
  const { reply, message } = begun(QUESTION)
  const length = reply.fail(RCODE.refused, OUTCOME.refused)
  expect(length).toBe(QUESTION.length)
  expect(message(length)).toMatchObject({
    id: 7,
    qr: true,
    rd: true,
    aa: false,
    tc: false,
    rcode: RCODE.refused,
  })
  expect(reply.outcome).toBe(OUTCOME.refused)
})

test('records follow the question, and are counted', () => {
  const { reply, message } = begun(QUESTION)
  reply.addAnswer(TYPE.A, CLASS.in, 0x7fffffff, Uint8Array.of(127, 0, 0, 2))
  const rdata = reply.beginAnswer(TYPE.TXT, CLASS.ch, 5)
  reply.packet.set([1, 0x78], rdata)
  reply.endAnswer(rdata, rdata + 2)
  expect(message(reply.finish(FLAG.aa))).toMatchObject({
    aa: true,
    answers: [
      {
        owner: 'www.example.com',
        type: TYPE.A,
        class: 1,
        ttl: 0x7fffffff,
        rdata: Buffer.from([127, 0, 0, 2]),
      },
      { owner: 'www.example.com', type: TYPE.TXT, class: 3, ttl: 5, rdata: Buffer.from([1, 0x78]) },
    ],
  })
})

describe('a reply that is too long over UDP', () => {
  test('has TC and no records (RFC 2181 9)', () => {
    const { reply, message } = begun(QUESTION)
    for (let n = 0; n < 2; n++) reply.addAnswer(TYPE.TXT, CLASS.in, 1, LONG)
    const length = reply.finish(FLAG.aa)
    expect(length).toBe(QUESTION.length)
    expect(message(length)).toMatchObject({ tc: true, aa: true, answers: [] })
    expect(reply.outcome).toBe(OUTCOME.truncated)
  })

  test('is whole over TCP', () => {
    const { reply, message } = begun(QUESTION, { isTcp: true })
    for (let n = 0; n < 2; n++) reply.addAnswer(TYPE.TXT, CLASS.in, 1, LONG)
    expect(message(reply.finish(FLAG.aa))).toMatchObject({ tc: false, answers: [{}, {}] })
  })

  test('is whole with EDNS that says so', () => {
    const { reply, message } = begun(query('www.example.com', { edns: { size: 4096 } }))
    for (let n = 0; n < 2; n++) reply.addAnswer(TYPE.TXT, CLASS.in, 1, LONG)
    expect(message(reply.finish(0)).answers).toHaveLength(2)
  })

  test('loses NSID first, at four times the octets of its query, then why it is what it is', () => {
    const asking = query('www.example.com', { edns: { options: option(OPTION.nsid), size: 512 } })
    const { reply, record } = begun(asking)
    record.tellError(EXTENDED_ERROR.staleAnswer)
    reply.addAnswer(TYPE.TXT, CLASS.in, 1, new Uint8Array(512 - asking.length + 4 - 12 - 3))
    const length = reply.finish(0)
    expect(reply.outcome).not.toBe(OUTCOME.truncated)
    expect([length, record.length]).toEqual([509, 11])
  })
})

describe('how long a reply can get', () => {
  const label = (letter: string) => letter.repeat(63)
  const apex = [label('a'), label('b'), label('c'), 'd'.repeat(53)].join('.')
  const zones = smallZoneSet({
    longest: {
      apex,
      owner: 'ip',
      txt: new Array(MAX_ANSWER_OCTETS / 256).fill('x'.repeat(255)),
      example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
    },
  })
  /** An object that is cut before characters of four octets, so that it takes as many strings as it can. */
  const objects = smallZoneSet({
    objects: {
      apex,
      owner: 'ip',
      json: { f: `${'😀'.repeat(252)}xxx` },
      example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
    },
  })
  const table = smallTable()

  /** Octets of the reply, which says that the data is stale where that is to be told. */
  function lengthOf(message: Uint8Array, { isStale = false, of = zones } = {}): number {
    const responder = new Responder(table, of, null, TALKATIVE)
    if (isStale) Object.assign(of, { staleAfter: -1 })
    const packet = new Uint8Array(REPLY_CAPACITY)
    packet.set(message)
    return responder.respond(packet, 0, message.length, TRANSPORT.tcp)
  }

  test('the longest name and text, and every EDNS option: to the octet what is reckoned with', () => {
    const message = query(`8.8.8.8.${apex}`, { edns: { options: ASKING_FOR_ALL } })
    expect(lengthOf(message, { isStale: true })).toBe(MAX_REPLY)
    expect(lengthOf(message, { isStale: true, of: objects })).toBe(MAX_REPLY)
  })

  test('a signed query is no longer, with the longest names there are', () => {
    const long = name([label('a'), label('b'), label('c'), 'd'.repeat(61)])
    const rdata = Buffer.concat([long, Buffer.alloc(16)])
    const tsig = Buffer.concat([
      long,
      Buffer.from([0, 250, 0, 255, 0, 0, 0, 0, rdata.length >> 8, rdata.length & 255]),
      rdata,
    ])
    const labels = [label('a'), label('b'), label('c'), 'd'.repeat(61)]
    const tail = Buffer.concat([opt({ options: ASKING_FOR_ALL }), tsig])
    const length = lengthOf(query(labels, { counts: [1, 0, 0, 2], tail }))
    // No extended error: NOTAUTH says it all.
    const record = new Opt(TALKATIVE, new Client(), new Now()).maxLength - (4 + 2)
    expect(length).toBe(12 + 259 + record + (255 + 10 + 255 + 16))
    expect(length).toBeLessThanOrEqual(MAX_REPLY)
  })

  test('it fits the room that a packet has, and over UDP no packet is longer than is sent unasked', () => {
    expect(MAX_REPLY).toBeLessThan(REPLY_CAPACITY)
    expect(EDNS_UDP_LIMIT).toBeLessThan(REPLY_CAPACITY)
  })
})
