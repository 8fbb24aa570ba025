// No reply, however long a responder says it is and wherever it writes, reaches what the kernel follows.

import { describe, expect, test } from 'vitest'
import { REPLY_CAPACITY } from '../../../src/dns/reply-capacity.ts'
import type { Responder } from '../../../src/dns/responder.ts'
import { CounterSlice, Counters } from '../../../src/server/counters.ts'
import { Arena, SLOTS } from '../../../src/server/mmsg/arena.ts'
import { receiveLoop } from '../../../src/server/mmsg/receive-loop.ts'
import { WorkerSignal } from '../../../src/server/mmsg/worker-signal.ts'
import type { Libc } from '../../../src/system/libc.ts'
import { query } from '../../support/message.ts'

/** Octets of a struct mmsghdr, and where in it the length of what was received stands. */
const HEADER_OCTETS = 64
const LENGTH_AT = 56

/** Octets of a struct iovec, which are behind the headers, and where in it the length stands. */
const IOVEC_OCTETS = 16
const IOVEC_LENGTH_AT = 8

const PORT_AT = SLOTS * (HEADER_OCTETS + IOVEC_OCTETS) + 2
const NAME_OCTETS = 32

test('packets lie in memory of their own, with room between them', () => {
  const arena = new Arena(() => 0)
  expect(arena.bytes.buffer).not.toBe(arena.headers.buffer)
  for (let slot = 1; slot < SLOTS; slot++) {
    expect(arena.packet(slot) - arena.packet(slot - 1)).toBeGreaterThanOrEqual(REPLY_CAPACITY + 64)
  }
})

describe.each([
  ['one octet more than there is room for', REPLY_CAPACITY + 1],
  ['as much as a message can have', 65535],
  ['more than memory', 0xffffffff],
  ['less than nothing', -1],
  ['no number', Number.NaN],
])('a reply of %s', (_, claimed) => {
  test('is not sent, and those around it are', () => {
    const arena = new Arena(() => 0)
    const headers = new DataView(arena.headers.buffer)
    const signal = new WorkerSignal()
    const octets = query('8.8.8.8.geo.asnzone.internal')
    const sent: number[] = []
    const lengths: number[] = []
    const libc = {
      addressOf: () => 0,
      recvmmsg: () => {
        for (let slot = 0; slot < SLOTS; slot++) {
          headers.setUint16(PORT_AT + slot * NAME_OCTETS, 4000)
          arena.bytes.set(octets, arena.packet(slot))
          headers.setUint32(slot * HEADER_OCTETS + LENGTH_AT, octets.length, true)
        }
        signal.stop()
        return SLOTS
      },
      sendmmsg: (_fd: number, vector: number, count: number) => {
        for (let slot = vector / HEADER_OCTETS; count > 0; count--, slot++) {
          sent.push(slot)
          const iovec = SLOTS * HEADER_OCTETS + slot * IOVEC_OCTETS
          lengths.push(headers.getUint32(iovec + IOVEC_LENGTH_AT, true))
        }
        return sent.length
      },
    }
    const liar = {
      client: { set: () => {} },
      now: { set: () => {} },
      lookAhead: () => {},
      respond: (_packet: Uint8Array, start: number) => (start === arena.packet(7) ? claimed : 100),
    }
    receiveLoop({
      libc: libc as unknown as Libc,
      sockets: [{ fd: 3, family: 4, packetInfo: false }],
      arena,
      responder: liar as unknown as Responder,
      counters: new CounterSlice(new Counters(0).handle(1)),
      signal,
      bell: -1,
      carryOut: () => [].values(),
    })
    expect([...new Set(sent)]).toEqual(
      Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => slot !== 7),
    )
    expect(new Set(lengths)).toEqual(new Set([100]))
  })
})

test('octets written in front of the first packet and behind the last change no header', () => {
  const arena = new Arena(() => 0)
  arena.reset(SLOTS, 6, true)
  const before = Uint8Array.from(arena.headers)
  const view = new DataView(arena.bytes.buffer, arena.bytes.byteOffset, arena.bytes.byteLength)
  // What a position that is not a number becomes.
  view.setUint32(Number.NaN, 0xffffffff)
  arena.bytes.fill(0xff)
  expect(arena.headers).toEqual(before)
})
