// Connections of whois clients: how many there may be, how long each may take, and that none is answered faster than it
// reads. The clock is the test's.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connections, IDLE_MS, TOTAL_MS } from '../../src/whois/connections.ts'
import { WhoisCounts } from '../../src/whois/counts.ts'
import { smallTable } from '../support/small-table.ts'

const table = smallTable()

let now: number
let counts: WhoisCounts
let connections: Connections
let server: Server
let clients: Socket[]

function make(limits?: { most?: number; perClient?: number }): void {
  counts = new WhoisCounts()
  connections = new Connections({ table: () => table, now: () => new Date(0) }, counts, limits, () => now)
}

beforeEach(async () => {
  now = 0
  clients = []
  make()
  server = createServer({ allowHalfOpen: true }, (socket) => connections.accept(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const client of clients) client.destroy()
  server.close()
})

/** A client, and all that it has received until the connection is closed. */
async function client(): Promise<{
  socket: Socket
  all: Promise<string>
  first: (part: string) => Promise<void>
}> {
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  clients.push(socket)
  let received = ''
  const all = new Promise<string>((resolve) => {
    socket.on('data', (octets) => {
      received += octets.toString('latin1')
    })
    socket.on('error', () => {})
    socket.once('end', () => resolve(received))
    socket.once('close', () => resolve(received))
  })
  await once(socket, 'connect')
  const first = async (part: string): Promise<void> => {
    while (!received.includes(part)) await once(socket, 'data')
  }
  return { socket, all, first }
}

const ROW = '15169   | 8.8.8.8          | Google LLC\n'

describe('a connection', () => {
  test('is closed after the answer to one query', async () => {
    const { socket, all } = await client()
    socket.write('-f 8.8.8.8\r\n')
    expect(await all).toBe(ROW)
  })

  test('octet by octet', async () => {
    const { socket, all } = await client()
    for (const octet of '-f 8.8.8.8\n') await new Promise((resolve) => socket.write(octet, resolve))
    expect(await all).toBe(ROW)
  })

  test('of a client that ends first gets all its answers', async () => {
    const { socket, all } = await client()
    socket.end(`begin\n${'8.8.8.8\n'.repeat(20_000)}`)
    const text = await all
    expect(text.split('\n')).toHaveLength(20_002)
    expect(counts.figures.queries.answer).toBe(20_000)
  })

  test('what comes after the end takes nothing from the answers', async () => {
    const { socket, all } = await client()
    socket.write(`begin\n8.8.8.8\nend\n${'8.8.8.8\n'.repeat(50_000)}`)
    expect(await all).toMatch(new RegExp(`\\n${ROW.replaceAll('|', '\\|')}$`))
    expect(counts.figures.queries.answer).toBe(1)
  })

  test('other connections are answered meanwhile', async () => {
    const long = await client()
    const short = await client()
    long.socket.write(`begin\n${'8.8.8.8\n'.repeat(50_000)}`)
    await long.first(ROW)
    short.socket.write('-f 8.8.8.8\n')
    expect(await short.all).toBe(ROW)
    expect(counts.figures.queries.answer).toBeLessThan(50_001)
  })
})

describe('time', () => {
  test('a silent client is cut off, one that sends is not', async () => {
    const silent = await client()
    const lively = await client()
    lively.socket.write('begin\n')
    await lively.first('Bulk mode')
    now = IDLE_MS
    lively.socket.write('-f 8.8.8.8\n')
    await lively.first(ROW)
    now = IDLE_MS + 1
    connections.sweep()
    expect(await silent.all).toBe('')
    expect(counts.figures).toMatchObject({ open: 1, connections: { accepted: 2, late: 1 } })
  })

  test('one that never ends is cut off in the end', async () => {
    const { socket, all, first } = await client()
    socket.write('begin\n')
    await first('Bulk mode')
    for (let i = 1; now + IDLE_MS <= TOTAL_MS; i++) {
      now += IDLE_MS
      socket.write(`-f AS${i}\n`)
      await first(`NA\n`.repeat(i))
      connections.sweep()
      expect(counts.figures.open).toBe(1)
    }
    now = TOTAL_MS + 1
    connections.sweep()
    await all
    expect(counts.figures).toMatchObject({ open: 0, connections: { late: 1 } })
  })
})

/** The server's end of a connection whose client takes nothing until `take` is called. */
function unreading() {
  const waiting: (() => void)[] = []
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      waiting.push(done)
    },
    writableHighWaterMark: 1024,
  })
  const take = (): void => {
    for (const done of waiting.splice(0)) done()
  }
  return { socket: socket as unknown as Socket, take }
}

test('a client that reads nothing is not answered further, and cut off', async () => {
  const { socket, take } = unreading()
  connections.accept(socket)
  socket.push(`begin\n${'8.8.8.8\n'.repeat(50_000)}`)
  let answered = -1
  while (counts.figures.queries.answer !== answered) {
    answered = counts.figures.queries.answer
    for (let i = 0; i < 10; i++) await setImmediate()
  }
  expect(answered).toBeGreaterThan(0)
  expect(answered).toBeLessThan(2000)
  now = IDLE_MS
  take()
  for (let i = 0; i < 10; i++) await setImmediate()
  expect(counts.figures.queries.answer).toBeGreaterThan(answered)
  connections.sweep()
  expect(counts.figures.open).toBe(1)
  now = 2 * IDLE_MS + 1
  connections.sweep()
  expect(socket.destroyed).toBe(true)
  expect(counts.figures).toMatchObject({ open: 0, connections: { late: 1 } })
})

test('what comes after the end buys no time', async () => {
  const { socket, take } = unreading()
  connections.accept(socket)
  socket.push('-f 8.8.8.8\n')
  await setImmediate()
  take()
  expect(counts.figures).toMatchObject({ open: 1, queries: { answer: 1 } })
  now = IDLE_MS
  socket.push('8.8.8.8\n')
  await setImmediate()
  expect(socket.readableLength).toBe(0)
  now = IDLE_MS + 1
  connections.sweep()
  expect(socket.destroyed).toBe(true)
  expect(counts.figures).toMatchObject({ open: 0, connections: { late: 1 }, queries: { answer: 1 } })
})

test('one more than there may be takes the place of the one that has done nothing for the longest', async () => {
  make({ most: 2 })
  const [a, b, c] = [unreading(), unreading(), unreading()]
  connections.accept(a.socket)
  connections.accept(b.socket)
  a.socket.push('begin\n')
  await setImmediate()
  connections.accept(c.socket)
  expect([a, b, c].map(({ socket }) => socket.destroyed)).toEqual([false, true, false])
  expect(counts.figures).toMatchObject({ open: 2, connections: { accepted: 3, displaced: 1, late: 0 } })
})

test('one more than a client may have takes the place of its own idlest, and of nobody else', async () => {
  make({ most: 10, perClient: 2 })
  const of = (address: string) => {
    const { socket } = unreading()
    return Object.assign(socket, { remoteAddress: address })
  }
  const other = of('192.0.2.2')
  const [a, b, c, d] = Array.from({ length: 4 }, () => of('192.0.2.1'))
  for (const socket of [other, a, b]) connections.accept(socket)
  a.push('begin\n')
  await setImmediate()
  connections.accept(c)
  expect([other, a, b, c].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false])
  // One that is closed makes room.
  c.destroy()
  await once(c, 'close')
  connections.accept(d)
  expect([other, a, d].map(({ destroyed }) => destroyed)).toEqual([false, false, false])
  expect(counts.figures).toMatchObject({ open: 3, connections: { accepted: 5, displaced: 1, late: 0 } })
})
