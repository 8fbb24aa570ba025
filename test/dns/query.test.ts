// Reading a query: what is to be done with a packet, and what is known of it afterwards.

import { describe, expect, test } from 'vitest'
import { Client } from '../../src/dns/client.ts'
import { Opt } from '../../src/dns/edns/opt.ts'
import { Now } from '../../src/dns/now.ts'
import { isInternet, Query, skipName, VERDICT } from '../../src/dns/query.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import { OPTION, option } from '../support/conformance/options.ts'
import { CLASS, header, name, opt, query, question, TYPE } from '../support/message.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** A reader, and what it says of messages that begin in the middle of a packet. */
function reader() {
  const record = new Opt(OPEN_POLICY, new Client(), new Now())
  const read = new Query(record)
  const verdictOf = (message: Uint8Array): string => {
    const packet = Buffer.concat([Buffer.alloc(5, 0xff), message, Buffer.alloc(64, 0xff)])
    const verdict = read.parse(packet, 5, 5 + message.length)
    return Object.entries(VERDICT).find(([, number]) => number === verdict)?.[0] ?? 'unknown'
  }
  return { read, record, verdictOf }
}

/** A TSIG record of RDATA that nobody reads here. */
const TSIG = Buffer.from([0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 1, 0])

const COOKIE_ALONE = Buffer.concat([
  header(1, 0, [0, 0, 0, 1]),
  opt({ options: option(OPTION.cookie, new Uint8Array(8)) }),
])

test.each([
  ['a question', query(NAME), 'answer'],
  ['a question with OPT', query(NAME, { edns: {} }), 'answer'],
  ['a reply', query(NAME, { flags: 0x8000 }), 'ignore'],
  ['a reply of another opcode', query(NAME, { flags: 0xa000 }), 'ignore'],
  ['eleven octets', query(NAME).subarray(0, 11), 'ignore'],
  ['NOTIFY', query(NAME, { flags: 0x2000 }), 'notImp'],
  ['NOTIFY that is cut', query(NAME, { flags: 0x2000 }).subarray(0, 20), 'notImp'],
  ['EDNS 1', query(NAME, { edns: { version: 1 } }), 'badVers'],
  ['a signed question', query(NAME, { counts: [1, 0, 0, 1], tail: TSIG }), 'notAuth'],
  [
    'a record after TSIG',
    query(NAME, { counts: [1, 0, 0, 2], tail: Buffer.concat([TSIG, opt()]) }),
    'formErr',
  ],
  ['a cookie without a question', COOKIE_ALONE, 'cookieOnly'],
  ['OPT without a question', Buffer.concat([header(1, 0, [0, 0, 0, 1]), opt()]), 'formErr'],
  ['a header alone', header(1, 0), 'formErr'],
  ['two questions', query(NAME, { counts: [2, 0, 0, 0] }), 'formErr'],
  ['a record in the answer section', query(NAME, { counts: [1, 1, 0, 0], tail: opt() }), 'formErr'],
  ['an octet after the message', query(NAME, { tail: Buffer.alloc(1) }), 'formErr'],
])('%s', (_, message, verdict) => {
  expect(reader().verdictOf(message)).toBe(verdict)
})

test.each([0, 1, 5, 20, 40])('a question that is cut after %i octets of it is FORMERR', (octets) => {
  const message = query(NAME)
  expect(reader().verdictOf(message.subarray(0, 12 + Math.min(octets, message.length - 13)))).toBe('formErr')
})

describe('what is known of a question', () => {
  test('type, class, its end, and where the labels lie', () => {
    const { read, verdictOf } = reader()
    verdictOf(query('www.Example', { type: 257, class: CLASS.CH }))
    expect(read).toMatchObject({ start: 5, length: 29, questionEnd: 34, type: 257, class: 3, labelCount: 2 })
    expect([...read.labels.subarray(0, 2)]).toEqual([17, 21])
  })

  test('nothing of the query before is left', () => {
    const { read, record, verdictOf } = reader()
    verdictOf(query(NAME, { edns: { flags: 0x8000, size: 4096 }, type: TYPE.A }))
    expect(record).toMatchObject({ present: true, dnssecOk: true, udpSize: 4096 })
    verdictOf(header(1, 0))
    expect(read).toMatchObject({ questionEnd: 0, type: 0, labelCount: 0, tsigAt: 0 })
    expect(record).toMatchObject({ present: false, dnssecOk: false, udpSize: 512, version: 0 })
  })

  test('the most labels that a name has', () => {
    const { read, verdictOf } = reader()
    expect(verdictOf(query(Array.from({ length: 127 }, () => 'a')))).toBe('answer')
    expect(read.labelCount).toBe(127)
    expect(verdictOf(query(Array.from({ length: 128 }, () => 'a')))).toBe('formErr')
  })

  test('a signed query tells where its TSIG record begins', () => {
    const { read, verdictOf } = reader()
    const message = query(NAME, { counts: [1, 0, 0, 1], tail: TSIG })
    verdictOf(message)
    expect(read.tsigAt).toBe(5 + message.length - TSIG.length)
  })
})

describe('skipping a name', () => {
  const long = name(['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)])

  test.each([
    ['the root', Uint8Array.of(0), 1],
    ['labels', name('a.bc'), 6],
    ['labels and a pointer', Uint8Array.of(1, 0x61, 0xc0, 12), 4],
    ['255 octets', long, 255],
    ['257 octets', Buffer.concat([Uint8Array.of(1, 0x78), long]), -1],
    ['a label of another type', Uint8Array.of(0x41, 0), -1],
    ['no end', Uint8Array.of(3, 1, 2, 3), -1],
  ])('%s', (_, octets, end) => {
    expect(skipName(octets, 0, octets.length)).toBe(end)
  })
})

test('classes that hold our zones', () => {
  expect([CLASS.IN, CLASS.ANY, CLASS.CH, CLASS.HS, 0].map(isInternet)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('a question of the root has no labels', () => {
  const { read, verdictOf } = reader()
  const message = Buffer.concat([header(1, 0, [1, 0, 0, 0]), question(name(''), TYPE.NS, CLASS.IN)])
  expect(verdictOf(message)).toBe('answer')
  expect(read.labelCount).toBe(0)
})
