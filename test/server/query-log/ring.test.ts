// The ring between a thread that answers and the writer of the query log, and the lines that come out of it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REPLY_CAPACITY } from '../../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../../src/dns/responder.ts'
import { OPEN_POLICY } from '../../../src/dns/treatment.ts'
import { queryLine } from '../../../src/server/query-log/line.ts'
import { ENTRIES, RingInput, RingOutput, ringMemory } from '../../../src/server/query-log/ring.ts'
import { policyWith } from '../../support/conformance/policies.ts'
import { damagedQuery } from '../../support/hostile.ts'
import { query, TYPE } from '../../support/message.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const table = smallTable()
const zoneSet = smallZoneSet()

/** A responder with a ring of its own, the second of two so that a wrong place would show. */
function logged({ every = 1, policy = OPEN_POLICY } = {}) {
  const buffer = ringMemory(2)
  const input = new RingInput({ buffer, ring: 1, every })
  const output = new RingOutput(buffer, 1)
  const responder = new Responder(table, zoneSet, null, policy, input)
  const packet = new Uint8Array(REPLY_CAPACITY + 70_000)
  const respond = (octets: Uint8Array, transport: number = TRANSPORT.udp): number => {
    packet.set(octets, 2)
    return responder.respond(packet, 2, 2 + octets.length, transport)
  }
  const lines = (): string[] => {
    const taken: string[] = []
    output.drain((noted) => taken.push(queryLine(noted).replace(/^\S+Z /, '')))
    return taken
  }
  return { responder, respond, lines, output, untouched: new RingOutput(buffer, 0) }
}

describe('a line tells', () => {
  test.each([
    ['an answer', query(NAME), `127.0.0.1 udp ${NAME} TXT IN NOERROR answer 91\n`],
    [
      'no record of the type',
      query(NAME, { type: TYPE.AAAA }),
      `127.0.0.1 udp ${NAME} AAAA IN NOERROR noData 105\n`,
    ],
    [
      'nothing known',
      query('1.0.0.10.geo.asnzone.internal'),
      /^127\.0\.0\.1 udp 1\.0\.0\.10\.geo\.asnzone\.internal TXT IN NXDOMAIN nxDomain \d+\n$/,
    ],
    [
      'another’s zone',
      query('Example.COM', { type: TYPE.A }),
      '127.0.0.1 udp Example.COM A IN REFUSED refused 29\n',
    ],
    ['the root', query('', { type: 2 }), '127.0.0.1 udp . NS IN REFUSED refused 17\n'],
    ['a query that can’t be read', query(NAME).subarray(0, -3), '127.0.0.1 udp - - - FORMERR formErr 12\n'],
    ['what deserves silence', Buffer.from('none'), '127.0.0.1 udp - - - - dropped 0\n'],
  ])('%s', (_, octets, line) => {
    const { respond, lines } = logged()
    respond(octets)
    const [told] = lines()
    if (typeof line === 'string') expect(told).toBe(line)
    else expect(told).toMatch(line)
  })

  test('who asked, over what', () => {
    const { responder, respond, lines } = logged()
    responder.client.set(6, Buffer.from('20010db8000000000000000000000007', 'hex'), 0)
    respond(query(NAME), TRANSPORT.tcp)
    responder.client.set(4, Buffer.from([192, 0, 2, 7]), 0)
    respond(query(NAME))
    expect(lines().map((line) => line.split(' ').slice(0, 2))).toEqual([
      ['2001:db8::7', 'tcp'],
      ['192.0.2.7', 'udp'],
    ])
  })

  test('of a client that is not to be answered no more than that', () => {
    const policy = policyWith({ allow: ['192.0.2.0/24'], deny: 'drop' })
    const { respond, lines } = logged({ policy })
    respond(query(NAME))
    expect(lines()).toEqual(['127.0.0.1 udp - - - - dropped 0\n'])
  })

  test('when: at the time of the batch', () => {
    const { responder, respond, output } = logged()
    responder.now.set(1_795_787_641_531, 0)
    respond(query(NAME))
    const times: number[] = []
    output.drain(({ time }) => times.push(time))
    expect(times).toEqual([1_795_787_641_531])
  })
})

test('whatever comes, a line has nine fields and nothing is lost', () => {
  const { respond, lines } = logged()
  fc.assert(
    fc.property(damagedQuery, fc.constantFrom(TRANSPORT.udp, TRANSPORT.tcp), (octets, transport) => {
      respond(octets, transport)
      const told = lines()
      expect(told).toHaveLength(1)
      expect(told[0]).toMatch(/^[\x21-\x7e]+( [\x21-\x7e]+){7}\n$/)
    }),
  )
})

describe('a ring', () => {
  test('gives what was put in, in order, once, over and over', () => {
    const { respond, lines, output, untouched } = logged()
    for (let turn = 0; turn < 3; turn++) {
      for (let i = 0; i < ENTRIES - 1; i++) respond(query(`${i}.test`))
      expect(lines().map((line) => line.split(' ')[2])).toEqual(
        Array.from({ length: ENTRIES - 1 }, (_, i) => `${i}.test`),
      )
      expect(lines()).toEqual([])
    }
    expect(output.dropped).toBe(0)
    untouched.drain(() => expect.unreachable())
  })

  test('that is full lets queries go and counts them; the answers are the same', () => {
    const { respond, lines, output } = logged()
    const lengths = new Set(Array.from({ length: ENTRIES + 7 }, () => respond(query(NAME))))
    expect(lengths).toEqual(new Set([respond(query(NAME))]))
    expect(output.dropped).toBe(8)
    expect(lines()).toHaveLength(ENTRIES)
    respond(query(NAME))
    expect(lines()).toHaveLength(1)
    expect(output.dropped).toBe(8)
  })

  test('of samples has every third query', () => {
    const { respond, lines } = logged({ every: 3 })
    for (let i = 1; i <= 10; i++) respond(query(`${i}.test`))
    expect(lines().map((line) => line.split(' ')[2])).toEqual(['3.test', '6.test', '9.test'])
  })
})
