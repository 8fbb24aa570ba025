// How a command asks a server: what the system says of a closed port is told at once, and what has no room in UDP comes
// over TCP, from the same address.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { networksOf } from '../../src/app/treatment.ts'
import { askServer } from '../../src/cli/ask-server.ts'
import { AccessList } from '../../src/dns/access-list.ts'
import { LOCAL_HEADER } from '../../src/dns/proxy-header.ts'
import { formatListenAddress } from '../../src/system/listen-address.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** QR and TC, in the third octet. */
const TRUNCATED = 0x82

const open: (() => unknown)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A server for both protocols, with what it does with a query over UDP and over TCP. */
async function serverOn(
  host: string,
  onUdp: (query: Buffer, answer: (reply: Uint8Array) => void) => void,
  onTcp: (query: Buffer) => readonly Uint8Array[] = () => [],
): Promise<string> {
  const family = host === '::1' ? 6 : 4
  for (let attempt = 1; ; attempt++) {
    const udp: Socket = createSocket(`udp${family}`).bind(0, host)
    await once(udp, 'listening')
    const { port } = udp.address()
    udp.on('message', (query, from) => onUdp(query, (reply) => udp.send(reply, from.port, from.address)))
    const tcp: Server = createServer((socket) => {
      open.push(() => socket.destroy())
      socket.on('data', (query) => {
        for (const part of onTcp(query as Buffer)) socket.write(part)
        socket.end()
      })
    }).listen(port, host)
    try {
      await once(tcp, 'listening')
    } catch (error) {
      udp.close()
      if (attempt === 20) throw error
      continue
    }
    open.push(
      () => udp.close(),
      () => tcp.close(),
    )
    return formatListenAddress({ host, port })
  }
}

/** A query as a reply to itself. */
function replyTo(query: Buffer, flags = 0x80): Buffer {
  const reply = Buffer.from(query)
  reply[2] = flags
  return reply
}

const withLength = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.of(message.length >>> 8, message.length), message])

describe.each(['127.0.0.1', '::1'])('%s', (host) => {
  test('nobody listens there: told at once', async () => {
    const server = await serverOn(host, () => {})
    for (const close of open.splice(0)) await close()
    await expect(askServer(server, NAME, 'TXT', 30_000)).rejects.toThrow(/^nobody listens there$/)
  })

  test('a truncated reply is asked for again over TCP', async () => {
    const octets: number[] = []
    const server = await serverOn(
      host,
      (query, answer) => answer(replyTo(query, TRUNCATED)),
      (query) => {
        octets.push(query.length)
        const reply = withLength(replyTo(query.subarray(2)))
        return [reply.subarray(0, 1), reply.subarray(1, 9), reply.subarray(9)]
      },
    )
    expect(await askServer(server, NAME, 'TXT', 30_000)).toEqual({ rcode: 0, answers: [] })
    expect(octets).toHaveLength(1)
  })

  test('with the header of a proxy in front of both', async () => {
    const starts: Buffer[] = []
    const server = await serverOn(
      host,
      (query, answer) => {
        starts.push(query.subarray(0, LOCAL_HEADER.length))
        answer(replyTo(query.subarray(LOCAL_HEADER.length), TRUNCATED))
      },
      (query) => {
        starts.push(query.subarray(0, LOCAL_HEADER.length))
        return [withLength(replyTo(query.subarray(LOCAL_HEADER.length + 2)))]
      },
    )
    const proxies = new AccessList(networksOf('proxy-protocol', ['127.0.0.0/8', '::1/128']))
    expect(await askServer(server, NAME, 'TXT', 30_000, proxies)).toEqual({ rcode: 0, answers: [] })
    expect(starts).toEqual([Buffer.from(LOCAL_HEADER), Buffer.from(LOCAL_HEADER)])
  })
})

test('a reply with another number is none, nor is the query itself', async () => {
  const server = await serverOn('127.0.0.1', (query, answer) => {
    answer(query)
    const other = replyTo(query, 0x80)
    other[0] ^= 1
    other[3] = 5
    answer(other)
    answer(Buffer.of(1))
    answer(replyTo(query))
  })
  expect(await askServer(server, NAME, 'TXT', 30_000)).toEqual({ rcode: 0, answers: [] })
})

test('a connection that ends within a reply', async () => {
  const server = await serverOn(
    '127.0.0.1',
    (query, answer) => answer(replyTo(query, TRUNCATED)),
    (query) => [withLength(replyTo(query.subarray(2))).subarray(0, 20)],
  )
  await expect(askServer(server, NAME, 'TXT', 30_000)).rejects.toThrow(/^the connection was closed before$/)
})

test.each([
  ['the query itself', (query: Buffer) => [query]],
  ['nothing', () => [Buffer.of(0, 0)]],
])('what is no reply over TCP: %s', async (_, onTcp) => {
  const server = await serverOn('127.0.0.1', (query, answer) => answer(replyTo(query, TRUNCATED)), onTcp)
  await expect(askServer(server, NAME, 'TXT', 30_000)).rejects.toThrow(
    /^what it says is no reply to the query$/,
  )
})

test('silence', async () => {
  const server = await serverOn('127.0.0.1', () => {})
  await expect(askServer(server, NAME, 'TXT', 200)).rejects.toThrow(/^waited 0\.2 s$/)
})
