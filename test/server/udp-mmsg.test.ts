// The recvmmsg front end by itself: its threads, their deaths, and a table that is swapped under load.
//
// It is the built front end, because threads are started from dist/.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { outcomeNames } from '../../src/dns/outcome.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import { Counters } from '../../src/server/counters.ts'
import type { Service } from '../../src/server/service.ts'
import type { MmsgFrontEnd } from '../../src/server/udp-mmsg.ts'
import { MAX_THREADS } from '../../src/system/threads.ts'
import { MAX_DEFINITIONS } from '../../src/zones/limits.ts'
import { query, TYPE } from '../support/message.ts'
import { ROWS, smallTable } from '../support/small-table.ts'

const built = (await import(new URL('../../dist/server/udp-mmsg.js', import.meta.url).href)) as {
  MmsgFrontEnd: typeof MmsgFrontEnd
}

const definitions = readZoneDefinitions(undefined, [])

/** A service whose 8.8.8.0/24 is run by an AS of this name. */
function serviceOf(name: string): Service {
  const table = smallTable(ROWS.map((row) => (row.asn === 15169 ? { ...row, name } : row)))
  return {
    table: table.buffer,
    definitions,
    zoneSetOptions: zoneSetOptions(loadSettings({}), table.metadata()),
    treatment: OPEN_POLICY,
  }
}

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((it) => it.close()))
})

/** A front end that is about to answer. */
async function bind(workers: number, hosts: readonly string[], deaths: string[] = []) {
  const counters = new Counters(definitions.length)
  const frontEnd = await built.MmsgFrontEnd.create({
    workers,
    counters: (slice) => counters.handle(slice),
    ring: () => null,
    onWorkerDeath: (worker, reason) => deaths.push(`${worker}: ${reason.message}`),
  })
  open.push(frontEnd)
  const ports: number[] = []
  for (const host of hosts) {
    const family = host.includes(':') ? 6 : 4
    const octets = family === 4 ? Uint8Array.from(host.split('.'), Number) : ipv6Octets(host)
    ports.push((await frontEnd.bind({ host, port: 0, family }, octets)).port)
  }
  const starting = frontEnd.start(serviceOf('first'))
  return { frontEnd, counters, ports, starting }
}

async function start(...args: Parameters<typeof bind>) {
  const bound = await bind(...args)
  await bound.starting
  return bound
}

/** The few IPv6 addresses of these tests. */
function ipv6Octets(host: string): Uint8Array {
  const octets = new Uint8Array(16)
  if (host === '::1') octets[15] = 1
  return octets
}

/** A client whose socket takes replies from the address that it asked only. */
async function connect(port: number, host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.connect(port, host)
  await once(socket, 'connect')
  open.push({ close: () => socket.close() })
  return socket
}

const question = (id: number): Uint8Array => query('8.8.8.8.geo.asnzone.internal', { id, type: TYPE.TXT })

async function ask(socket: Socket, id: number): Promise<Buffer> {
  socket.send(question(id))
  const [reply] = (await once(socket, 'message')) as [Buffer]
  return reply
}

const nameIn = (reply: Buffer): string => /15169 \| (\w+) \|/.exec(reply.toString('latin1'))?.[1] ?? 'none'

describe('workers', () => {
  test.each([
    ['one worker, one address', 1, ['127.0.0.1']],
    ['one worker, two addresses', 1, ['127.0.0.1', '::1']],
    ['four workers, three addresses', 4, ['127.0.0.1', '127.0.0.2', '::1']],
  ])('%s answer on each', async (_, workers, hosts) => {
    const { ports } = await start(workers, hosts)
    for (const [i, host] of hosts.entries()) {
      const socket = await connect(ports[i], host)
      for (let id = 1; id <= 20; id++) expect((await ask(socket, id)).readUInt16BE(0)).toBe(id)
    }
  })

  test('have room for the most zones, twice while they are replaced', async () => {
    const deaths: string[] = []
    const { frontEnd, ports } = await start(1, ['127.0.0.1'], deaths)
    const [top] = definitions
    const many = Array.from({ length: MAX_DEFINITIONS - definitions.length }, (_, i) => ({
      ...top,
      id: `many-${i}`,
      apex: Array.from({ length: 2 }, (_, n) => `z${i}.n${n}.example`),
    }))
    const socket = await connect(ports[0], '127.0.0.1')
    for (const name of ['second', 'third']) {
      await frontEnd.replace({ ...serviceOf(name), definitions: [...definitions, ...many] })
      expect(nameIn(await ask(socket, 1))).toBe(name)
    }
    expect(deaths).toEqual([])
  })

  test('share the clients of an address', async () => {
    const { ports, counters } = await start(2, ['127.0.0.1'])
    for (let client = 0; client < 40; client++) await ask(await connect(ports[0], '127.0.0.1'), 1)
    const geo = definitions.findIndex(({ id }) => id === 'geo')
    const octets = counters.buffer.byteLength / MAX_THREADS
    const slices = [0, 1].map((slice) => new Float64Array(counters.buffer, slice * octets, octets / 8))
    expect(counters.of(geo).answer).toBe(40)
    for (const slice of slices) expect(slice[(geo + 1) * outcomeNames.length]).toBeGreaterThan(0)
  })

  test('answer a full batch with silence in the middle of it', async () => {
    const { ports } = await start(1, ['127.0.0.1'])
    const socket = await connect(ports[0], '127.0.0.1')
    const ids = Array.from({ length: 300 }, (_, i) => i + 1)
    const seen = new Set<number>()
    const all = new Promise<void>((resolve) => {
      socket.on('message', (reply) => {
        seen.add(reply.readUInt16BE(0))
        if (seen.size === 200) resolve()
      })
    })
    // Every third packet is a response, which nobody answers.
    for (const id of ids) {
      const packet = question(id)
      if (id % 3 === 0) packet[2] |= 0x80
      socket.send(packet)
    }
    await all
    expect([...seen].sort((a, b) => a - b)).toEqual(ids.filter((id) => id % 3 !== 0))
  })
})

describe('on a wildcard', () => {
  test.each([['127.0.0.1'], ['127.0.0.2'], ['127.9.9.9']])(
    'RFC 2181 4.1: replies leave from %s, which was asked',
    async (host) => {
      const { ports } = await start(1, ['0.0.0.0'])
      expect(nameIn(await ask(await connect(ports[0], host), 7))).toBe('first')
    },
  )

  test('RFC 2181 4.1: replies leave from ::1, which was asked', async () => {
    const { ports } = await start(1, ['::', '127.0.0.1'])
    expect(nameIn(await ask(await connect(ports[0], '::1'), 7))).toBe('first')
  })
})

describe('a swap', () => {
  test('is complete when it resolves', async () => {
    const { frontEnd, ports } = await start(2, ['127.0.0.1'])
    const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(ports[0], '127.0.0.1')))
    for (const name of ['second', 'third', 'fourth']) {
      await frontEnd.replace(serviceOf(name))
      for (const socket of sockets) expect(nameIn(await ask(socket, 1))).toBe(name)
    }
  })

  test('of a service that no worker has begun to answer from', async () => {
    const { frontEnd, ports, starting } = await bind(2, ['127.0.0.1'])
    await frontEnd.replace(serviceOf('second'))
    await starting
    expect(nameIn(await ask(await connect(ports[0], '127.0.0.1'), 1))).toBe('second')
  })

  test('loses nothing and mixes nothing while queries come', async () => {
    const { frontEnd, ports } = await start(2, ['127.0.0.1'])
    const services = [serviceOf('even'), serviceOf('odd')]
    let swapping = true
    const clients = Array.from({ length: 4 }, async () => {
      const socket = await connect(ports[0], '127.0.0.1')
      const names = new Set<string>()
      let asked = 0
      for (; swapping || asked < 100; asked++) {
        const reply = await ask(socket, asked & 0xffff)
        expect(reply.readUInt16BE(0)).toBe(asked & 0xffff)
        names.add(nameIn(reply))
      }
      return names
    })
    for (let swap = 0; swap < 30; swap++) await frontEnd.replace(services[swap % 2])
    swapping = false
    for (const names of await Promise.all(clients)) {
      for (const name of names) expect(['first', 'even', 'odd']).toContain(name)
    }
  })
})

describe('a worker that dies', () => {
  test('is told of, is started again, and what waited in its socket is answered', async () => {
    const deaths: string[] = []
    const { frontEnd, ports } = await start(1, ['127.0.0.1'], deaths)
    const socket = await connect(ports[0], '127.0.0.1')
    expect(nameIn(await ask(socket, 1))).toBe('first')
    expect(await frontEnd.isAlive()).toBe(true)
    // A table that can't be opened ends the thread.
    await frontEnd.replace({ ...serviceOf('broken'), table: new SharedArrayBuffer(8) })
    expect(deaths).toEqual(['0: not a compiled table: it is shorter than a header'])
    expect(await frontEnd.isAlive()).toBe(false)
    const reply = ask(socket, 2)
    await frontEnd.replace(serviceOf('mended'))
    expect(nameIn(await reply)).toBe('mended')
    expect(await frontEnd.isAlive()).toBe(true)
  })
})

describe('a worker that is interrupted', () => {
  test('by process reports, between recvmmsg and whatever comes next, lives and loses nothing', async () => {
    const deaths: string[] = []
    const { ports, frontEnd } = await start(2, ['127.0.0.1'], deaths)
    const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(ports[0], '127.0.0.1')))
    for (let round = 1; round <= 20; round++) {
      const replies = sockets.map((socket) => ask(socket, round))
      // Each thread writes its part of the report, which leaves another errno behind.
      process.report.getReport()
      for (const reply of await Promise.all(replies)) expect(reply.readUInt16BE(0)).toBe(round)
    }
    expect(await frontEnd.isAlive()).toBe(true)
    expect(deaths).toEqual([])
  })
})

describe('closing', () => {
  test('ends idle workers and frees the port', async () => {
    const { frontEnd, ports } = await start(2, ['127.0.0.1', '::1'])
    open.splice(0)
    await frontEnd.close()
    const again = createSocket('udp4')
    again.bind(ports[0], '127.0.0.1')
    await once(again, 'listening')
    again.close()
  })
})
