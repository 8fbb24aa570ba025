// Response rate limiting of the running server: over both UDP front ends, and over all threads and zones together.

import { createSocket } from 'node:dgram'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { query, RCODE, readMessage } from '../../support/message.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { type Address, overTcp, overUdp } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** With it every reply that is held back comes truncated, so that nobody waits for silence. */
const ALWAYS_SLIP = ['--rate-limit-slip', '1', '--rate-limit-exempt', '192.0.2.0/24']

/** Replies to queries that are all answered. */
interface Replies {
  readonly whole: number
  readonly cut: number
  /** Of those that were cut. */
  readonly rcodes: ReadonlySet<number>
  /** Seconds that have begun meanwhile: a second may turn before the first query arrives and behind the last. */
  readonly seconds: number
}

/** A network of its own: when the server starts it asks itself a few times, from 127.0.0.1. */
const ELSEWHERE = '127.0.1.1'

/** Sends queries at once, from as many ports as the kernel needs to spread them over all workers. */
async function flood(
  { host, port }: Address,
  queries: readonly Uint8Array[],
  { ports = 32, from = host }: { readonly ports?: number; readonly from?: string } = {},
): Promise<Replies> {
  const started = performance.now()
  const replies: Buffer[] = []
  const sockets = Array.from({ length: ports }, () => createSocket(host.includes(':') ? 'udp6' : 'udp4'))
  await new Promise<void>((resolve, reject) => {
    for (const [i, socket] of sockets.entries()) {
      socket.once('error', reject)
      socket.on('message', (reply) => {
        if (replies.push(reply) === queries.length) resolve()
      })
      socket.bind(0, from, () => {
        socket.connect(port, host, () => {
          for (let n = i; n < queries.length; n += ports) socket.send(queries[n])
        })
      })
    }
  }).finally(() => {
    for (const socket of sockets) socket.close()
  })
  const cut = replies.map(readMessage).filter(({ tc }) => tc)
  const seconds = Math.ceil((performance.now() - started) / 1000) + 1
  return {
    whole: replies.length - cut.length,
    cut: cut.length,
    rcodes: new Set(cut.map(({ rcode }) => rcode)),
    seconds,
  }
}

describe.each(['mmsg', 'dgram'])('UDP by %s', (udp) => {
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer(['--udp', udp, '--workers', '1', '--rate-limit', '1', ...ALWAYS_SLIP])
  })

  afterAll(() => server?.stop())

  test.each([
    ['IPv4', 0],
    ['IPv6', 1],
  ])('a burst over %s is cut, over TCP it is not', async (_, listener) => {
    const queries = Array.from({ length: 100 }, () => query(NAME))
    const { whole, cut } = await flood(server.addresses[listener], queries, { ports: 1 })
    expect(whole + cut).toBe(100)
    expect(cut).toBeGreaterThan(50)
    const replies = await overTcp(server.addresses[listener]).exchange(queries)
    expect(replies.filter((reply) => readMessage(reply).answers.length === 1)).toHaveLength(100)
  })

  test('a client with a cookie of this server is served without limit', async () => {
    const asker = new Asker(() => overTcp(server.addresses[0]))
    const first = { edns: { options: option(OPTION.cookie, Buffer.alloc(8, 3)) } }
    const cookie = optionsOf(await asker.ask(NAME, first))!.get(OPTION.cookie)!
    const octets = query(NAME, { edns: { options: option(OPTION.cookie, cookie) } })
    const queries = Array.from({ length: 100 }, () => octets)
    expect(await flood(server.addresses[0], queries, { ports: 1 })).toMatchObject({ whole: 100, cut: 0 })
  })
})

describe('two workers and all zones have one limit', () => {
  const ZONES = ['geo.asnzone.internal', 'origin.asn.cymru.com', 'asn.rspamd.com', 'origin.asnzone.internal']
  const LIMIT = 40
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer(['--workers', '2', '--rate-limit', String(LIMIT), ...ALWAYS_SLIP])
  })

  afterAll(() => server?.stop())

  test('a limit for the answers', async () => {
    const queries = Array.from({ length: 2000 }, (_, i) => query(`8.8.8.8.${ZONES[i % ZONES.length]}`))
    const { whole, cut, rcodes, seconds } = await flood(server.addresses[0], queries, { from: ELSEWHERE })
    expect(whole + cut).toBe(2000)
    expect(whole).toBeGreaterThanOrEqual(LIMIT)
    expect(whole).toBeLessThanOrEqual(LIMIT * seconds)
    expect(rcodes).toEqual(new Set([RCODE.NOERROR]))
  })

  test('a limit for NXDOMAIN, which stays NXDOMAIN when it is cut', async () => {
    const queries = Array.from({ length: 2000 }, (_, i) => query(`1.0.0.10.${ZONES[i % ZONES.length]}`))
    const { whole, rcodes, seconds } = await flood(server.addresses[1], queries)
    expect(whole).toBeGreaterThanOrEqual(LIMIT)
    expect(whole).toBeLessThanOrEqual(LIMIT * seconds)
    expect(rcodes).toEqual(new Set([RCODE.NXDOMAIN]))
  })
})

test('rate-limit-all: two workers, all zones and all kinds have one limit', async () => {
  const limits = ['--rate-limit', '1000', '--rate-limit-all', '50']
  const server = await startServer(['--workers', '2', ...limits, ...ALWAYS_SLIP])
  try {
    // No apex: its TXT is truncated over UDP for being too long beside the query, and would pass for one held back.
    const names = [
      NAME,
      '8.8.8.8.origin.asn.cymru.com',
      '1.0.0.10.geo.asnzone.internal',
      '8.8.geo.asnzone.internal',
    ]
    for (const name of names) {
      const [alone] = await overUdp(server.addresses[0]).exchange([query(name)])
      expect(readMessage(alone).tc).toBe(false)
    }
    // As many ports as are a multiple of the names send all of them, too.
    const queries = Array.from({ length: 2000 }, (_, i) => query(names[(i + (i >>> 5)) % names.length]))
    const { whole, cut, seconds } = await flood(server.addresses[0], queries, { from: ELSEWHERE })
    expect(whole + cut).toBe(2000)
    expect(whole).toBeGreaterThanOrEqual(50)
    expect(whole).toBeLessThanOrEqual(50 * seconds)
  } finally {
    await server.stop()
  }
})
