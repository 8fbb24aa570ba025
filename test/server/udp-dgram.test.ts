// The front end on node:dgram, where a socket can be made to say what no client could be made to send.

import { createSocket, type Socket } from 'node:dgram'
import { afterEach, expect, test, vi } from 'vitest'
import { Responder } from '../../src/dns/responder.ts'
import { Counters } from '../../src/server/counters.ts'
import type { Service } from '../../src/server/service.ts'
import { DgramFrontEnd } from '../../src/server/udp-dgram.ts'
import { Asker } from '../support/asker.ts'
import { query } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { overUdp } from '../support/transports.ts'

vi.mock('node:dgram', async (original) => {
  const dgram = await original<typeof import('node:dgram')>()
  return { ...dgram, createSocket: vi.fn(dgram.createSocket) }
})

const NAME = '8.8.8.8.geo.asnzone.internal'
/** What the responder above is not made from. */
const NO_SERVICE = {} as Service

const frontEnds: DgramFrontEnd[] = []

afterEach(() => Promise.all(frontEnds.splice(0).map((frontEnd) => frontEnd.close())))

/** A front end that answers on a free port, and its socket. */
async function started(): Promise<{ port: number; socket: Socket }> {
  const frontEnd = new DgramFrontEnd(
    () => new Responder(smallTable(), smallZoneSet()),
    new Counters(0).handle(1),
    () => {},
  )
  frontEnds.push(frontEnd)
  vi.mocked(createSocket).mockClear()
  const { port } = await frontEnd.bind({ host: '127.0.0.1', port: 0, family: 4 })
  await frontEnd.start(NO_SERVICE)
  return { port, socket: vi.mocked(createSocket).mock.results[0].value as Socket }
}

test('a query from port 0 is dropped: send() would throw', async () => {
  const { port, socket } = await started()
  const send = vi.spyOn(socket, 'send')
  const sender = { address: '127.0.0.1', family: 'IPv4', port: 0, size: 46 }
  expect(socket.emit('message', query(NAME), sender)).toBe(true)
  expect(send).not.toHaveBeenCalled()
  expect((await new Asker(() => overUdp({ host: '127.0.0.1', port })).ask(NAME)).answers).toHaveLength(1)
})

test('an error of the socket does not end it', async () => {
  const { port, socket } = await started()
  socket.emit('error', Object.assign(new Error('recvmsg'), { code: 'ECONNREFUSED' }))
  expect((await new Asker(() => overUdp({ host: '127.0.0.1', port })).ask(NAME)).answers).toHaveLength(1)
})
