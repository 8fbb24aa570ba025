// The built server over TCP (RFC 7766): what clients do to a connection, and what a server must bear.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Asker } from '../support/asker.ts'
import { query, RCODE, readMessage } from '../support/message.ts'
import { checkReply } from '../support/oracles.ts'
import { LONG_LABELS, ownZonesFolder } from '../support/own-zones.ts'
import { type RunningServer, startServer } from '../support/programs.ts'
import { framed, TcpClient } from '../support/tcp-client.ts'
import { type Address, overTcp, overUdp } from '../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const LONGEST = `8.8.8.8.${LONG_LABELS}.asnzone.internal`

/** Connections that one of the servers has places for. */
const FEW = 3

let server: RunningServer
let few: RunningServer
let stingy: RunningServer
let hasty: RunningServer
let address: Address

beforeAll(async () => {
  server = await startServer(['--zones', ownZonesFolder()])
  address = server.addresses[0]
  few = await startServer(['--tcp-connections', String(FEW)])
  stingy = await startServer(['--tcp-per-client', '1'])
  hasty = await startServer(['--tcp-idle', '0.3'])
})

afterAll(() => Promise.all([server, few, stingy, hasty].map((running) => running?.stop())))

/** Runs a test with a connection that is gone afterwards. */
async function withClient<T>(to: Address, use: (client: TcpClient) => Promise<T>): Promise<T> {
  const client = await TcpClient.connect(to)
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

async function expectAnswer(client: TcpClient, octets: Uint8Array): Promise<void> {
  const reply = await client.receive()
  expect(reply).not.toBeNull()
  expect(checkReply(octets, reply!).answers).toHaveLength(1)
}

async function askAndExpect(client: TcpClient): Promise<void> {
  client.send(query(NAME))
  await expectAnswer(client, query(NAME))
}

describe('messages', () => {
  test('one connection, several queries, one after the other', () =>
    withClient(address, async (client) => {
      for (let id = 0; id < 5; id++) {
        const octets = query(NAME, { id })
        client.send(octets)
        await expectAnswer(client, octets)
      }
    }))

  test('pipelining: all queries at once, all are answered, IDs kept (RFC 7766 6.2.1.1, 7)', () =>
    withClient(address, async (client) => {
      const ids = Array.from({ length: 1000 }, (_, i) => i)
      void client.write(Buffer.concat(ids.map((id) => framed(query(NAME, { id })))))
      const answered = []
      for (const _ of ids) answered.push(readMessage((await client.receive())!).id)
      expect(answered.sort((one, other) => one - other)).toEqual(ids)
    }))

  test('one octet at a time (RFC 7766 8)', () =>
    withClient(address, async (client) => {
      const octets = query(NAME, { edns: {} })
      for (const octet of framed(octets)) await client.write(Uint8Array.of(octet))
      await expectAnswer(client, octets)
    }))

  test('a segment that ends in the middle of a length', () =>
    withClient(address, async (client) => {
      const [first, second] = [query(NAME, { id: 1 }), query(NAME, { id: 2 })]
      const octets = Buffer.concat([framed(first), framed(second)])
      const middle = framed(first).length + 1
      await client.write(octets.subarray(0, middle))
      await expectAnswer(client, first)
      await client.write(octets.subarray(middle))
      await expectAnswer(client, second)
    }))

  test('half close: the replies still come, then the end (RFC 7766 6.2.3)', () =>
    withClient(address, async (client) => {
      const queries = Array.from({ length: 500 }, (_, id) => query(NAME, { id }))
      for (const octets of queries) client.send(octets)
      client.end()
      for (const octets of queries) await expectAnswer(client, octets)
      expect(await client.receive()).toBeNull()
    }))

  test('half close in the middle of a message: what was whole is answered', () =>
    withClient(address, async (client) => {
      const octets = query(NAME)
      void client.write(Buffer.concat([framed(octets), framed(octets).subarray(0, 20)]))
      client.end()
      await expectAnswer(client, octets)
      expect(await client.receive()).toBeNull()
    }))

  test.each([0, 1, 11])(
    'a message of %i octets ends the connection: what follows cannot be trusted',
    (length) =>
      withClient(address, async (client) => {
        const short = framed(query(NAME).subarray(0, length))
        void client.write(Buffer.concat([short, framed(query(NAME))]))
        expect(await client.receive()).toBeNull()
      }),
  )

  test('a message of 65535 octets', () =>
    withClient(address, async (client) => {
      const longest = Buffer.concat([query(NAME), Buffer.alloc(65535)]).subarray(0, 65535)
      client.send(longest)
      expect(checkReply(longest, (await client.receive())!).rcode).toBe(RCODE.FORMERR)
      await askAndExpect(client)
    }))
})

describe('clients that are a burden', () => {
  test('one that does not read: others are served, and it gets every reply in the end', () =>
    withClient(address, async (client) => {
      const count = 10_000
      client.pause()
      const octets = framed(query(LONGEST))
      void client.write(Buffer.concat(Array.from({ length: count }, () => octets)))
      for (const transport of [overUdp(address), overTcp(address)]) {
        expect((await new Asker(() => transport).ask(NAME)).answers).toHaveLength(1)
      }
      client.resume()
      for (let n = 0; n < count; n++) {
        const reply = await client.receive()
        if (reply === null || reply.length < 1000) throw new Error(`reply ${n} is missing or short`)
      }
      await askAndExpect(client)
    }))

  test('one that goes away without reading', async () => {
    await withClient(address, async (client) => {
      client.pause()
      await client.write(Buffer.concat(Array.from({ length: 500 }, () => framed(query(NAME)))))
    })
    expect((await new Asker(() => overTcp(address)).ask(NAME)).answers).toHaveLength(1)
  })

  test('one that says nothing is disconnected', () =>
    withClient(hasty.addresses[0], async (client) => {
      expect(await client.receive()).toBeNull()
    }))

  test('one that was answered and says nothing more is disconnected', () =>
    withClient(hasty.addresses[0], async (client) => {
      await askAndExpect(client)
      expect(await client.receive()).toBeNull()
    }))

  test('one that trickles octets and never a whole message is disconnected', () =>
    withClient(hasty.addresses[0], async (client) => {
      void client.write(Uint8Array.of(0xff, 0xff))
      const trickle = setInterval(() => void client.write(Uint8Array.of(0)), 20)
      expect(await client.receive()).toBeNull()
      clearInterval(trickle)
    }))

  test('one too many takes the place of the one that was idle the longest', async () => {
    const [to] = few.addresses
    const clients: TcpClient[] = []
    for (let n = 0; n < FEW; n++) {
      clients.push(await TcpClient.connect(to))
      await askAndExpect(clients[n])
    }
    await askAndExpect(clients[0])
    await withClient(to, askAndExpect)
    expect(await clients[1].receive()).toBeNull()
    for (const client of [clients[0], clients[2]]) await askAndExpect(client)
    for (const client of clients) client.destroy()
  })

  test('a client that has all its connections gets another one, and its own idlest leaves', async () => {
    const [to] = stingy.addresses
    await withClient(to, async (first) => {
      await askAndExpect(first)
      await withClient(to, async (second) => {
        await askAndExpect(second)
        expect(await first.receive()).toBeNull()
      })
    })
    await withClient(to, askAndExpect)
  })
})
