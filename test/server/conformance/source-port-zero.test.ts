// A query from port 0 is legal (RFC 768) and cannot be answered: in the arena, and in the loop of a worker. The
// front end on node:dgram has its test of this in test/server/udp-dgram.test.ts.

import { describe, expect, test, vi } from 'vitest'
import { Responder } from '../../../src/dns/responder.ts'
import { CounterSlice, Counters } from '../../../src/server/counters.ts'
import { Arena, SLOTS } from '../../../src/server/mmsg/arena.ts'
import { receiveLoop } from '../../../src/server/mmsg/receive-loop.ts'
import { WorkerSignal } from '../../../src/server/mmsg/worker-signal.ts'
import type { Libc } from '../../../src/system/libc.ts'
import { query } from '../../support/message.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'

/** Octets of a struct mmsghdr, and where in it the length of what was received stands. */
const HEADER_OCTETS = 64
const LENGTH_AT = 56

/** Puts the address 127.0.0.1 or ::1 and a port where the kernel puts a client's. */
function setClient(arena: Arena, slot: number, family: 4 | 6, port: number): void {
  const address = arena.clientAddress(slot, family)
  const portAt = family === 4 ? address - 2 : address - 6
  arena.headers[portAt] = port >> 8
  arena.headers[portAt + 1] = port & 255
  if (family === 4) arena.headers.set([127, 0, 0, 1], address)
  else arena.headers.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], address)
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  test.each([
    [0, false],
    [1, true],
    [255, true],
    [256, true],
    [65535, true],
  ])('port %i', (port, hasPort) => {
    const arena = new Arena(() => 0)
    arena.reset(SLOTS, family, false)
    setClient(arena, 7, family, port)
    expect(arena.hasSourcePort(7)).toBe(hasPort)
  })

  test('a worker answers what is around such queries, and never them', () => {
    const octets = query('8.8.8.8.geo.asnzone.internal')
    const ports = Array.from({ length: SLOTS }, (_, slot) => (slot % 5 === 2 || slot > 60 ? 0 : 4000 + slot))
    const arena = new Arena(() => 0)
    const words = new DataView(arena.headers.buffer)
    const control = new WorkerSignal()
    const sent: number[] = []
    const libc = {
      addressOf: () => 0,
      recvmmsg: () => {
        for (const [slot, port] of ports.entries()) {
          setClient(arena, slot, family, port)
          arena.bytes.set(octets, arena.packet(slot))
          words.setUint32(slot * HEADER_OCTETS + LENGTH_AT, octets.length, true)
        }
        control.stop()
        return SLOTS
      },
      sendmmsg: (_fd: number, vector: number, count: number) => {
        for (let i = 0; i < count; i++) sent.push(vector / HEADER_OCTETS + i)
        return count
      },
    }
    const responder = new Responder(smallTable(), smallZoneSet())
    const respond = vi.spyOn(responder, 'respond')
    receiveLoop({
      libc: libc as unknown as Libc,
      sockets: [{ fd: 3, family, packetInfo: false }],
      arena,
      responder,
      counters: new CounterSlice(new Counters(0).handle(1)),
      signal: control,
      bell: -1,
      carryOut: () => [].values(),
    })
    const answerable = ports.flatMap((port, slot) => (port === 0 ? [] : [slot]))
    expect(sent).toEqual(answerable)
    expect(respond).toHaveBeenCalledTimes(answerable.length)
  })
})
