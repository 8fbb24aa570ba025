// TCP clients that are a burden (RFC 7766 6.2, 10), beside what test/server/tcp.test.ts does over one connection.

import { once } from 'node:events'
import { connect, Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HEADER_LENGTH } from '../../../src/dns/protocol.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { CounterSlice, Counters } from '../../../src/server/counters.ts'
import { TcpFrontEnd, type TcpOptions } from '../../../src/server/tcp.ts'
import { TcpConnection } from '../../../src/server/tcp-connection.ts'
import { Asker } from '../../support/asker.ts'
import { StubbornSocket, settled } from '../../support/conformance/sockets.ts'
import { query, readMessage } from '../../support/message.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'
import { framed, TcpClient } from '../../support/tcp-client.ts'
import { type Address, overTcp, overUdp } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const QUERY = framed(query(NAME))
const responder = new Responder(smallTable(), smallZoneSet())
const counters = new CounterSlice(new Counters(0).handle(0))

/** Registers what has to be closed when a test ends. */
const open: (() => unknown)[] = []
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await Promise.all(open.splice(0).map((close) => close()))
})

describe('a client that does not read', () => {
  const CHUNK = Buffer.concat(Array.from({ length: 1000 }, () => QUERY))

  test('RFC 7766 6.2.3: is not read from either, so that its replies take a bounded memory', async () => {
    const socket = new StubbornSocket()
    let messages = 0
    const connection = new TcpConnection(socket as unknown as Socket, '127.0.0.1', 10_000, () => messages++)
    open.push(() => connection.close())
    connection.start(responder, counters)
    // One more than the server wants, for as long as it wants any.
    let sent = 0
    for (let refused = 0; refused < 100; await settled()) {
      if (socket.arrive(CHUNK)) sent++
      else refused++
    }
    // At most one read beyond what fits the buffer of the stream.
    expect(sent).toBeLessThanOrEqual(2)
    expect(socket.writableLength).toBeLessThan(16384 + 2048)
    expect(messages).toBeLessThan(1000)

    socket.startReading()
    while (messages < sent * 1000) await settled()
    const replies = Buffer.concat(socket.taken)
    let count = 0
    for (let at = 0; at < replies.length; at += 2 + replies.readUInt16BE(at)) count++
    expect(count).toBe(sent * 1000)
  })

  test('RFC 7766 6.2.3: is closed when it has been idle for long enough, replies or not', () => {
    vi.useFakeTimers()
    const socket = new StubbornSocket()
    const connection = new TcpConnection(socket as unknown as Socket, '127.0.0.1', 10_000, () => {})
    connection.start(responder, counters)
    socket.arrive(CHUNK)
    vi.advanceTimersByTime(10_001)
    expect(socket.destroyed).toBe(true)
  })
})

describe('timers', () => {
  const IDLE = 10_000

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })

  function connected(): StubbornSocket {
    const socket = new StubbornSocket()
    const connection = new TcpConnection(socket as unknown as Socket, '127.0.0.1', IDLE, () => {})
    connection.start(responder, counters)
    socket.startReading()
    open.push(() => connection.close())
    return socket
  }

  test('RFC 7766 6.2.3: a whole message restarts the idle timer', async () => {
    const socket = connected()
    for (let n = 0; n < 5; n++) {
      vi.advanceTimersByTime(IDLE - 1)
      socket.arrive(QUERY)
      await settled()
    }
    expect(socket.destroyed).toBe(false)
    vi.advanceTimersByTime(IDLE)
    expect(socket.destroyed).toBe(true)
    expect(socket.taken).toHaveLength(5)
  })

  test('RFC 7766 6.2.3: octets that are not a whole message do not', async () => {
    const socket = connected()
    for (const octet of QUERY.subarray(0, 9)) {
      vi.advanceTimersByTime(IDLE / 10)
      socket.arrive(Uint8Array.of(octet))
      await settled()
    }
    expect(socket.destroyed).toBe(false)
    vi.advanceTimersByTime(IDLE / 10)
    expect(socket.destroyed).toBe(true)
  })

  test('RFC 7766 10: no connection lasts for ever, however busy it is', async () => {
    const socket = connected()
    let seconds = 0
    for (; !socket.destroyed && seconds < 3600; seconds += 5) {
      socket.arrive(QUERY)
      await settled()
      vi.advanceTimersByTime(5000)
    }
    expect(seconds).toBe(600)
  })
})

describe('limits', () => {
  /** A front end of this process, and the most connections that it ever had. */
  async function start(options: Partial<TcpOptions>) {
    const frontEnd = new TcpFrontEnd({ connections: 100, perClient: 100, idle: 60_000, ...options })
    const port = await frontEnd.bind({ host: '127.0.0.1', port: 0, family: 4 })
    let max = 0
    const emit = Server.prototype.emit
    vi.spyOn(Server.prototype, 'emit').mockImplementation(function (this: Server, ...event) {
      const heard = emit.apply(this, event)
      max = Math.max(max, frontEnd.connections)
      return heard
    })
    frontEnd.start(responder, counters)
    open.push(() => frontEnd.close())
    return { frontEnd, address: { host: '127.0.0.1', port }, maxConnections: () => max }
  }

  async function client(address: Address): Promise<TcpClient> {
    const connection = await TcpClient.connect(address)
    open.push(() => connection.destroy())
    return connection
  }

  const isAnswered = async (connection: TcpClient): Promise<boolean> => {
    connection.send(query(NAME))
    return (await connection.receive()) !== null
  }

  test('RFC 7766 6.2.3: a newcomer gets the place of whoever was idle the longest', async () => {
    const { address } = await start({ connections: 3 })
    const [first, second, third] = [await client(address), await client(address), await client(address)]
    for (const connection of [first, second, third, first]) expect(await isAnswered(connection)).toBe(true)
    const fourth = await client(address)
    expect(await isAnswered(fourth)).toBe(true)
    expect(await second.receive()).toBeNull()
    const fifth = await client(address)
    expect(await isAnswered(fifth)).toBe(true)
    expect(await third.receive()).toBeNull()
    for (const connection of [first, fourth, fifth]) expect(await isAnswered(connection)).toBe(true)
  })

  test('RFC 7766 6.2.3: the limit holds at every moment of a burst', async () => {
    const { frontEnd, address, maxConnections } = await start({ connections: 5, perClient: 1000 })
    const clients = await Promise.all(Array.from({ length: 200 }, () => client(address)))
    const last = await client(address)
    expect(await isAnswered(last)).toBe(true)
    expect(maxConnections()).toBe(5)
    expect(frontEnd.connections).toBe(5)
    const closed = await Promise.all(clients.slice(0, 100).map((connection) => connection.receive()))
    expect(closed).toEqual(new Array(100).fill(null))
  })

  test('RFC 7766 6.2.3: one client has a limit of its own, and its own idlest connection leaves', async () => {
    const { frontEnd, address } = await start({ perClient: 2 })
    const other = connect({ ...address, localAddress: '127.0.0.9' })
    open.push(() => other.destroy())
    const ask = async () => {
      other.write(QUERY)
      const [reply] = (await once(other, 'data')) as [Buffer]
      return readMessage(reply.subarray(2)).answers
    }
    expect(await ask()).toHaveLength(1)
    const [first, second] = [await client(address), await client(address)]
    // The second one is the idlest now; the other client's is idler still.
    for (const connection of [second, first]) expect(await isAnswered(connection)).toBe(true)
    const third = await client(address)
    expect(await isAnswered(third)).toBe(true)
    expect(await second.receive()).toBeNull()
    expect(await isAnswered(first)).toBe(true)
    expect(await isAnswered(await client(address))).toBe(true)
    expect(await third.receive()).toBeNull()
    expect(await ask()).toHaveLength(1)
    expect(frontEnd.counts).toEqual({ open: 3, accepted: 5, displaced: 2 })
  })

  test('RFC 7766 6.2.3: a client that goes leaves no trace in its limit', async () => {
    const { frontEnd, address } = await start({ perClient: 2 })
    for (let n = 0; n < 10; n++) {
      const one = await client(address)
      expect(await isAnswered(one)).toBe(true)
      one.destroy()
      while (frontEnd.connections > 0) await settled()
    }
    expect(frontEnd.counts).toEqual({ open: 0, accepted: 10, displaced: 0 })
  })

  test('RFC 7766 6.2.3: the limit of one client holds at every moment of a burst', async () => {
    const { frontEnd, address, maxConnections } = await start({ connections: 50, perClient: 5 })
    await Promise.all(Array.from({ length: 100 }, () => client(address)))
    expect(await isAnswered(await client(address))).toBe(true)
    expect(maxConnections()).toBe(5)
    expect(frontEnd.connections).toBe(5)
  })

  test('RFC 7766 6.2.3: whoever lost the place counts no more', async () => {
    const { address } = await start({ connections: 2, perClient: 3 })
    for (let n = 0; n < 10; n++) expect(await isAnswered(await client(address))).toBe(true)
  })
})

describe.each(['mmsg', 'dgram'])('the built server, UDP by %s', (udp) => {
  const LIMIT = 100
  let server: RunningServer

  beforeEach(async () => {
    server = await startServer([
      '--udp',
      udp,
      '--tcp-connections',
      String(LIMIT),
      '--tcp-per-client',
      '30',
      '--tcp-idle',
      '60',
    ])
    open.push(() => server.stop())
  })

  test('RFC 7766 10: 500 connections stop neither UDP nor new TCP clients', async () => {
    const [{ host, port }] = server.addresses
    let closed = 0
    for (let n = 0; n < 500; n++) {
      const socket = connect({ host, port, localAddress: `127.0.1.${1 + (n % 20)}` })
      open.push(() => socket.destroy())
      const opened = once(socket, 'connect')
      socket.on('close', () => closed++)
      socket.on('error', () => {})
      socket.resume()
      await opened
      // Every third one holds half a query.
      if (n % 3 === 0) socket.write(QUERY.subarray(0, HEADER_LENGTH))
      if (n % 50 === 0) {
        for (const transport of [overUdp({ host, port }), overTcp({ host, port })]) {
          expect((await new Asker(() => transport).ask(NAME)).answers).toHaveLength(1)
        }
      }
    }
    while (closed < 500 - LIMIT) await new Asker(() => overUdp({ host, port })).ask(NAME)
    expect((await new Asker(() => overTcp({ host, port })).ask(NAME)).answers).toHaveLength(1)
  })

  test('RFC 7766 6.2.1.1: a client with ever more queries leaves UDP its turn', async () => {
    const [address] = server.addresses
    const client = await TcpClient.connect(address)
    open.push(() => client.destroy())
    const count = 100_000
    void client.write(Buffer.concat(Array.from({ length: count }, () => QUERY)))
    let answered = 0
    const all = (async () => {
      while (answered < count && (await client.receive()) !== null) answered++
    })()
    expect((await new Asker(() => overUdp(address)).ask(NAME)).answers).toHaveLength(1)
    expect(answered).toBeLessThan(count)
    await all
    expect(answered).toBe(count)
  })
})
