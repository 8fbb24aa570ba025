// A server says that it answers when it has answered itself: each worker over UDP, and TCP, on each address.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import koffi from 'koffi'
import { afterEach, describe, expect, test } from 'vitest'
import { networksOf } from '../../src/app/treatment.ts'
import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { OPEN_POLICY, type Policy } from '../../src/dns/treatment.ts'
import { askControl } from '../../src/server/control.ts'
import { CounterSlice, Counters } from '../../src/server/counters.ts'
import { findUnanswered, type Target } from '../../src/server/self-check.ts'
import { responderFor } from '../../src/server/service.ts'
import { TcpFrontEnd } from '../../src/server/tcp.ts'
import type { MmsgFrontEnd } from '../../src/server/udp-mmsg.ts'
import { loadLibc } from '../../src/system/libc.ts'
import { openUdpSocket } from '../../src/system/udp-socket.ts'
import { COMPILED_DATA, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { NotifySocket } from '../support/notify-socket.ts'
import { smallTable } from '../support/small-table.ts'

const built = (await import(new URL('../../dist/server/udp-mmsg.js', import.meta.url).href)) as {
  MmsgFrontEnd: typeof MmsgFrontEnd
}

const ZONE = 'asnzone.internal'
const HOST = '127.0.0.1'
const LOOPBACK = Uint8Array.of(127, 0, 0, 1)
const definitions = readZoneDefinitions(undefined, [])
const table = smallTable()
const service = {
  table: table.buffer,
  definitions,
  zoneSetOptions: zoneSetOptions(loadSettings({}), table.metadata()),
}

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A front end that answers on a free port of 127.0.0.1. */
async function start(workers: number, policy: Policy = OPEN_POLICY) {
  const counters = new Counters(definitions.length)
  const frontEnd = await built.MmsgFrontEnd.create({
    workers,
    counters: (worker) => counters.handle(worker + 1),
    ring: () => null,
    onWorkerDeath: () => {},
  })
  open.push(() => frontEnd.close())
  const { port } = await frontEnd.bind({ host: HOST, port: 0, family: 4 }, LOOPBACK)
  await frontEnd.start({ ...service, treatment: policy })
  return { counters, port }
}

function check(
  counters: Counters,
  targets: readonly Partial<Target>[],
  options = {},
): Promise<readonly string[]> {
  const standard = { name: 'here', protocol: 'UDP' as const, host: HOST, port: 0, slices: [1], each: true }
  return findUnanswered(
    targets.map((target) => ({ ...standard, ...target })),
    {
      zone: ZONE,
      queriesOf: (slice) => counters.queriesOf(slice),
      isSilent: false,
      isOver: () => false,
      ...options,
    },
  )
}

describe('over UDP', () => {
  test.each([1, 4, 12])('%i workers, all well: each has answered', async (workers) => {
    const { counters, port } = await start(workers)
    const slices = Array.from({ length: workers }, (_, worker) => worker + 1)
    expect(await check(counters, [{ port, slices }])).toEqual([])
    for (const slice of slices) expect(counters.queriesOf(slice)).toBeGreaterThan(0)
  })

  test('a socket beside the worker’s that nobody reads: the other worker is named', async () => {
    const { counters, port } = await start(1)
    const libc = await loadLibc()
    const options = { family: 4 as const, address: LOOPBACK, receiveTimeout: 0, receiveBuffer: 65536 }
    const { fd } = openUdpSocket(libc, { ...options, port })
    open.push(() => libc.close(fd))
    expect(await check(counters, [{ port, slices: [1, 2] }])).toEqual(['here (UDP, worker 1)'])
  })

  test('a port that nobody has, and one that is silent', async () => {
    const silent = createSocket('udp4').bind(0, HOST)
    await once(silent, 'listening')
    open.push(() => silent.close())
    const targets = [
      { name: 'none', port: 1 },
      { name: 'silent', port: silent.address().port, slices: [1, 2] },
    ]
    expect(await check(new Counters(0), targets)).toEqual(['none (UDP)', 'silent (UDP)'])
  })

  test('replies from another program are none of ours', async () => {
    const other = createSocket('udp4').bind(0, HOST)
    await once(other, 'listening')
    open.push(() => other.close())
    other.on('message', (message, { port }) => {
      message[2] |= 0x80
      other.send(message, port, HOST)
    })
    expect(await check(new Counters(0), [{ port: other.address().port }])).toEqual(['here (UDP)'])
  })

  test('clients who are not allowed get silence, and we may be one: it is enough to be counted', async () => {
    const policy: Policy = { ...OPEN_POLICY, allow: networksOf('allow', []), deny: 'drop' }
    const { counters, port } = await start(2, policy)
    expect(await check(counters, [{ port, slices: [1, 2] }], { isSilent: true })).toEqual([])
  })

  test('a server that stops is waited for no longer', async () => {
    expect(await check(new Counters(0), [{ port: 1 }], { isOver: () => true })).toEqual([])
  })
})

describe('over TCP', () => {
  const tcp = { protocol: 'TCP' as const, slices: [0], each: false }

  test('answered', async () => {
    const counters = new Counters(definitions.length)
    const place = counters.handle(0)
    const frontEnd = new TcpFrontEnd({ connections: 4, perClient: 4, idle: 10_000 })
    open.push(() => frontEnd.close())
    const port = await frontEnd.bind({ host: HOST, port: 0, family: 4 })
    frontEnd.start(responderFor({ ...service, treatment: OPEN_POLICY }, place), new CounterSlice(place))
    expect(await check(counters, [{ ...tcp, port }])).toEqual([])
    expect(counters.queriesOf(0)).toBe(1)
  })

  test('not answered, by nobody or by another', async () => {
    const other = createServer((socket) => socket.on('data', () => socket.end('what?')))
    other.listen(0, HOST)
    await once(other, 'listening')
    open.push(() => other.close())
    const { port } = other.address() as { port: number }
    const targets = [
      { ...tcp, port: 1 },
      { ...tcp, port },
    ]
    expect(await check(new Counters(0), targets)).toEqual(['here (TCP)', 'here (TCP)'])
  })
})

describe('the running server', () => {
  test.each(['mmsg', 'dgram'])('UDP by %s: READY comes after its own queries', async (udp) => {
    const socket = new NotifySocket(false)
    open.push(() => socket.close())
    const directory = temporaryFolder()
    const options = ['--listen', '127.0.0.1:0', '--udp', udp, '--workers', '3', '--data-dir', directory]
    const cwd = temporaryFolder({
      'asnzone.yaml': 'feed: none\nsources: [{ what: override, from: o.csv, format: overrides }]\n',
      'o.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,LAN,DE\n',
    })
    const server = launch(serveCommand(options), { env: { ...process.env, NOTIFY_SOCKET: socket.name }, cwd })
    open.push(() => server.stop())
    await socket.until('READY=1')
    const status = await askControl(`${directory}/control.sock`, { command: 'status' })
    const { answer } = (status as unknown as { queries: { answer: number } }).queries
    // One over TCP, and one for each worker at least.
    expect(answer).toBeGreaterThanOrEqual(udp === 'mmsg' ? 4 : 2)
    expect(server.log.filter(({ level }) => level >= 40)).toEqual([])
  })

  test('an address that does not answer is named, and the server goes on', async () => {
    const libc = await loadLibc()
    const bound = openUdpSocket(libc, {
      family: 4,
      address: LOOPBACK,
      port: 0,
      receiveTimeout: 0,
      receiveBuffer: 65536,
    })
    open.push(() => libc.close(bound.fd))
    // Connected to another port, it takes no query of anybody else: as behind a firewall.
    const command = [
      'sh',
      '-c',
      'LISTEN_PID=$$ exec "$@"',
      'sh',
      ...serveCommand(['--data-dir', COMPILED_DATA]),
    ]
    const server = launch(command, {
      stdio: [connectTo(bound.fd, 9)],
      env: { ...process.env, LISTEN_FDS: '1' },
      cwd: temporaryFolder(),
    })
    open.push(() => server.stop())
    await server.ready
    expect(server.log.map(({ msg }) => msg)).toContain(
      `127.0.0.1:${bound.port} (UDP): a query of our own got no answer: is there a firewall? The server goes on`,
    )
  })
})

/** Connects a UDP socket to a port of 127.0.0.1. */
function connectTo(fd: number, port: number): number {
  const call = koffi.load(null).func('int connect(int fd, const uint8_t *address, uint length)')
  expect(call(fd, Uint8Array.of(2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), 16)).toBe(
    0,
  )
  return fd
}
