// A query is answered alike wherever it lies in its buffer: the last slot of a worker's arena is far from the first.

import { expect, test } from 'vitest'
import { REPLY_CAPACITY } from '../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { Arena, SLOTS } from '../../src/server/mmsg/arena.ts'
import { query, TYPE } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'

const responder = new Responder(smallTable(), smallZoneSet())
const octets = query('8.8.8.8.geo.asnzone.internal', { id: 77, type: TYPE.TXT })

function reply(packet: Uint8Array, start: number): Buffer {
  packet.set(octets, start)
  const length = responder.respond(packet, start, start + octets.length, TRANSPORT.udp)
  return Buffer.from(packet.subarray(start, start + length))
}

const atZero = reply(new Uint8Array(REPLY_CAPACITY), 0)

test('the reply at the start of a buffer is an answer', () => {
  expect(atZero.toString('latin1')).toContain('15169 | Google LLC')
})

test.each(Array.from({ length: SLOTS }, (_, slot) => [slot]))('in slot %i of an arena', (slot) => {
  const arena = new Arena(() => 4096)
  expect(reply(arena.bytes, arena.packet(slot))).toEqual(atZero)
})

test.each([[65535], [65536], [1 << 20]])('at position %i', (start) => {
  expect(reply(new Uint8Array(start + REPLY_CAPACITY), start)).toEqual(atZero)
})
