// Whatever comes in, the responder does not throw, stays in its buffer, and replies with something that others
// can read.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EDNS_UDP_LIMIT, TCP_LIMIT } from '../../src/dns/protocol.ts'
import { REPLY_CAPACITY } from '../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import { damagedQuery, randomMessage, realQuery } from '../support/hostile.ts'
import { query, readMessage } from '../support/message.ts'
import { checkReply } from '../support/oracles.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { respond } from '../support/transports.ts'

const table = smallTable()
const zoneSet = smallZoneSet()
const responder = new Responder(table, zoneSet)

/** A responder that tells all it can. */
const talkative = new Responder(table, zoneSet, null, {
  ...OPEN_POLICY,
  identity: { version: 'version', id: 'identity', nsid: 'x'.repeat(128) },
  cookieSecrets: [Buffer.alloc(16, 7)],
  tcpKeepalive: 100,
})

const GUARD = 300
const GUARD_OCTET = 0xa5

/** Asks in the middle of a larger buffer, and sees that nothing around the reply's place was written. */
function respondGuarded(octets: Uint8Array, transport: 'udp' | 'tcp', by = responder): Buffer | null {
  const capacity = Math.max(REPLY_CAPACITY, octets.length)
  const arena = Buffer.alloc(GUARD + capacity + GUARD, GUARD_OCTET)
  arena.set(octets, GUARD)
  const length = by.respond(arena, GUARD, GUARD + octets.length, TRANSPORT[transport])
  const untouched = Buffer.alloc(GUARD, GUARD_OCTET)
  // Thrown and not expected: an expectation that holds takes longer than the reply.
  if (!arena.subarray(0, GUARD).equals(untouched)) throw new Error('octets before the buffer were written')
  if (!arena.subarray(GUARD + capacity).equals(untouched)) throw new Error('octets after it were written')
  const limit = transport === 'udp' ? EDNS_UDP_LIMIT : TCP_LIMIT
  if (length > limit) throw new Error(`a reply of ${length} octets, more than ${limit}`)
  return length === 0 ? null : arena.subarray(GUARD, GUARD + length)
}

const transports = fc.constantFrom('udp' as const, 'tcp' as const)

/** Thousands of inputs take their time on a busy machine. */
const PATIENCE = { timeout: 120_000 }

describe.each([
  ['random octets', randomMessage, 1000],
  ['damaged queries', damagedQuery, 1500],
  ['right queries', realQuery, 300],
] as const)('%s', (_, messages, numRuns) => {
  test('no exception, no octet outside, a reply that three readers agree on', PATIENCE, () => {
    fc.assert(
      fc.property(messages, transports, (octets, transport) => {
        for (const by of [responder, talkative]) {
          const reply = respondGuarded(octets, transport, by)
          if (reply !== null) checkReply(octets, reply)
          else expect(octets.length < 12 || octets[2] >= 128, 'silence is for what is not a query').toBe(true)
        }
      }),
      { numRuns },
    )
  })

  test('a reply does not depend on what was asked before', PATIENCE, () => {
    fc.assert(
      fc.property(messages, messages, transports, (before, octets, transport) => {
        respondGuarded(before, transport)
        const fresh = respondGuarded(octets, transport, new Responder(table, zoneSet))
        expect(respondGuarded(octets, transport)).toEqual(fresh)
      }),
      { numRuns: numRuns / 10 },
    )
  })
})

test('a message of 65535 octets', () => {
  for (const first of [0, 63, 255]) {
    const octets = Buffer.alloc(65535, first)
    octets.set([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    const reply = respondGuarded(octets, 'tcp')
    expect(readMessage(reply!).rcode).toBe(1)
  }
})

test('the longest reply there can be fits REPLY_CAPACITY', () => {
  const label = (letter: string) => letter.repeat(63)
  const apex = [label('a'), label('b'), label('c'), 'd'.repeat(53)].join('.')
  const longest = smallZoneSet({
    longest: {
      apex,
      owner: 'ip',
      txt: new Array(4).fill('x'.repeat(255)),
      example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
    },
  })
  const octets = query(`8.8.8.8.${apex}`, { edns: {} })
  const reply = respondGuarded(octets, 'tcp', new Responder(table, longest))
  expect(reply!.length).toBe(12 + 255 + 4 + 12 + 1024 + 11)
  expect(checkReply(octets, reply!).answers).toHaveLength(1)
})

test('every apex, every type: the records that never change fit too', PATIENCE, () => {
  for (const zone of zoneSet.zones) {
    for (const type of [1, 2, 6, 16, 28, 255]) {
      const octets = query(zone.name, { type, edns: {} })
      expect(readMessage(respondGuarded(octets, 'tcp')!).rcode).toBe(0)
    }
  }
})

test('10.0.0.1 is in no zone, whichever it is', () => {
  for (const zone of zoneSet.zones) {
    const reply = readMessage(respond(responder, query(`1.0.0.10.${zone.name}`), 'udp')!)
    expect(reply.rcode, zone.name).toBe(3)
    expect(reply.authorities, zone.name).toMatchObject([{ owner: zone.name }])
  }
})
