// Sockets that somebody else has bound: socket activation as systemd does it (sd_listen_fds(3)).

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { inheritedSockets } from '../../../src/system/inherited-sockets.ts'
import { loadLibc } from '../../../src/system/libc.ts'
import { addressOctets } from '../../../src/system/listen-address.ts'
import { openUdpSocket } from '../../../src/system/udp-socket.ts'
import { Asker } from '../../support/asker.ts'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../../support/conformance/launch.ts'
import { freePort } from '../../support/free-port.ts'
import { query, readMessage } from '../../support/message.ts'
import { framed, TcpClient } from '../../support/tcp-client.ts'
import { overTcp, overUdp } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** The first descriptor that is passed. */
const FIRST = 3

const F_GETFL = 3
const F_SETFL = 4
const O_NONBLOCK = 0o4000

const DATA = ['--data-dir', COMPILED_DATA]

const libc = await loadLibc()

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server that gets bound sockets with the environment that systemd gives. */
function activated(descriptors: readonly number[], args: readonly string[]): LaunchedServer {
  // The process that exec leaves behind is the one that the variable has to name.
  const shell = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh']
  const env = { ...process.env, LISTEN_FDS: String(descriptors.length), LISTEN_FDNAMES: 'one:other' }
  const server = launch([...shell, ...serveCommand([...DATA, ...args])], { stdio: descriptors, env })
  open.push(() => server.stop())
  return server
}

interface Bound {
  readonly descriptor: number
  readonly close: () => void
}

/** A bound UDP socket that nothing here reads from. */
function boundUdp(host: string): Bound & { readonly port: number } {
  const family = host.includes(':') ? 6 : 4
  const address = addressOctets({ host, port: 0, family })
  const { fd, port } = openUdpSocket(libc, {
    family,
    address,
    port: 0,
    receiveTimeout: 0,
    receiveBuffer: 65536,
  })
  return { descriptor: fd, port, close: () => libc.close(fd) }
}

async function boundTcp(host: string, port: number): Promise<Bound> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle
  return { descriptor: fd, close: () => server.close() }
}

/** Sockets of both protocols on one port, which may be taken for the second when it was free for the first. */
async function boundBoth(host: string) {
  for (let attempt = 1; ; attempt++) {
    const udpSocket = boundUdp(host)
    try {
      return { udpSocket, tcpSocket: await boundTcp(host, udpSocket.port), port: udpSocket.port }
    } catch (error) {
      udpSocket.close()
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === 20) throw error
    }
  }
}

describe.each(['mmsg', 'dgram'])('UDP by %s', (udp) => {
  test.each(['127.0.0.1', '::1'])(
    'sockets of both protocols on %s, which is not bound again',
    async (host) => {
      const { udpSocket, tcpSocket, port } = await boundBoth(host)
      // What --listen says does not count.
      const server = activated(
        [udpSocket.descriptor, tcpSocket.descriptor],
        ['--udp', udp, '--workers', '1', '--listen', '192.0.2.1:5300'],
      )
      udpSocket.close()
      tcpSocket.close()
      const addresses = await server.ready
      expect(addresses.map((address) => address.port)).toEqual([port])
      for (const transport of [overUdp({ host, port }), overTcp({ host, port })]) {
        expect((await new Asker(() => transport).ask(NAME)).answers).toHaveLength(1)
      }
    },
  )

  test('a TCP socket alone: it is said, and no worker is started that would have nothing to wait for', async () => {
    const { descriptor, close } = await boundTcp('127.0.0.1', 0)
    const server = activated([descriptor], ['--udp', udp, '--workers', '1'])
    close()
    const [address] = await server.ready
    expect((await new Asker(() => overTcp(address)).ask(NAME)).answers).toHaveLength(1)
    expect(await server.stop()).toBe(0)
    const complaints = server.log.filter(({ level, msg }) => level >= 40 && !msg.includes('data'))
    expect(complaints.map(({ msg }) => msg)).toEqual(['no UDP socket was passed on: only TCP is answered'])
  })

  test('a socket of one protocol alone', async () => {
    const { descriptor, port, close } = boundUdp('127.0.0.1')
    const server = activated([descriptor], ['--udp', udp, '--workers', '1'])
    close()
    await server.ready
    const address = { host: '127.0.0.1', port }
    expect((await new Asker(() => overUdp(address)).ask(NAME)).answers).toHaveLength(1)
    await expect(TcpClient.connect(address)).rejects.toThrow('ECONNREFUSED')
  })
})

test('a UDP socket that was passed blocks: a worker that waits in it takes no time', async () => {
  const { descriptor, close } = boundUdp('127.0.0.1')
  // The flag belongs to the socket, not to the process that has it open.
  libc.fcntl(descriptor, F_SETFL, libc.fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
  const server = activated([descriptor], ['--udp', 'mmsg'])
  close()
  await server.ready
  const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${server.pid}/fdinfo/${FIRST}`, 'utf8'))?.[1]
  expect(Number.parseInt(flags ?? '', 8) & O_NONBLOCK).toBe(0)
})

test('a descriptor that is not a socket: one line, exit 1', async () => {
  const server = activated([2], [])
  await expect(server.ready).rejects.toThrow(
    'it ended with 1: asnzone: socket activation: fd 3 is not a UDP or TCP socket',
  )
})

describe('the environment', () => {
  test.each([
    ['of another process', { LISTEN_PID: '1', LISTEN_FDS: '2' }],
    ['without a process', { LISTEN_FDS: '2' }],
    ['without a number', { LISTEN_PID: String(process.pid) }],
    ['without either', {}],
  ])('%s passes nothing, and is cleared', async (_, variables: NodeJS.ProcessEnv) => {
    const environment = { ...variables, LISTEN_FDNAMES: 'x', OTHER: 'stays' }
    expect(await inheritedSockets(environment)).toEqual({ dns: [], policy: [], whois: [] })
    expect(environment).toEqual({ OTHER: 'stays' })
  })

  test('with what is not a number is refused', async () => {
    const environment = { LISTEN_PID: String(process.pid), LISTEN_FDS: 'two' }
    await expect(inheritedSockets(environment)).rejects.toThrow("LISTEN_FDS is 'two'; systemd sets")
  })
})

const hasSystemd = spawnSync('systemd-socket-activate', ['--version']).status === 0

describe.skipIf(!hasSystemd)('systemd-socket-activate (skipped where it is not installed)', () => {
  /** Workers share a socket that was passed; one of them answers in the order in which queries come. */
  async function activatedBySystemd(args: readonly string[], port: number): Promise<void> {
    const command = ['systemd-socket-activate', ...args, '--listen', `127.0.0.1:${port}`]
    const server = launch([...command, ...serveCommand([...DATA, '--workers', '1'])])
    open.push(() => server.stop())
    await server.printed(`Listening on 127.0.0.1:${port}`)
  }

  test('UDP: the query that starts the server is answered', async () => {
    const port = await freePort()
    await activatedBySystemd(['--datagram'], port)
    const asker = new Asker(() => overUdp({ host: '127.0.0.1', port }))
    expect((await asker.ask(NAME)).answers).toHaveLength(1)
  })

  test('TCP: the connection that starts the server is answered', async () => {
    const port = await freePort()
    await activatedBySystemd([], port)
    const client = await TcpClient.connect({ host: '127.0.0.1', port })
    open.push(() => client.destroy())
    void client.write(framed(query(NAME)))
    expect(readMessage((await client.receive())!).answers).toHaveLength(1)
  })
})
