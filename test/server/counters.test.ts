// Counters in shared memory: what one thread counts is what all of them read.

import { describe, expect, test, vi } from 'vitest'
import { policyOf } from '../../src/app/treatment.ts'
import { loadSettings } from '../../src/config/load.ts'
import { OUTCOME } from '../../src/dns/outcome.ts'
import { RCODE } from '../../src/dns/protocol.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { NO_REPLY, trafficKinds, trafficNumber } from '../../src/dns/traffic.ts'
import { BATCH_BOUNDS, CounterSlice, Counters, TIME_BOUNDS } from '../../src/server/counters.ts'
import { SLOTS } from '../../src/server/mmsg/arena.ts'
import { TYPE } from '../../src/zones/record-type.ts'
import { query } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { respond } from '../support/transports.ts'

/** The kinds of traffic that were counted, as `udp 4 TXT NOERROR 2`. */
const trafficOf = (counters: Counters): string[] =>
  counters.traffic().flatMap((count, number) => {
    const { transport, family, type, rcode } = trafficKinds[number]
    return count === 0 ? [] : [`${transport} ${family} ${type} ${rcode} ${count}`]
  })

describe('the number of a kind of traffic', () => {
  test.each([
    ['TXT over UDP', [TRANSPORT.udp, 4, TYPE.txt, RCODE.noError], ['udp', 4, 'TXT', 'NOERROR']],
    ['A over TCP and IPv6', [TRANSPORT.tcp, 6, TYPE.a, RCODE.nxDomain], ['tcp', 6, 'A', 'NXDOMAIN']],
    ['ANY', [TRANSPORT.udp, 6, TYPE.any, RCODE.refused], ['udp', 6, 'ANY', 'REFUSED']],
    [
      'a type below 256 without a name',
      [TRANSPORT.udp, 4, 99, RCODE.noError],
      ['udp', 4, 'other', 'NOERROR'],
    ],
    ['a type above 255', [TRANSPORT.udp, 4, 65280, RCODE.badVers], ['udp', 4, 'other', 'BADVERS']],
    ['no question, silence', [TRANSPORT.tcp, 4, 0, NO_REPLY], ['tcp', 4, 'none', 'none']],
  ] as const)('%s', (_name, [transport, family, type, rcode], kind) => {
    const found = trafficKinds[trafficNumber(transport, family, type, rcode)]
    expect([found.transport, found.family, found.type, found.rcode]).toEqual(kind)
  })

  test('is its own for every RCODE that a reply can have', () => {
    const { servFail: _, ...used } = RCODE
    const rcodes = [...Object.values(used), NO_REPLY]
    const names = rcodes.map((rcode) => trafficKinds[trafficNumber(TRANSPORT.udp, 4, TYPE.txt, rcode)].rcode)
    expect(names.sort()).toEqual(
      ['BADVERS', 'FORMERR', 'NOERROR', 'NOTAUTH', 'NOTIMP', 'NXDOMAIN', 'REFUSED', 'none'].sort(),
    )
  })
})

describe('what is counted', () => {
  test('by a responder: zone, outcome and traffic', () => {
    const counters = new Counters(smallZoneSet().zones.length)
    const responder = new Responder(smallTable(), smallZoneSet(), new CounterSlice(counters.handle(3)))
    respond(responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
    respond(responder, query('8.8.8.8.geo.asnzone.internal'), 'tcp')
    respond(responder, query('10.2.3.4.geo.asnzone.internal', { type: TYPE.a }), 'udp')
    respond(responder, query('example.com'), 'udp')
    respond(responder, query('example.com').subarray(0, 20), 'udp')
    respond(responder, new Uint8Array(5), 'udp')
    expect(trafficOf(counters)).toEqual([
      'udp 4 none none 1',
      'udp 4 none FORMERR 1',
      'udp 4 A NXDOMAIN 1',
      'udp 4 TXT NOERROR 1',
      'udp 4 TXT REFUSED 1',
      'tcp 4 TXT NOERROR 1',
    ])
    expect(counters.of(-1)).toMatchObject({ refused: 1, formErr: 1, dropped: 1, answer: 0 })
    expect(counters.total()).toMatchObject({ answer: 2, nxDomain: 1, refused: 1, formErr: 1, dropped: 1 })
  })

  test('by a responder that drops clients: nothing is said of what they asked', () => {
    const counters = new Counters(1)
    const policy = policyOf(loadSettings({ options: { allow: ['192.0.2.0/24'], deny: 'drop' } }))
    const slice = new CounterSlice(counters.handle(0))
    const responder = new Responder(smallTable(), smallZoneSet(), slice, policy)
    respond(responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
    expect(trafficOf(counters)).toEqual(['udp 4 none none 1'])
  })

  test('in two slices is added up', () => {
    const counters = new Counters(2)
    for (const slice of [0, 64]) {
      const place = new CounterSlice(counters.handle(slice))
      place.count(1, OUTCOME.answer, TRANSPORT.udp, 6, TYPE.a, RCODE.noError)
      place.countBatch(3)
      place.countUnsent()
      place.countFailedReceive()
    }
    expect(counters.of(1).answer).toBe(2)
    expect(counters.of(0).answer).toBe(0)
    expect(trafficOf(counters)).toEqual(['udp 6 A NOERROR 2'])
    expect(counters.batches()).toEqual({ counts: [0, 0, 2, 0, 0, 0, 0, 0], sum: 6 })
    expect(counters.unsent()).toBe(2)
    expect(counters.failedReceives()).toBe(2)
  })
})

test('a batch of every size has its place', () => {
  expect(BATCH_BOUNDS.at(-1)).toBe(SLOTS)
  const counters = new Counters(0)
  const slice = new CounterSlice(counters.handle(0))
  for (let packets = 1; packets <= SLOTS; packets++) slice.countBatch(packets)
  expect(counters.batches()).toEqual({ counts: [1, 1, 2, 4, 8, 16, 32, 0], sum: (SLOTS * (SLOTS + 1)) / 2 })
})

test('the time is taken of the first batch and of few of the next, for all queries of the batch', () => {
  const counters = new Counters(0)
  const slice = new CounterSlice(counters.handle(0))
  const timed = Array.from({ length: 64 }, () => slice.startTimer()).filter((started) => started >= 0)
  expect(timed).toHaveLength(4)
  slice.stopTimer(-1, 7)
  const now = vi.spyOn(performance, 'now').mockReturnValue(10_000)
  slice.stopTimer(9_997, 5)
  slice.stopTimer(0, 2)
  now.mockRestore()
  const { counts, sum } = counters.times()
  const expected = [...TIME_BOUNDS, Number.POSITIVE_INFINITY].map((bound) =>
    bound === 5e-3 ? 5 : bound === Number.POSITIVE_INFINITY ? 2 : 0,
  )
  expect(counts).toEqual(expected)
  expect(sum).toBeCloseTo(5 * 0.003 + 2 * 10)
})
