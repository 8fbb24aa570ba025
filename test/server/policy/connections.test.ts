// Connections of mail servers: what they may send, how many there may be, and how long they may be silent. The clock is
// the test's.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Attributes } from '../../../src/policy/request.ts'
import { Connection } from '../../../src/policy-server/connection.ts'
import { Connections } from '../../../src/policy-server/connections.ts'
import { PolicyClient, request } from '../../support/policy-client.ts'

const SECOND = 1000

let now: number
let server: Server
let connections: Connections
let faults: string[]
let passedOver: number
let clients: PolicyClient[]
/** What answers: the name of the account unless a test wants something else. */
let answer: (attributes: Attributes) => Promise<string | null>

async function serve(most: number): Promise<void> {
  connections = new Connections(
    most,
    {
      // What others ask is no part of a test, but tells that all before it was read.
      answer: async (attributes) =>
        attributes.get('sasl_username') === 'other' ? 'DUNNO other' : answer(attributes),
      onFault: (fault) => faults.push(fault),
      onPassedOver: (lines) => {
        passedOver += lines
      },
    },
    () => now,
  )
  server = createServer({ allowHalfOpen: true }, (socket) => connections.accept(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

beforeEach(async () => {
  now = 0
  faults = []
  passedOver = 0
  clients = []
  answer = async (attributes) => `DUNNO ${attributes.get('sasl_username')}`
  await serve(1000)
})
afterEach(() => {
  for (const client of clients) client.destroy()
  server.close()
})

async function connect(): Promise<PolicyClient> {
  const { port } = server.address() as AddressInfo
  const client = await PolicyClient.connect({ host: '127.0.0.1', port })
  clients.push(client)
  return client
}

/** A client that was answered: the other side has it. */
async function known(): Promise<PolicyClient> {
  const client = await connect()
  expect(await client.ask({ sasl_username: 'first' })).toBe('DUNNO first')
  return client
}

/** Resolves when what was written before has been read: others who came later are answered. */
async function reached(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const other = await connect()
    expect(await other.ask({ sasl_username: 'other' })).toBe('DUNNO other')
  }
}

test('answers come in the order of the requests, whichever is judged first', async () => {
  let judge: (action: string) => void = () => {}
  answer = (attributes) =>
    attributes.get('sasl_username') === 'slow'
      ? new Promise((resolve) => {
          judge = resolve
        })
      : Promise.resolve('DUNNO quick')
  const client = await connect()
  await client.write(request({ sasl_username: 'slow' }) + request({ sasl_username: 'quick' }))
  const other = await connect()
  expect(await other.ask({ sasl_username: 'quick' })).toBe('DUNNO quick')
  judge('DUNNO slow')
  expect([await client.receive(), await client.receive()]).toEqual([
    'action=DUNNO slow\n\n',
    'action=DUNNO quick\n\n',
  ])
})

test('a client that has said all gets its answers, and the connection is closed', async () => {
  const client = await connect()
  await client.write(request({ sasl_username: 'a' }) + request({ sasl_username: 'b' }))
  client.end()
  expect([await client.receive(), await client.receive(), await client.receive()]).toEqual([
    'action=DUNNO a\n\n',
    'action=DUNNO b\n\n',
    null,
  ])
})

test('all are closed at the end, whatever they wait for', async () => {
  answer = () => new Promise(() => {})
  const [idle, asking] = [await connect(), await connect()]
  await asking.write(request({ sasl_username: 'a' }))
  await reached()
  connections.close()
  await Promise.all([idle, asking].map((client) => client.closed()))
})

describe('F17: octets without end', () => {
  test.each([
    ['line too long', 'x='.padEnd(5000, 'x')],
    ['too many attributes', Array.from({ length: 101 }, (_, i) => `a${i}=\n`).join('')],
    ['request too long', Array.from({ length: 20 }, (_, i) => `a${i}=${'x'.repeat(3000)}\n`).join('')],
  ])('%s: what was asked before is answered, then it is closed', async (fault, octets) => {
    const client = await connect()
    await client.write(request({ sasl_username: 'before' }) + octets + request({ sasl_username: 'after' }))
    expect([await client.receive(), await client.receive()]).toEqual(['action=DUNNO before\n\n', null])
    expect(faults).toEqual([fault])
  })

  test('a client that sends and never reads makes us keep little', async () => {
    const client = await connect()
    client.pause()
    let answered = 0
    answer = async () => {
      answered++
      return `REJECT ${'x'.repeat(300)}`
    }
    const many = request({ sasl_username: 'a' }).repeat(1000)
    // It is not taken any more: the write stays in its own buffers.
    for (let i = 0; i < 100; i++) void client.write(many)
    let before = -1
    while (answered !== before) {
      before = answered
      await reached()
    }
    expect(answered).toBeLessThan(100_000)
  })

  test('nor does one that sends a request after the other, each on its own', async () => {
    let answered = 0
    const calls = {
      answer: async () => `DUNNO ${++answered}`.padEnd(100_000),
      onFault: () => {},
      onPassedOver: () => {},
    }
    // What is written to it is never taken.
    const socket = new Duplex({ read: () => {}, write: () => {} })
    new Connection(
      socket as Socket,
      calls,
      () => now,
      () => {},
    )
    for (let i = 0; i < 20; i++) {
      socket.push(request({ sasl_username: 'a' }))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(answered).toBe(1)
    expect(socket.writableLength).toBeLessThan(200_000)
    socket.destroy()
  })
})

test('lines that are not an attribute are passed over, and counted', async () => {
  const client = await connect()
  await client.write('what is this\nsasl_username=anna\nbad=\u0001\n\n')
  expect(await client.receive()).toBe('action=DUNNO anna\n\n')
  expect(passedOver).toBe(2)
})

describe('silence', () => {
  test('of 100 s within a request ends it, octets now and then or not', async () => {
    const [client, idle] = [await known(), await known()]
    await client.write('request=')
    await reached()
    now += 60 * SECOND
    connections.sweep()
    await client.write('smtpd')
    await reached()
    now += 41 * SECOND
    connections.sweep()
    await client.closed()
    expect(await idle.ask({ sasl_username: 'still' })).toBe('DUNNO still')
  })

  test('of 1,100 s between requests ends it', async () => {
    const client = await known()
    now += 1100 * SECOND
    connections.sweep()
    expect(await client.ask({ sasl_username: 'still' })).toBe('DUNNO still')
    now += 1101 * SECOND
    connections.sweep()
    await client.closed()
  })

  test('of ours is not the client to blame for', async () => {
    let judge: (action: string) => void = () => {}
    answer = () =>
      new Promise((resolve) => {
        judge = resolve
      })
    const client = await connect()
    await client.write(request({ sasl_username: 'slow' }))
    await reached()
    now += 5000 * SECOND
    connections.sweep()
    judge('DUNNO at last')
    expect(await client.receive()).toBe('action=DUNNO at last\n\n')
  })
})

describe('where all places are taken', () => {
  beforeEach(async () => {
    server.close()
    await serve(3)
  })

  test('the one that has been idle the longest makes room', async () => {
    const [a, b, c] = [await known(), await known(), await known()]
    expect(await a.ask({ sasl_username: 'a' })).toBe('DUNNO a')
    const d = await known()
    await b.closed()
    expect(await c.ask({ sasl_username: 'c' })).toBe('DUNNO c')
    expect(await a.ask({ sasl_username: 'a' })).toBe('DUNNO a')
    expect(await d.ask({ sasl_username: 'd' })).toBe('DUNNO d')
    expect(connections.open).toBe(3)
  })

  test('and none is idle, the one whose request has been incomplete the longest makes room', async () => {
    const halves = [await known(), await known(), await known()]
    for (const half of halves) {
      await half.write(`${request({ sasl_username: 'other' })}request=`)
      expect(await half.receive()).toBe('action=DUNNO other\n\n')
      now += SECOND
    }
    const client = await connect()
    expect(await client.ask({ sasl_username: 'whole' })).toBe('DUNNO whole')
    await halves[0].closed()
    await halves[1].write(request({ sasl_username: 'late' }).slice('request='.length))
    expect(await halves[1].receive()).toBe('action=DUNNO late\n\n')
    expect(connections.open).toBe(3)
  })

  test('and all wait for us, who comes last is closed', async () => {
    let asked = 0
    await new Promise<void>((resolve) => {
      answer = () => {
        if (++asked === 3) resolve()
        return new Promise(() => {})
      }
      for (let i = 0; i < 3; i++) {
        void connect().then((client) => client.write(request({ sasl_username: 'busy' })))
      }
    })
    await (await connect()).closed()
    expect(connections.open).toBe(3)
  })
})
